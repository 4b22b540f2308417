"""A model folder that is put beside the others while the server runs: by REST and by socket, in both async modes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.vision.engine.test_models import PICTURE, THREE, TWO, put
from tests.web.running import MODES, PATIENCE, REAL, Running, running


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    put(tmp_path, THREE)
    return tmp_path


@pytest.fixture(params=MODES)
def server(request: pytest.FixtureRequest, models_dir: Path) -> Iterator[Running]:
    settings = {"models_dir": models_dir, "model": THREE, "detector": "retinaface-320", "workers": 1}
    with running(REAL, async_mode=request.param, **settings) as server:
        yield server


def detect(server: Running, model: str) -> requests.Response:
    url = f"{server.url}/api/v1/detect?model={model}"
    return requests.post(url, PICTURE, headers={"Content-Type": "image/png"}, timeout=PATIENCE)


def listed(server: Running) -> list[str]:
    return [model["name"] for model in requests.get(f"{server.url}/api/v1/models", timeout=PATIENCE).json()]


def configured(client: Any, model: str) -> str:
    """What a stream is told to use once it asked for a model, or the code of the refusal."""
    answer = client.call("configure", {"model": model}, timeout=PATIENCE)
    return answer.get("model") or answer["error"]["code"]


def test_a_model_put_there_can_be_had_and_one_taken_away_cannot(server: Running, models_dir: Path):
    client = server.client()
    try:
        assert detect(server, "mine").status_code == 404
        assert configured(client, "mine") == "unknown_model"

        put(models_dir, TWO, "mine")
        assert configured(client, "mine") == "mine"
        client.emit("frame", ({"id": 1}, PICTURE))
        event, message = client.receive(PATIENCE)
        assert (event, message["model"]) == ("result", "mine")
        assert set(message["faces"][0]["probabilities"]) == {"with_mask", "without_mask"}
        assert detect(server, "mine").json()["model"] == "mine"
        assert listed(server) == ["mine", THREE]

        (models_dir / "mine" / "card.json").write_text("{")
        assert listed(server) == [THREE]
        assert detect(server, "mine").status_code == 404
        shutil.rmtree(models_dir / "mine")
        client.emit("frame", ({"id": 2}, PICTURE))
        event, message = client.receive(PATIENCE)
        assert (event, message["code"]) == ("refused", "unknown_model")
        assert configured(client, THREE) == THREE
        assert detect(server, THREE).status_code == 200
    finally:
        client.disconnect()
    assert sum("A model is left out" in line for line in server.said) == 1
