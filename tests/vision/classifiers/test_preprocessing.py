"""Cutting out faces: one function for training and serving."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image as Pictures

from server.vision.classifiers.card import Preprocessing
from server.vision.classifiers.preprocessing import crop_face, face_input, to_input
from server.vision.messages import Box

HOW = Preprocessing(crop_margin=1.3, scale=1 / 127.5, offset=-1)


def gradient(height: int = 100, width: int = 120) -> np.ndarray:
    """Red grows to the right, green downwards: a crop's place can be read from its colours."""
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = np.arange(width)[None, :]
    image[..., 1] = np.arange(height)[:, None]
    return image


def test_crop_is_a_square_around_the_middle_of_the_box():
    crop = crop_face(gradient(), Box(40, 30, 20, 40), 1.5, 60)
    # Longer side 40, margin 1.5: a square of 60 px around (50, 50), pixel for pixel.
    assert crop.shape == (60, 60, 3)
    assert (crop[0, 0] == [20, 20, 0]).all()
    assert (crop[59, 59] == [79, 79, 0]).all()


def test_outside_the_picture_repeats_the_edge():
    crop = crop_face(gradient(), Box(-20, -20, 40, 40), 1.0, 40)
    assert (crop[:20, :20] == 0).all()
    assert (crop[30, 30] == [10, 10, 0]).all()


@pytest.mark.parametrize(
    "box",
    [
        Box(200, 200, 30, 30),
        Box(-300, 10, 20, 20),
        Box(0, 0, 1e6, 1e6),
        Box(50, 50, 0.01, 0.01),
        Box(119, 99, 5, 5),
        Box(-1e5, -1e5, 2e5, 2e5),
    ],
    ids=["outside", "far left", "huge", "tiny", "corner", "huge around"],
)
def test_any_box_gives_a_whole_crop(box: Box):
    assert crop_face(gradient(), box, 1.3, 32).shape == (32, 32, 3)


@pytest.mark.parametrize(("pixel", "value"), [(0, -1), (255, 1), (127.5, 0)])
def test_pixels_are_scaled_as_the_card_says(pixel: float, value: float):
    assert to_input(np.full((2, 2, 3), pixel), HOW) == pytest.approx(np.full((2, 2, 3), value), abs=1e-6)


def test_training_and_serving_prepare_a_face_alike(tmp_path):
    """What the network is fed in validation is what `LiteRTClassifier` feeds it for the same picture and box."""
    from server.training.batches import PlainBatches
    from server.training.dataset import box_of
    from server.training.recipes import load

    recipe = load("mobilenetv2")
    rng = np.random.default_rng(0)
    path = tmp_path / "face.png"
    Pictures.fromarray(rng.integers(0, 255, (90, 80, 3), np.uint8)).save(path)
    rows = pd.DataFrame([{"path": str(path), "label": "with_mask", "x": 11.5, "y": 7.2, "width": 40.1, "height": 55.0}])
    (inputs, _targets) = PlainBatches(rows, recipe)[0]
    served = face_input(np.asarray(Pictures.open(path)), box_of(rows.iloc[0]), recipe.preprocessing, recipe.input_size)
    assert (inputs[0] == served).all()
