"""What is answered of each face, from a table made by hand."""

from __future__ import annotations

import pandas as pd

from server.training.evaluate import decide_all
from server.training.thresholds import choose
from server.vision.classifiers.card import Thresholds
from server.vision.messages import LABELS

THRESHOLDS = Thresholds(min_face_px=20, min_sharpness=0.1, min_brightness=30, max_turn=0.6, min_confidence=0.7)


def face(truth: str, mask: float, bare: float, incorrect: float, **changes: object) -> dict[str, object]:
    return {
        "file": "a.jpg",
        "truth": truth,
        "source": "one",
        "original_face_px": 60.0,
        "p_with_mask": mask,
        "p_without_mask": bare,
        "p_incorrect": incorrect,
        "sharpness": 0.5,
        "brightness": 100.0,
        "turn": float("nan"),
    } | changes


TABLE = decide_all(
    pd.DataFrame(
        [
            face("with_mask", 0.9, 0.05, 0.05),
            face("with_mask", 0.1, 0.1, 0.8),
            face("without_mask", 0.1, 0.9, 0.0, source="two"),
            face("without_mask", 0.6, 0.4, 0.0),  # wrong, but not sure either
            face("incorrect", 0.1, 0.1, 0.8, original_face_px=30.0),
            face("with_mask", 0.0, 1.0, 0.0, original_face_px=23.0),  # too small to count
            face("with_mask", 0.9, 0.1, 0.0, original_face_px=120.0, brightness=3.0),
        ]
    ),
    LABELS,
    THRESHOLDS,
)


def test_unsure_stands_beside_the_likeliest_label():
    assert list(TABLE.top[[1, 3]]) == ["incorrect", "with_mask"]
    assert list(TABLE.label[[1, 3, 6]]) == ["incorrect", "unsure", "unsure"]
    assert list(TABLE.reason[[1, 3, 6]]) == ["", "unclear", "too_dark"]


def test_chosen_thresholds_leave_few_validation_faces_unsure():
    table = pd.DataFrame(
        [
            face("with_mask", 0.5 + i / 2000, 0.5 - i / 2000, 0, sharpness=i / 1000, brightness=i / 5, turn=i / 1000)
            for i in range(1000)
        ]
    )
    thresholds = choose(table, LABELS, blurred=table, darkened=table)
    unsure = decide_all(table, LABELS, thresholds).label == "unsure"
    assert 0.005 < unsure.mean() <= 0.03
