"""Measures of how well a face can be seen."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from server.training.portrait import FACE, portrait
from server.vision.messages import Box
from server.vision.quality import sharpness_and_brightness, turn


def landmarks(nose_x: float) -> np.ndarray:
    return np.array([[30, 40], [70, 40], [nose_x, 60], [35, 80], [65, 80]], np.float32)


@pytest.mark.parametrize(("nose_x", "expected"), [(50, 0), (60, 0.25), (40, 0.25), (70, 0.5), (90, 1.0)])
def test_turn_is_the_noses_way_from_the_middle_in_eye_distances(nose_x: float, expected: float):
    assert turn(landmarks(nose_x)) == pytest.approx(expected)


def test_tilting_the_head_is_not_turning_it():
    angle = np.radians(30)
    tilt = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    assert turn((landmarks(60) @ tilt.T).astype(np.float32)) == pytest.approx(0.25, abs=1e-5)


def test_eyes_on_one_spot_are_turned_beyond_measure():
    assert turn(np.zeros((5, 2), np.float32)) == float("inf")


def test_blur_lowers_sharpness_and_shade_does_not():
    image = portrait()
    sharp, bright = sharpness_and_brightness(image, FACE)
    blurred, _ = sharpness_and_brightness(cv2.GaussianBlur(image, (0, 0), FACE.size / 8), FACE)
    dim, dark = sharpness_and_brightness((image // 4).astype(np.uint8), FACE)
    assert blurred < sharp / 3
    assert dim == pytest.approx(sharp, rel=0.2)
    assert dark == pytest.approx(bright / 4, abs=2)


def test_a_plain_patch_has_no_sharpness():
    assert sharpness_and_brightness(np.full((50, 50, 3), 90, np.uint8), Box(5, 5, 30, 30)) == (0.0, 90.0)
