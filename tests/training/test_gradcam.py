"""Grad-CAM finds the place that a network's answer hangs on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from server.training import recipes
from server.training.gradcam import GradCam
from server.training.run import RunError
from server.vision.classifiers.card import Card
from server.vision.messages import Box
from tests.vision.engine.conftest import tiny_card

SIZE = 64
FACE = Box(20, 10, 60, 80)


def looks_for_red(input_size: int, labels: int, dropout: float, weights: str | None) -> keras.Model:
    """More red anywhere speaks for the first label, more blue for the second."""
    picture = keras.Input((input_size, input_size, 3))
    features = keras.layers.Conv2D(2, 4, strides=4, use_bias=False, name="colours")(picture)
    return keras.Model(picture, keras.layers.Dense(labels, use_bias=False)(keras.layers.Flatten()(features)))


def of(**training: object) -> Card:
    return tiny_card().model_copy(update={"training": training})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setitem(sys.modules, "server.training.architectures.red", SimpleNamespace(build=looks_for_red))
    recipe = recipes.load("mobilenetv2-binary").model_copy(
        update={"architecture": "red", "input_size": SIZE, "network": {}}
    )
    model = looks_for_red(SIZE, 2, 0, None)
    kernel = np.zeros((4, 4, 3, 2), np.float32)
    kernel[..., 0, 0] = kernel[..., 2, 1] = 1
    model.layers[1].set_weights([kernel])
    dense = np.zeros((SIZE // 4 * SIZE // 4 * 2, 2), np.float32)
    dense[0::2, 0] = dense[1::2, 1] = 1
    model.layers[-1].set_weights([dense])
    model.save_weights(tmp_path / "best.weights.h5")
    record = {"seed": 1, "suspects": False, "recipe": recipe.model_dump(mode="json"), "data": "0"}
    (tmp_path / "run.json").write_text(json.dumps(record))
    return tmp_path


def test_the_place_that_speaks_for_a_label_is_found(folder: Path):
    image = np.zeros((120, 120, 3), np.uint8)
    image[30:40, 30:40, 0] = image[70:80, 60:70, 2] = 255
    look = GradCam(folder, of(seed=1, data_sha256="0")).sensitivity
    for label, (x, y) in (("with_mask", (35, 35)), ("without_mask", (65, 75))):
        seen = look(image, FACE, label)
        side = FACE.size * 1.3
        row, column = np.unravel_index(np.argmax(seen), seen.shape)
        assert FACE.x + FACE.width / 2 + ((column + 0.5) / len(seen) - 0.5) * side == pytest.approx(x, abs=8)
        assert FACE.y + FACE.height / 2 + ((row + 0.5) / len(seen) - 0.5) * side == pytest.approx(y, abs=8)
        assert (seen >= 0).all()


def test_a_folder_without_a_training(tmp_path: Path):
    with pytest.raises(RunError, match=r"best\.weights\.h5 is missing: train the model first"):
        GradCam(tmp_path, of(seed=1, data_sha256="0"))


@pytest.mark.parametrize("training", [{"seed": 2, "data_sha256": "0"}, {"seed": 1, "data_sha256": "1"}, {}])
def test_another_models_training_is_not_asked(folder: Path, training: dict):
    with pytest.raises(RunError, match=f"{folder} did not make the model tiny"):
        GradCam(folder, of(**training))
