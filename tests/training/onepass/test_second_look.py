"""The network that looks again says what RetinaFace says, of which it was cut."""

from __future__ import annotations

import numpy as np
import pytest

from server.training.onepass.second_look import CROP_MARGIN, SIZE, STRIDE, second_look
from server.training.portrait import portrait
from server.vision.classifiers.preprocessing import crop_face
from server.vision.detectors.retinaface import MEAN_BGR, read_weights
from server.vision.detectors.second_look import LiteRTFace
from server.vision.messages import Box

FACE = Box(172, 70, 104, 124)
"""Of the astronaut, in pixels of skimage's picture."""


@pytest.fixture(scope="module")
def face() -> LiteRTFace:
    info, weights = second_look(0.7)
    assert (info.below, info.input_size, info.preprocessing.crop_margin) == (0.7, SIZE, CROP_MARGIN)
    return LiteRTFace(weights)


def test_it_answers_as_the_whole_network_does(face: LiteRTFace):
    from onnxruntime import InferenceSession

    image = portrait()
    whole = InferenceSession(read_weights(), providers=["CPUExecutionProvider"])
    said = []
    for box in (FACE, Box(190, 90, 70, 70), Box(300, 300, 90, 90), Box(20, 20, 60, 60)):
        picture = crop_face(image, box, CROP_MARGIN, SIZE).astype(np.float32)
        maps = (picture[..., ::-1] - np.array(MEAN_BGR, np.float32)).transpose(2, 0, 1)[None]
        probabilities = whole.run(None, {"input": maps})[1][0, :, 1]
        fine, side = 2 * (SIZE // 8) ** 2, SIZE // STRIDE
        cells = probabilities[fine : fine + 2 * side**2].reshape(side, side, 2)
        said.append(face(picture))
        assert said[-1] == pytest.approx(cells[2:-2, 2:-2].max(), abs=1e-4)
    assert said[0] > 0.99
    assert max(said[2:]) < 0.1
