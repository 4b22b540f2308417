"""The page for people, and its tables."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from server.training.intervals import rate
from server.training.report import confusion_table, markdown, metrics_table, model_page, percent
from server.vision.classifiers.card import Card, Preprocessing, Thresholds


def group(labels: tuple[str, ...], n: int = 40) -> dict[str, Any]:
    some = rate(n * 3 // 4, n).model_dump()
    return {
        "faces": n,
        "accuracy": some,
        "f1": some,
        "labels": {label: {"recall": some, "precision": rate(n, n).model_dump(), "f1": some} for label in labels},
        "confusion": [[n] * len(labels)] * len(labels),
        **dict.fromkeys(("log_loss", "roc_auc", "average_precision", "calibration_error"), some),
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


SAID = pd.DataFrame(
    [
        ("test", "a.jpg", "with_mask", "without_mask", "without_mask", "", 0.3, 0.7, 50),
        ("test", "b.jpg", "without_mask", "with_mask", "unsure", "too_dark", 0.9, 0.1, 50),
        ("test", "c.jpg", "with_mask", "with_mask", "with_mask", "", 0.9, 0.1, 50),
        ("test", "e.jpg", "with_mask", "without_mask", "without_mask", "", 0.1, 0.9, 23),
        ("val", "d.jpg", "with_mask", "without_mask", "without_mask", "", 0.1, 0.9, 50),
    ],
    columns=["set", "file", "truth", "top", "label", "reason", "p_with_mask", "p_without_mask", "original_face_px"],
)


def test_the_page_names_what_repeats_the_model():
    page = model_page(card(), SAID)
    for text in (
        "# Tiny, three classes",
        "A model for a test. This page is written by the program",
        "- to repeat: `python -m server train tiny --data …`",
        "- answers: `with_mask`, `without_mask`, `incorrect`",
        "96 x 96 px, cut out at 1.3 times its box",
        "SHA-256 `0123456789abcdef",
        "trained on 2100 faces (900 with_mask, 1200 without_mask)",
        f"seed 3; digest of their list `{'d' * 64}`",
        "licence of the weights: MIT",
    ):
        assert text in page, text
    assert not re.search(r"[{}]|None|nan", page), "every place is filled in"


def test_the_page_says_when_it_is_not_sure():
    page = " ".join(model_page(card(), SAID).split())
    assert (
        "face under 20 px, sharpness under 0.0123, mean grey under 31.5, head turned by more than 0.81 "
        "(nose off the middle of the eyes, in eye distances), or no label of at least 65.4%." in page
    )


def test_a_turn_that_is_not_judged_is_not_spoken_of():
    page = " ".join(model_page(card(max_turn=None), SAID).split())
    assert "mean grey under 31.5, or no label of at least 65.4%." in page
    assert "head turned by" not in page


def test_the_page_carries_every_group_and_what_hands_do():
    page = model_page(card(), SAID)
    assert page.count("| all |") == 4, "rates and probabilities, val and test"
    assert "| source:door | 8 | 75.0 %" in page
    assert "Bare test faces of 48 px and more with a hand, a cup or a scarf drawn over the mouth (50)" in page
    assert "are answered: unsure 10.0 %" in page


def test_a_group_without_faces_has_no_figures():
    assert "| size:24-48 | 0 | – | – | – / – / – |" in model_page(card(), SAID)


def test_a_two_class_models_tables_are_narrower():
    head = metrics_table({"all": group(("with_mask", "without_mask"))}).partition("\n")[0]
    assert "incorrect" not in head
    assert head.count("recall / precision / F1") == 2


def test_its_worst_mistakes_are_named_surest_first():
    page = model_page(card(), SAID)
    assert "The 2 of 2 mistakes it was surest of" in page
    assert page.index("| b.jpg | without_mask | with_mask | 90.0% | too_dark |") < page.index("| a.jpg |")
    assert "| c.jpg |" not in page
    assert "| d.jpg |" not in page, "val is not scored"
    assert "| e.jpg |" not in page, "too small to count"
    assert "No face of the scored sets was named wrong." in model_page(card(), SAID[2:])


def test_only_sets_that_were_scored_are_described():
    page = model_page(card(), SAID)
    assert "`thesis`" not in page
    assert "andrewmvd" not in page


def test_a_model_of_ones_own_photos_says_whose_they_are():
    of_public = card()
    test = {"all": of_public.metrics["test"]["all"], "source:own": group(of_public.labels)}
    own = of_public.model_copy(update={"metrics": of_public.metrics | {"test": test}, "licence": "its owner's"})
    page = model_page(own, SAID)
    assert "photos of whoever trained it: scenes were kept apart, people may be in several sets." in page
    assert "to repeat" not in page, "there is no recipe of that name"
    assert "licence of the weights: its owner's" in page
    assert "photos of whoever" not in model_page(of_public, SAID)


def test_a_model_of_two_labels_says_what_it_cannot_say():
    pair = ("with_mask", "without_mask")
    assert "It never says *worn incorrectly*" in model_page(card(pair), SAID)
    assert "It never says *worn incorrectly*" not in model_page(card(), SAID)


def test_pictures_are_shown_where_there_are_some():
    page = model_page(card(), SAID, ("curves.svg", "heat.webp"))
    assert "](pictures/curves.svg)" in page
    assert "](pictures/heat.webp)" in page
    assert "](pictures/" not in model_page(card(), SAID)


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
