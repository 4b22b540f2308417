"""What is answered of each face, from a table made by hand."""

from __future__ import annotations

import pandas as pd

from server.training.evaluate import decide_all
from server.training.thresholds import choose
from server.vision.messages import LABELS
from tests.training.test_metrics_of_cards import TABLE, face


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
