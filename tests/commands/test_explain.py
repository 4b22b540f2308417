"""`python -m server explain`: a picture that shows what decided."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures

from server.training.portrait import FACE, masked_portrait
from server.vision.annotate import COLOURS
from tests.commands.tiny import Trained, run


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Pictures.fromarray(masked_portrait()).save(tmp_path / "masked.png")
    return tmp_path / "masked.png"


def test_the_mask_glows_and_the_far_corner_does_not(photo: Path, tmp_path: Path):
    result = run("explain", photo, "--out", tmp_path / "why.png")
    assert result.exit_code == 0, result.output
    assert "why.png: 1 face, bright where it decided." in result.stdout
    drawn = np.asarray(Pictures.open(tmp_path / "why.png").convert("RGB")).astype(int)
    changed = np.abs(drawn - masked_portrait()).max(axis=2)
    lower = changed[int(FACE.y + FACE.height / 2) : int(FACE.y + FACE.height), int(FACE.x) : int(FACE.x + FACE.width)]
    assert (lower > 30).mean() > 0.05, "nothing glows on the mask"
    assert (changed[400:] == 0).all()
    assert (drawn == COLOURS["with_mask"]).all(axis=2).any()


def test_the_name_is_made_from_photo_and_model(photo: Path, tmp_path: Path, monkeypatch):
    (tmp_path / "here").mkdir()
    models = Path("models").resolve()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("MASKGATE_MODELS_DIR", str(models))
    assert run("explain", photo).exit_code == 0
    assert [file.name for file in Path().iterdir()] == ["masked-mobilenetv2.png"]


def test_what_cannot_be_explained(photo: Path, tmp_path: Path):
    broken, empty = tmp_path / "broken.jpg", tmp_path / "empty.png"
    broken.write_text("no picture")
    Pictures.new("RGB", (200, 200)).save(empty)
    for arguments, says in (
        ((broken,), "not a JPEG, PNG or WebP"),
        ((empty,), "no face was found in"),
        ((photo, "--model", "lenet"), "The default model is 'lenet'"),
        ((photo, "--out", tmp_path / "none" / "x.png"), "could not be written"),
    ):
        result = run("explain", *arguments)
        assert result.exit_code == 1
        assert says in result.stderr
        assert "Traceback" not in result.output


def test_a_training_at_hand_is_asked_itself(photo: Path, tiny: None, trained: Trained, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MASKGATE_MODELS_DIR", str(trained.models))
    result = run("explain", photo, "--model", "tiny", "--grad-cam", "--runs", trained.runs)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "masked-tiny-grad-cam.png").is_file()


def test_a_model_without_its_training_is_named(photo: Path, tmp_path: Path):
    result = run("explain", photo, "--grad-cam", "--runs", tmp_path)
    assert result.exit_code == 1
    assert "best.weights.h5 is missing: train the model first (python -m server train mobilenetv2)." in result.stderr
