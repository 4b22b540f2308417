"""Figures of a card, from a table made by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from server.training.evaluate import decide_all, metrics, occluded
from server.training.report import metrics_table, percent
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
FIGURES = metrics(TABLE, LABELS)


def test_unsure_stands_beside_the_likeliest_label():
    assert list(TABLE.top[[1, 3]]) == ["incorrect", "with_mask"]
    assert list(TABLE.label[[1, 3, 6]]) == ["incorrect", "unsure", "unsure"]
    assert list(TABLE.reason[[1, 3, 6]]) == ["", "unclear", "too_dark"]


@pytest.mark.parametrize(
    ("group", "faces", "right", "unsure", "right_when_sure"),
    [
        ("all", 6, 4, 2, (3, 4)),
        ("source:two", 1, 1, 0, (1, 1)),
        ("size:24-48", 1, 1, 0, (1, 1)),
        ("size:48-96", 4, 2, 1, (2, 3)),
        ("size:96-", 1, 1, 1, (0, 0)),
    ],
)
def test_groups(group: str, faces: int, right: int, unsure: int, right_when_sure: tuple[int, int]):
    figures = FIGURES[group]
    assert figures["faces"] == faces
    assert (figures["accuracy"]["value"], figures["accuracy"]["n"]) == (right / faces, faces)
    assert figures["unsure"]["value"] == unsure / faces
    right, n = right_when_sure
    assert figures["accuracy_when_sure"]["value"] == (right / n if n else None)


def test_recall_and_precision_by_label():
    of = FIGURES["all"]["labels"]["with_mask"]
    assert (of["recall"]["value"], of["recall"]["n"]) == (2 / 3, 3)
    assert (of["precision"]["value"], of["precision"]["n"]) == (2 / 3, 3)
    assert FIGURES["all"]["confusion"] == [[2, 0, 1], [1, 1, 0], [0, 0, 1]]


def test_a_two_class_models_groups_have_two_classes_even_without_faces():
    pair = LABELS[:2]
    table = TABLE[TABLE.truth != "incorrect"]
    figures = metrics(decide_all(table, pair, THRESHOLDS), pair)
    assert {tuple(len(row) for row in group["confusion"]) for group in figures.values()} == {(2, 2)}
    none = metrics(table[table.original_face_px > 1000], pair)["size:96-"]
    assert none["confusion"] == [[0, 0], [0, 0]]
    assert none["accuracy"] == {"value": None, "n": 0, "low": None, "high": None}


def test_every_rate_has_its_interval():
    accuracy = FIGURES["all"]["accuracy"]
    assert accuracy["low"] < accuracy["value"] < accuracy["high"]


def test_what_is_answered_of_covered_mouths_adds_up():
    answers = occluded(TABLE)
    assert answers.pop("faces") == len(TABLE)
    assert sum(rate["value"] for rate in answers.values()) == pytest.approx(1)


def test_tables_for_people():
    text = metrics_table(FIGURES)
    assert text.count("\n") == 1 + len(FIGURES)
    assert percent({"value": 0.985, "n": 400, "low": 0.97, "high": 0.99}) == "98.5 % (97.0–99.0, n 400)"
    assert percent({"value": None, "n": 0, "low": None, "high": None}) == "–"


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


def test_no_face_at_all_is_decided_on_too():
    """Data without a bare face of 48 px has nothing to draw a hand on: that must not end a training."""
    assert occluded(decide_all(pd.DataFrame(), LABELS, THRESHOLDS)) == {"faces": 0}
