"""Figures of a card, from a table made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from server.training.evaluate import decide_all
from server.training.metrics import answers, f1, macro_f1, metrics
from server.vision.classifiers.card import Thresholds
from server.vision.messages import LABELS

THRESHOLDS = Thresholds(min_face_px=20, min_sharpness=0.1, min_brightness=30, max_turn=0.6, min_confidence=0.7)


def face(truth: str, mask: float, bare: float, incorrect: float, **changes: object) -> dict[str, object]:
    return {
        "file": "a.jpg",
        "truth": truth,
        "source": "one",
        "group": "g",
        "mask_type": "",
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


def test_masks_are_told_apart_by_type_and_faces_that_two_labels_name_stand_alone():
    table = TABLE.assign(mask_type=["cloth", "surgical", "", "", "cloth", "cloth", ""])
    figures = metrics(table, LABELS)
    assert {name: group["faces"] for name, group in figures.items() if name.startswith("type:")} == {
        "type:cloth": 2,
        "type:surgical": 1,
    }
    assert figures["mask_or_none"]["faces"] == 5
    assert figures["mask_or_none"]["accuracy"]["value"] == 3 / 5
    pair = decide_all(table[table.truth != "incorrect"], LABELS[:2], THRESHOLDS)
    assert "mask_or_none" not in metrics(pair, LABELS[:2])


def test_f1_is_the_librarys():
    rng = np.random.default_rng(3)
    truth, top = rng.integers(0, 3, 400), rng.integers(0, 3, 400)
    counts = np.bincount(truth * 3 + top, minlength=9).reshape(3, 3).astype(np.float32)
    assert f1(counts) == pytest.approx(f1_score(truth, top, average=None), abs=1e-6)
    assert macro_f1(counts) == pytest.approx(f1_score(truth, top, average="macro"), abs=1e-6)


def test_a_perfect_f1_is_not_sure_to_be_perfect():
    table = TABLE[TABLE.truth == TABLE.top]
    f1s = metrics(table, LABELS)["all"]
    of_mask = f1s["labels"]["with_mask"]["f1"]
    share = 0.025 ** (1 / 2)  # Clopper and Pearson's lower end of 2 of 2
    assert of_mask["value"] == of_mask["high"] == 1
    assert of_mask["low"] == pytest.approx(2 * share / (1 + share), abs=1e-4)
    assert f1s["f1"]["low"] < f1s["f1"]["value"] == 1


def test_f1_of_one_scene_is_no_certainty():
    """Thirty mistakes among 120 faces of one film: no resampling of one group tells how far to trust that."""
    table = pd.concat([TABLE[:1]] * 45 + [TABLE[1:2]] * 15 + [TABLE[2:3]] * 45 + [TABLE[3:4]] * 15, ignore_index=True)
    figures = metrics(table, LABELS)["all"]
    of_mask, of_bare = (figures["labels"][label]["f1"] for label in LABELS[:2])
    assert of_mask["value"] == pytest.approx(90 / 120)
    for figure in (of_mask, of_bare, figures["f1"], figures["accuracy"]):
        assert figure["high"] - figure["low"] > 0.1


def test_a_label_without_faces_takes_no_part_in_the_mean():
    counts = np.array([[8, 2, 0], [0, 10, 0], [0, 0, 0]], np.float32)
    assert macro_f1(counts) == pytest.approx((16 / 18 + 20 / 22) / 2)
    assert np.isnan(macro_f1(np.zeros((3, 3), np.float32)))


def test_every_rate_has_its_interval():
    accuracy = FIGURES["all"]["accuracy"]
    assert accuracy["low"] < accuracy["value"] < accuracy["high"]


def test_what_is_answered_of_covered_mouths_adds_up():
    shares = answers(TABLE)
    assert shares.pop("faces") == len(TABLE)
    assert sum(rate["value"] for rate in shares.values()) == pytest.approx(1)


def test_no_face_at_all_is_decided_on_too():
    """Data without a bare face of 48 px has nothing to draw a hand on: that must not end a training."""
    assert answers(decide_all(pd.DataFrame(), LABELS, THRESHOLDS)) == {"faces": 0}
