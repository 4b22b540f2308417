"""The exported network answers as Keras does."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from server.training.onepass.compression import share_changed, to_litert
from server.vision.detectors.onepass import LiteRTNetwork
from server.vision.messages import Box, Detection
from tests.training.onepass.tiny import network


@pytest.fixture(scope="module")
def model() -> keras.Model:
    keras.utils.set_random_seed(4)
    return network(3)


@pytest.mark.parametrize("whole_numbers", [False, True])
def test_it_answers_like_keras_whichever_way_a_picture_stands(model: keras.Model, whole_numbers: bool):
    rng = np.random.default_rng(0)
    pictures = [rng.uniform(-1, 1, shape).astype(np.float32) for shape in ((64, 96, 3), (96, 64, 3)) * 3]
    exported = LiteRTNetwork(to_litert(model, pictures if whole_numbers else None), 3)
    for picture in pictures:
        expected = keras.ops.convert_to_numpy(model(picture[None]))[0]
        apart = 0.1 * float(expected.std()) if whole_numbers else 1e-4
        assert exported(picture) == pytest.approx(expected, abs=apart)


def test_changes_are_faces_lost_new_and_of_another_label():
    def face(x: float, label: str = "with_mask") -> Detection:
        return Detection(Box(x, 0, 10, 10), 0.9, probabilities={label: 0.9, "incorrect": 0.05})

    assert share_changed([([face(0)], [face(1)])]) == 0
    assert share_changed([([face(0), face(40)], [face(0)])]) == 0.5
    assert share_changed([([face(0)], [face(0), face(40)])]) == 0.5
    assert share_changed([([face(0)], [face(0, "without_mask")])]) == 1
    assert share_changed([([], [])]) == 0
