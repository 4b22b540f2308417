"""`python -m server serve`, as it is: real workers, real pictures, both async modes, no terminal."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from io import BytesIO

import psutil
import pytest
import requests
from PIL import Image as Pictures

from server.training.portrait import portrait
from server.vision.messages import LABELS, UNSURE
from tests.web.running import MODES, PATIENCE, REAL, Running, ask, begin, running


def picture(kind: str = "JPEG") -> bytes:
    file = BytesIO()
    Pictures.fromarray(portrait()).save(file, kind, quality=85)
    return file.getvalue()


@pytest.fixture(scope="module", params=MODES)
def server(request: pytest.FixtureRequest) -> Iterator[Running]:
    with running(REAL, async_mode=request.param, workers=1) as running_server:
        yield running_server


def test_a_face_is_found_by_socket_and_by_rest_alike(server: Running):
    client = server.client()
    event, streamed = ask(client, 1, picture())
    posted = requests.post(
        f"{server.url}/api/v1/detect", files={"image": ("a.jpg", picture())}, timeout=PATIENCE
    ).json()
    client.disconnect()
    assert event == "result"
    (face,) = posted["faces"]
    assert streamed["faces"] == [face | {"track": 1, "settled": False}], "a stream has a past, a picture has none"
    assert face["label"] in (*LABELS, UNSURE)
    assert (streamed["width"], streamed["height"]) == (512, 512)
    assert 0.25 < face["box"]["x"] + face["box"]["width"] / 2 < 0.6


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "no_image"), (b"a picture, believe me", "not_an_image"), (picture()[:9000], "not_an_image")],
    ids=["empty", "text", "truncated"],
)
def test_a_frame_that_is_no_picture_is_refused_and_the_stream_goes_on(server: Running, data: bytes, code: str):
    client = server.client()
    event, message = ask(client, 1, data)
    assert (event, message["code"]) == ("refused", code)
    assert ask(client, 2, picture("PNG"))[0] == "result"
    client.disconnect()


def test_another_detector_is_loaded_when_asked_for(server: Running):
    client = server.client()
    assert client.call("configure", {"detector": "blazeface-back"})["detector"] == "blazeface-back"
    assert ask(client, 1, picture())[1]["detector"] == "blazeface-back"
    client.disconnect()


def test_what_can_be_asked_for(server: Running):
    models = requests.get(f"{server.url}/api/v1/models", timeout=PATIENCE).json()
    assert [model["name"] for model in models if model["default"]] == ["onepass"]
    detectors = requests.get(f"{server.url}/api/v1/detectors", timeout=PATIENCE).json()
    assert {"retinaface-640", "blazeface-back", "haar"} <= {detector["name"] for detector in detectors}


def test_neither_server_nor_worker_loads_tensorflow_and_the_server_no_vision(server: Running):
    (worker,) = server.workers()
    loaded = {
        name: maps(process) for name, process in (("server", psutil.Process(server.process.pid)), ("worker", worker))
    }
    assert "/ai_edge_litert/" in loaded["worker"], "what a worker does load must be seen, or the rest proves nothing"
    assert not any("/tensorflow/" in text for text in loaded.values())
    assert not any(f"/{package}/" in loaded["server"] for package in ("ai_edge_litert", "onnxruntime", "cv2"))


def maps(process: psutil.Process) -> str:
    return "\n".join(region.path for region in process.memory_maps())


def said(**settings: object) -> tuple[int, str]:
    """Exit code and words of a server that does not start."""
    process = begin(REAL, **settings)
    words, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, words


@pytest.mark.parametrize("mode", MODES)
def test_a_taken_port_is_told_in_one_line(mode: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, words = said(async_mode=mode, port=taken.getsockname()[1])
    assert code == 1
    assert "is taken; stop what uses it, or choose another" in words
    assert len(words.strip().splitlines()) == 1, words


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "settings", [{"host": "0.0.0.0"}, {"host": "::"}, {"public_url": "https://a.b"}, {"proxies": 1}]
)
def test_a_start_that_lets_others_in_without_a_password_is_refused_with_the_cure(
    mode: str, settings: dict[str, object]
):
    code, words = said(async_mode=mode, **settings)
    assert code == 2
    assert "needs a password first; set one: python -m server set-password" in words
    assert len(words.strip().splitlines()) == 1, words


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"model": "nobody"}, "mobilenetv2"),
        ({"detector": "nobody"}, "haar, onepass, retinaface-320"),
        ({"models_dir": "nowhere"}, "no model at all"),
    ],
)
def test_a_default_that_is_missing_is_told_in_one_line(settings: dict[str, object], word: str):
    code, words = said(**settings)
    assert code == 1
    assert word in words
    assert len(words.strip().splitlines()) == 1, words
