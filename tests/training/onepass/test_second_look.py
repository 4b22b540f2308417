"""The network that looks again: cut out of RetinaFace, and taught."""

from __future__ import annotations

from pathlib import Path

import cv2
import keras
import numpy as np
import pytest

from server.training.compression import to_litert
from server.training.onepass import recipe
from server.training.onepass.looks import WEIGHTS, LookBatches, learned
from server.training.onepass.second_look import CROP_MARGIN, SIZE, STRIDE, build, read_convolutions
from server.training.onepass.sources import Source, Sources
from server.training.onepass.targets import Truth
from server.training.portrait import portrait
from server.vision.classifiers.preprocessing import crop_face
from server.vision.detectors.retinaface import MEAN_BGR, read_weights
from server.vision.detectors.second_look import LiteRTFace
from server.vision.messages import Box

FACE = Box(172, 70, 104, 124)
"""Of the portrait, in pixels."""
ELSEWHERE = [Box(300, 300, 90, 90), Box(20, 20, 60, 60)]
LOOKS = recipe.Looks(below=0.6, epochs=2, learning_rate=1e-4, batch_size=4, pictures_an_epoch=8)
RECIPE = recipe.load("onepass").model_copy(update={"second_look": LOOKS})


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return build(read_convolutions(read_weights()))


@pytest.fixture(scope="module")
def file(model: keras.Model) -> bytes:
    return to_litert(model)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    path = str(tmp_path_factory.mktemp("looks") / "portrait.png")
    cv2.imwrite(path, portrait()[..., ::-1])
    truth = Truth(corners(FACE), [1], corners()[:0])
    mistaken = np.column_stack([corners(*ELSEWHERE), [0.3, 0.2]]).astype(np.float32)
    return Sources([Source(path, truth, mistaken)], [Source(path, truth)], 3, 0.5)


def corners(*boxes: Box) -> np.ndarray:
    found = [(box.x, box.y, box.x + box.width, box.y + box.height) for box in boxes]
    return np.array(found, np.float32).reshape(-1, 4)


def test_it_answers_as_the_whole_network_does(file: bytes):
    from onnxruntime import InferenceSession

    whole = InferenceSession(read_weights(), providers=["CPUExecutionProvider"])
    look, image, said = LiteRTFace(file), portrait(), []
    for box in (FACE, Box(190, 90, 70, 70), *ELSEWHERE):
        picture = crop_face(image, box, CROP_MARGIN, SIZE).astype(np.float32)
        maps = (picture[..., ::-1] - np.array(MEAN_BGR, np.float32)).transpose(2, 0, 1)[None]
        probabilities = whole.run(None, {"input": maps})[1][0, :, 1]
        fine, side = 2 * (SIZE // 8) ** 2, SIZE // STRIDE
        cells = probabilities[fine : fine + 2 * side**2].reshape(side, side, 2)
        said.append(look(picture))
        assert said[-1] == pytest.approx(cells[2:-2, 2:-2].max(), abs=1e-4)
    assert said[0] > 0.99
    assert max(said[2:]) < 0.1


def test_half_of_what_it_learns_from_is_taken_for_faces(sources: Sources):
    batches = LookBatches(sources, RECIPE, LOOKS, seed=2)
    pictures, faces = batches[1]
    assert pictures.shape == (4, SIZE, SIZE, 3)
    assert pictures.max() > 100
    assert faces.tolist() == [0, 1, 0, 1]
    assert len(batches) == 2
    assert (LookBatches(sources, RECIPE, LOOKS, seed=2)[1][0] == pictures).all()
    batches.on_epoch_end()
    assert not np.array_equal(batches[1][0], pictures)


def test_what_it_learned_is_kept_and_not_learned_twice(sources: Sources, file: bytes, tmp_path: Path):
    look = learned(sources, RECIPE, tmp_path, seed=1)
    assert look is not None
    info, weights = look
    assert (info.below, info.input_size) == (0.6, SIZE)
    assert weights != file
    stored = (tmp_path / WEIGHTS).read_bytes()
    assert learned(sources, RECIPE, tmp_path, seed=9) == look
    assert (tmp_path / WEIGHTS).read_bytes() == stored
    without = RECIPE.model_copy(update={"second_look": None})
    assert learned(sources, without, tmp_path, seed=1) is None
    nothing_mistaken = Sources(sources.windows, sources.windows, 3, 0.5)
    untaught = learned(nothing_mistaken, RECIPE, tmp_path / "untaught", seed=1)
    assert untaught is not None
    assert untaught[1] == file
