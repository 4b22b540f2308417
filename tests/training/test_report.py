"""The page for people, and its tables."""

from __future__ import annotations

import re
from typing import Any

import pytest

from server.training.intervals import rate
from server.training.report import confusion_table, markdown, metrics_table, model_page, percent
from server.vision.classifiers.card import Card, Preprocessing, Thresholds


def group(labels: tuple[str, ...], n: int = 40) -> dict[str, Any]:
    some = rate(n * 3 // 4, n).model_dump()
    return {
        "faces": n,
        "accuracy": some,
        "labels": {label: {"recall": some, "precision": rate(n, n).model_dump()} for label in labels},
        "unsure": rate(0, n).model_dump(),
        "accuracy_when_sure": some,
    }


def card(labels: tuple[str, ...] = ("with_mask", "without_mask", "incorrect"), max_turn: float | None = 0.81) -> Card:
    return Card(
        name="tiny",
        title="Tiny, three classes",
        description="A model for a test.",
        licence="MIT",
        labels=labels,
        input_size=96,
        preprocessing=Preprocessing(crop_margin=1.3, scale=1, offset=0),
        thresholds=Thresholds(
            min_face_px=20, min_sharpness=0.0123, min_brightness=31.5, max_turn=max_turn, min_confidence=0.6543
        ),
        metrics={
            "val": {"all": group(labels)},
            "test": {"all": group(labels), "source:door": group(labels, 8), "size:24-48": group(labels, 0)},
            "test_drawn_over_mouth": {"faces": 50, "unsure": rate(5, 50).model_dump()},
        },
        training={"faces": {"with_mask": 900, "without_mask": 1200}, "data_sha256": "d" * 64, "seed": 3},
        sha256="0123456789abcdef" * 4,
    )


def test_the_page_names_what_repeats_the_model():
    page = model_page(card())
    for text in (
        "# Tiny, three classes",
        "A model for a test. Made by `python -m server train tiny`",
        "- answers: `with_mask`, `without_mask`, `incorrect`",
        "96 x 96 px, cut out at 1.3 times its box",
        "SHA-256 `0123456789abcdef",
        "trained on 2100 faces (900 with_mask, 1200 without_mask)",
        f"digest of the list `{'d' * 64}`, seed 3",
        "licence of the weights: MIT",
    ):
        assert text in page, text
    assert not re.search(r"[{}]|None|nan", page), "every place is filled in"


def test_the_page_says_when_it_is_not_sure():
    page = " ".join(model_page(card()).split())
    assert (
        "face under 20 px, sharpness under 0.0123, mean grey under 31.5, head turned by more than 0.81 "
        "(nose off the middle of the eyes, in eye distances), or no label of at least 65.4%." in page
    )


def test_a_turn_that_is_not_judged_is_not_spoken_of():
    page = " ".join(model_page(card(max_turn=None)).split())
    assert "mean grey under 31.5, or no label of at least 65.4%." in page
    assert "head turned by" not in page


def test_the_page_carries_every_group_and_what_hands_do():
    page = model_page(card())
    assert page.count("| all |") == 2
    assert "| source:door | 8 | 75.0 %" in page
    assert "50 bare test faces of 48 px and more" in page
    assert "are answered: unsure 10.0 %" in page


def test_a_group_without_faces_has_no_figures():
    assert "| size:24-48 | 0 | – | – / – |" in model_page(card())


def test_a_two_class_models_tables_are_narrower():
    head = metrics_table({"all": group(("with_mask", "without_mask"))}).partition("\n")[0]
    assert "incorrect" not in head
    assert head.count("recall / precision") == 2


@pytest.mark.parametrize(
    ("k", "n", "says"),
    [
        (394, 400, "98.5 % (96.8–99.3, n 400)"),
        (0, 10, "0.0 % (0.0–27.8, n 10)"),
        (10, 10, "100.0 % (72.2–100.0, n 10)"),
        (0, 0, "–"),
    ],
)
def test_rates_for_people(k: int, n: int, says: str):
    assert percent(rate(k, n).model_dump()) == says


def test_tables():
    assert markdown(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
    assert confusion_table([[3, 1], [0, 5]], ["x", "y"]).splitlines()[2:] == ["| x | 3 | 1 |", "| y | 0 | 5 |"]
