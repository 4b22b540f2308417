"""What every detector must do, whichever network it runs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import cv2
import numpy as np
import pytest

from server.training.portrait import FACE, LANDMARKS, masked_portrait, portrait
from server.vision import detectors
from server.vision.detectors import Detector
from server.vision.detectors.suppression import MAX_CANDIDATES
from server.vision.messages import Box, Detection, Image

NAMES = [info.name for info in detectors.infos()]
SEEING_MASKS = [name for name in NAMES if name != "haar"]
WITH_LANDMARKS = [info.name for info in detectors.infos() if info.landmarks]

load = lru_cache(maxsize=1)(detectors.load)


@pytest.fixture(scope="module", autouse=True)
def _unload() -> Iterator[None]:
    yield
    load.cache_clear()


def find(name: str, image: Image) -> list[Detection]:
    return load(name).detect(image, detectors.info(name).min_score)


def only(found: list[Detection]) -> Detection:
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("name", NAMES)
def test_the_bare_face_is_found_where_it_is(name: str) -> None:
    assert only(find(name, portrait())).box.iou(FACE) > 0.65


@pytest.mark.parametrize("name", SEEING_MASKS)
def test_the_masked_face_is_found_where_it_is(name: str) -> None:
    assert only(find(name, masked_portrait())).box.iou(FACE) > 0.65


@pytest.mark.parametrize("name", WITH_LANDMARKS)
@pytest.mark.parametrize("mirrored", [False, True])
def test_landmarks_lie_on_eyes_nose_and_mouth(name: str, mirrored: bool) -> None:
    image, expected = portrait(), np.array(LANDMARKS, np.float32)
    if mirrored:  # left and right are the picture's
        image, expected = image[:, ::-1], expected[[1, 0, 2, 4, 3]]
        expected[:, 0] = image.shape[1] - 1 - expected[:, 0]
    if name.startswith("blazeface"):  # knows the mouth's centre alone
        expected[3:] = expected[3:].mean(axis=0)
    landmarks = only(find(name, image)).landmarks
    assert landmarks is not None
    assert landmarks.dtype == np.float32
    assert np.linalg.norm(landmarks - expected, axis=1).max() < 0.12 * FACE.size


def test_a_detector_without_landmarks_says_so() -> None:
    assert only(find("haar", portrait())).landmarks is None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("top", "bottom", "left", "right"),
    [(0, 0, 0, 150), (0, 0, 100, 0), (80, 0, 0, 0), (0, 120, 10, 0)],
    ids=["wide", "wide, at the right", "tall, at the bottom", "tall"],
)
def test_the_picture_around_a_face_may_have_any_shape(name: str, top: int, bottom: int, left: int, right: int) -> None:
    near = portrait()[20:320, 70:370]
    image = cv2.copyMakeBorder(near, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(90, 90, 90))
    moved = Box(FACE.x - 70 + left, FACE.y - 20 + top, FACE.width, FACE.height)
    assert max(face.box.iou(moved) for face in find(name, image)) > 0.6


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_boxes_are_in_pixels_of_the_picture_whatever_its_size(name: str, scale: float) -> None:
    image = cv2.resize(portrait(), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    assert max(face.box.iou(FACE.scaled(scale, scale)) for face in find(name, image)) > 0.6


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (37, 5), (4096, 2)])
def test_odd_shapes_break_nothing(name: str, shape: tuple[int, int]) -> None:
    assert find(name, np.full((*shape, 3), 127, np.uint8)) == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_found_in_an_even_grey(name: str) -> None:
    assert find(name, np.full((480, 640, 3), 127, np.uint8)) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_threshold_holds_and_moves_no_box(name: str) -> None:
    detector: Detector = load(name)
    every = detector.detect(masked_portrait(), 0.0)
    assert len(every) <= MAX_CANDIDATES
    strict = detector.detect(masked_portrait(), 0.3)
    assert sorted((face.box.x, face.score) for face in every if face.score >= 0.3) == sorted(
        (face.box.x, face.score) for face in strict
    )
    best = max(face.score for face in every)
    assert detector.detect(masked_portrait(), np.nextafter(best, 2)) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_is_left_as_it_was(name: str) -> None:
    image = portrait()
    image.flags.writeable = False
    find(name, image)
    assert np.array_equal(image, portrait())
