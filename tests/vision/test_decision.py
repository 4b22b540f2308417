"""Labels and doubts."""

from __future__ import annotations

import numpy as np
import pytest

from server.training.portrait import FACE, LANDMARKS, portrait
from server.vision.classifiers.card import Thresholds
from server.vision.decision import decide, label_and_reason, to_fractions
from server.vision.messages import Box, Detection
from server.vision.quality import Quality

THRESHOLDS = Thresholds(min_face_px=20, min_sharpness=0.1, min_brightness=30, max_turn=0.6, min_confidence=0.7)
GOOD = Quality(face_px=80, sharpness=0.5, brightness=120, turn=0.1)
SURE = {"with_mask": 0.9, "without_mask": 0.06, "incorrect": 0.04}
TORN = {"with_mask": 0.6, "without_mask": 0.3, "incorrect": 0.1}


@pytest.mark.parametrize(
    ("quality", "probabilities", "expected"),
    [
        (GOOD, SURE, ("with_mask", None)),
        (GOOD, {"with_mask": 0.1, "without_mask": 0.1, "incorrect": 0.8}, ("incorrect", None)),
        (GOOD, {"with_mask": 0.2, "without_mask": 0.8}, ("without_mask", None)),
        (GOOD, TORN, ("unsure", "unclear")),
        (Quality(19.9, 0.5, 120, 0.1), SURE, ("unsure", "too_small")),
        (Quality(24, 0.5, 120, 0.1), SURE, ("with_mask", None)),
        (Quality(80, 0.09, 120, 0.1), SURE, ("unsure", "too_blurred")),
        (Quality(80, 0.5, 29, 0.1), SURE, ("unsure", "too_dark")),
        (Quality(80, 0.5, 120, 0.7), SURE, ("unsure", "turned_away")),
        (Quality(80, 0.5, 120, None), SURE, ("with_mask", None)),
        # What is most easily mended comes first.
        (Quality(10, 0.0, 5, 2.0), TORN, ("unsure", "too_small")),
        (Quality(80, 0.0, 5, 2.0), TORN, ("unsure", "too_dark")),
        (Quality(80, 0.0, 120, 2.0), TORN, ("unsure", "too_blurred")),
        (Quality(80, 0.5, 120, 2.0), TORN, ("unsure", "turned_away")),
    ],
)
def test_label_and_reason(quality: Quality, probabilities: dict[str, float], expected: tuple[str, str | None]):
    assert label_and_reason(quality, probabilities, THRESHOLDS) == expected


def test_a_turn_is_not_judged_where_no_limit_is_known():
    turned = Quality(80, 0.5, 120, 2.0)
    assert label_and_reason(turned, SURE, THRESHOLDS.model_copy(update={"max_turn": None}))[0] == "with_mask"


def test_a_good_face_in_a_picture_is_labelled():
    found = Detection(FACE, 0.97, np.array(LANDMARKS, np.float32))
    face = decide(portrait(), found, SURE, THRESHOLDS)
    assert (face.label, face.reason, face.score) == ("with_mask", None, 0.97)
    assert face.box == Box(FACE.x / 512, FACE.y / 512, FACE.width / 512, FACE.height / 512)


def test_a_black_picture_is_too_dark():
    face = decide(np.zeros((200, 200, 3), np.uint8), Detection(Box(20, 20, 90, 90), 0.9), SURE, THRESHOLDS)
    assert (face.label, face.reason) == ("unsure", "too_dark")


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box(-10, -20, 60, 120), Box(0, 0, 0.25, 1)),
        (Box(150, 50, 100, 100), Box(0.75, 0.5, 0.25, 0.5)),
        (Box(50, 25, 100, 50), Box(0.25, 0.25, 0.5, 0.5)),
    ],
)
def test_boxes_are_cut_off_at_the_edges(box: Box, expected: Box):
    assert to_fractions(box, np.zeros((100, 200, 3), np.uint8)) == expected


def test_a_face_outside_the_picture_is_refused():
    with pytest.raises(ValueError, match="a width and a height above 0"):
        to_fractions(Box(300, 10, 20, 20), np.zeros((100, 200, 3), np.uint8))
