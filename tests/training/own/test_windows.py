"""Which face of a photo counts, and the window around it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from server.training.own.prepare import DETECTOR
from server.training.own.windows import LARGEST_WINDOW_PX, WINDOW, Found, face_in, window
from server.training.portrait import FACE, portrait
from server.vision.classifiers.preprocessing import crop_face
from server.vision.detectors import load
from server.vision.messages import Box, Detection


def seen(width: int, height: int, *boxes: Box) -> Found:
    return face_in(np.zeros((height, width, 3), np.uint8), lambda _: [Detection(box, 0.9) for box in boxes])


FRONT, BESIDE, BEHIND = Box(400, 90, 90, 100), Box(50, 100, 99, 80), Box(10, 10, 8, 10)


@pytest.mark.parametrize(
    ("boxes", "kept", "others"),
    [
        ([FRONT], FRONT, 0),
        ([BESIDE, FRONT, BEHIND], FRONT, 2),
        ([BESIDE, BEHIND], BESIDE, 1),
        ([Box(0, 0, 31, 32)], Box(0, 0, 31, 32), 0),
        ([Box(0, 0, 31, 31), BEHIND], None, 0),
        ([], None, 0),
    ],
)
def test_the_largest_face_counts(boxes: list[Box], kept: Box | None, others: int):
    assert seen(600, 400, *boxes) == Found(kept, others)


def test_our_detector_finds_the_portrait():
    detector, picture = load(DETECTOR), cv2.resize(portrait(), None, fx=3, fy=3)
    found = face_in(picture, lambda image: detector.detect(image, 0.5))
    assert found.box is not None
    assert found.box.iou(FACE.scaled(3, 3)) > 0.7
    assert (found.others, found.whole) == (0, False)


@pytest.mark.parametrize(
    ("width", "height", "whole"),
    [
        (100, 100, True),
        (224, 170, True),
        (256, 256, True),
        (257, 256, False),
        (200, 130, False),
        (130, 200, False),
        (36, 36, True),
        (34, 34, False),
    ],
)
def test_a_small_square_picture_without_a_face_is_one(width: int, height: int, whole: bool):
    found = seen(width, height)
    assert found.whole == whole
    if whole:
        left, top = pytest.approx(width * 0.05), pytest.approx(height * 0.05)
        assert found.box == Box(left, top, width * 0.9, height * 0.9)
    else:
        assert found == Found(None)


@pytest.mark.parametrize("margin", [1.0, 1.3, 1.7])
@pytest.mark.parametrize(
    ("box", "most"),
    # Beyond the photo's edge its last pixels are repeated: of the shrunk window or of the photo, which may differ.
    [(FACE, 8), (Box(-20, -10, 90, 80), 8), (Box(100, 80, 300, 400), 16)],
    ids=["inside", "at the edge", "shrunk, over the edge"],
)
def test_what_is_cut_out_of_a_window_is_what_would_be_cut_out_of_the_photo(box: Box, most: float, margin: float):
    pixels, inner = window(portrait(), box)
    assert pixels.shape == (*[min(round(box.size * WINDOW), LARGEST_WINDOW_PX)] * 2, 3)
    assert inner.size == pytest.approx(pixels.shape[0] / WINDOW)
    small = min(round(inner.size * margin), 64)
    from_photo, from_window = (
        crop_face(image, where, margin, small).astype(float) for image, where in ((portrait(), box), (pixels, inner))
    )
    assert np.abs(from_photo - from_window).mean() < most


def test_a_small_face_is_not_enlarged():
    pixels, inner = window(portrait(), Box(200, 100, 40, 40))
    assert pixels.shape == (72, 72, 3)
    assert inner == Box(16, 16, 40, 40)
