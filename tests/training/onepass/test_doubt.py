"""When a one-stage model doubts: what is more often right than wrong is said, and a picture may be quite dark."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from server.training.onepass.doubt import choose_thresholds
from server.training.scenes import Find, Scene, TrueFace
from server.vision.frame import decode
from server.vision.messages import LABELS, Box
from server.vision.quality import sharpness_and_brightness

FACE = Box(60, 40, 50, 60)
COUNT = 60
DARKEST = 25.0
"""Below this brightness the made-up model is wrong."""


@pytest.fixture
def scenes(tmp_path: Path) -> list[Scene]:
    rng = np.random.default_rng(5)
    for number in range(COUNT):
        picture = cv2.resize(rng.integers(90, 220, (12, 16, 3), np.uint8), (160, 120), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
    return [Scene(f"{number}.png", "made-up", (TrueFace(FACE, "with_mask"),)) for number in range(COUNT)]


def said(label: str, confidence: float) -> list[Find]:
    rest = (1 - confidence) / (len(LABELS) - 1)
    return [Find(FACE, 0.9, label, probabilities={one: confidence if one == label else rest for one in LABELS})]


@pytest.mark.parametrize(("label", "doubted"), [("with_mask", False), ("incorrect", True)])
def test_what_is_right_more_often_than_wrong_is_said(scenes: list[Scene], tmp_path: Path, label: str, doubted: bool):
    answers = iter([said(label, 0.5), *(said("with_mask", 0.95) for _ in scenes[1:])])
    thresholds = choose_thresholds(lambda _data: next(answers, said("with_mask", 0.95)), scenes, tmp_path, LABELS)
    assert (thresholds.min_confidence > 0.5) == doubted


def test_a_picture_may_be_as_dark_as_it_was_found_to_be_readable(scenes: list[Scene], tmp_path: Path):
    def find(data: bytes) -> list[Find]:
        _, brightness = sharpness_and_brightness(decode(data), FACE)
        return said("with_mask" if brightness > DARKEST else "incorrect", 0.9)

    thresholds = choose_thresholds(find, scenes, tmp_path, LABELS)
    assert thresholds.min_brightness == pytest.approx(DARKEST, abs=8)
    assert thresholds.max_turn is None
