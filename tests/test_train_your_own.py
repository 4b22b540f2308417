"""docs/train-your-own.md, followed command by command with drawn faces and a recipe that trains in seconds."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
import requests
from click.testing import Result

from server.training.made_up import write_photos
from server.training.portrait import portrait
from tests.commands import tiny
from tests.vision.engine.test_models import THREE, put
from tests.web.running import PATIENCE, REAL, running

PAGE = (Path(__file__).parents[1] / "docs" / "train-your-own.md").read_text(encoding="utf-8")
COMMANDS = [
    command
    for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for command in block.splitlines()
]
PROGRAM, ADDRESS = ".venv/bin/python -m server ", "http://127.0.0.1:8000"
NAME = "mobilenetv2-my-photos"


@pytest.fixture
def followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder as the reader has it: the shipped model, photos, and `mobilenetv2` as a recipe of seconds."""
    (tmp_path / "models").mkdir()
    put(tmp_path / "models", THREE)
    write_photos(tmp_path / "my-photos", 24)
    cv2.imwrite(str(tmp_path / "photo.jpg"), cv2.cvtColor(portrait(), cv2.COLOR_RGB2BGR))
    monkeypatch.chdir(tmp_path)
    with tiny.tiny_recipe(tmp_path / "recipes"):
        recipe = (tmp_path / "recipes" / "tiny.toml").read_text(encoding="utf-8")
        recipe = recipe.replace('weights = "imagenet"', 'weights = "none"')
        (tmp_path / "recipes" / "mobilenetv2.toml").write_text(recipe, encoding="utf-8")
        yield tmp_path


def program(command: str) -> Result:
    """Run `python -m server …` here, where the recipe is small."""
    result = tiny.run(*shlex.split(command.removeprefix(PROGRAM)))
    assert result.exit_code == 0, f"{command}\n{result.output}"
    return result


def curl(command: str, url: str) -> requests.Response:
    """What `curl -F image=@FILE URL` sends, to the server that is up."""
    _, _, form, target = shlex.split(command)
    field, _, file = form.partition("=@")
    with Path(file).open("rb") as picture:
        return requests.post(target.replace(ADDRESS, url), files={field: picture}, timeout=PATIENCE)


def test_every_command_does_what_the_page_says(followed: Path):
    start, look, train, own, shipped, ask, default, later = COMMANDS
    assert start == "make run"
    assert default == f"MASKGATE_MODEL={NAME} make run"
    assert all(command.startswith(PROGRAM) for command in (look, train, own, shipped, later))
    settings = {"models_dir": followed / "models", "workers": 1}

    with running(REAL, **settings) as server:
        assert curl(ask, server.url).status_code == 404
        program(look)
        faces = followed / "runs" / NAME / "data" / "faces"
        assert {path.name for path in faces.iterdir()} == {"with_mask", "without_mask", "incorrect"}
        trained = program(train).stdout.strip().splitlines()
        assert trained[-2].startswith(f"models/{NAME} is ready; accuracy on test ")
        for command in (own, shipped):
            assert "| source:own |" in program(command).stdout
        answer = curl(ask, server.url).json()
        assert answer["model"] == NAME
        assert len(answer["faces"]) == 1
        listed = requests.get(f"{server.url}/api/v1/models", timeout=PATIENCE).json()
        assert [(model["title"], model["default"]) for model in listed if model["name"] == NAME] == [(NAME, False)]
        program(later)
        assert curl(ask.replace(NAME, "entrance-2"), server.url).json()["model"] == "entrance-2"

    variable, value = default.split()[0].removeprefix("MASKGATE_").split("=")
    with running(REAL, **settings, **{variable.lower(): value}) as server:
        assert curl(ask.partition("?")[0] + '"', server.url).json()["model"] == NAME


def test_what_stays_on_the_disk_is_what_the_page_says(followed: Path):
    program(next(command for command in COMMANDS if "train mobilenetv2" in command and "--faces-only" not in command))
    folder = followed / "models" / NAME
    files = {"model.tflite", "card.json", "README.md", "predictions.csv", "pictures"}
    assert {path.name for path in folder.iterdir()} == files
    card = (folder / "card.json").read_text()
    assert ".jpg" not in card
    photos = {path.name for path in (followed / "my-photos").rglob("*.jpg")}
    for name in ("README.md", "predictions.csv"):
        named = re.findall(r"[^\s/|,]+\.jpg", (folder / name).read_text())
        assert photos
        assert not photos & set(named)
    assert str(followed) not in card
    assert set(followed.rglob("*.jpg")) == {
        followed / "photo.jpg",
        *(followed / "my-photos").rglob("*.jpg"),
        *(followed / "runs" / NAME / "data" / "faces").rglob("*.jpg"),
    }


def test_numbers_on_the_page_are_the_codes():
    from server.training.own import prepare, windows

    assert f"At least {prepare.LEAST} photos of each class" in PAGE
    assert f"({windows.LARGEST_CROP_PX} px at most)" in PAGE
