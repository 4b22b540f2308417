"""What the pages about models find on cards, whole or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server.vision.classifiers.card import Card
from server.vision.messages import LABELS
from server.web.models import Figure, Scale, row, rows, scales
from tests.vision.engine.conftest import tiny_card


def rate(value: float | None, n: int = 100) -> dict[str, Any]:
    spread = (None, None) if value is None else (max(value - 0.02, 0.0), min(value + 0.01, 1.0))
    return {"value": value, "n": n, "low": spread[0], "high": spread[1]}


def figure(value: float, note: str = "") -> Figure:
    return Figure(value, max(value - 0.02, 0.0), min(value + 0.01, 1.0), 100, note)


def card(metrics: dict[str, Any], name: str = "tiny", **others: Any) -> Card:
    return tiny_card(name).model_copy(update={"metrics": metrics, **others})


NOBODY = Path("/nowhere")


def figures(metrics: dict[str, Any]) -> dict[str, Figure]:
    return dict(row(card(metrics), False, NOBODY).figures)


def test_a_whole_card():
    group = {"accuracy": rate(0.9), "f1": rate(0.88)}
    found = figures(
        {
            "thesis": {"all": {"accuracy": rate(0.99)}},
            "test": {
                "all": {"accuracy": rate(0.5), "labels": {"incorrect": {"recall": rate(0.7)}}},
                "mask_or_none": group,
            },
            "test_drawn_over_mouth": {"faces": 100, "with_mask": rate(0.2), "without_mask": rate(0.8)},
        }
    )
    assert found == {
        "thesis": figure(0.99),
        "test": figure(0.9),
        "f1": figure(0.88),
        "incorrect": figure(0.7),
        "hand": figure(0.2),
    }


def test_all_faces_stand_in_where_the_two_kinds_were_not_scored_alone_and_it_is_said():
    metrics = {"test": {"all": {"accuracy": rate(0.9), "f1": rate(0.8)}}}
    three = card(metrics, labels=LABELS)
    assert row(three, False, NOBODY).figures == {"test": figure(0.9, "all"), "f1": figure(0.8, "all")}
    two = card(metrics, labels=LABELS[:2])
    assert row(two, False, NOBODY).figures == {"test": figure(0.9), "f1": figure(0.8)}, "it has no others"


def test_figures_of_somebodys_own_photos_say_so():
    group = {"accuracy": rate(0.9), "f1": rate(0.8)}
    found = figures(
        {"test": {"all": group, "source:own": group}, "test_drawn_over_mouth": {"faces": 9, "with_mask": rate(0.2)}}
    )
    assert found == {"test": figure(0.9, "own"), "f1": figure(0.8, "own"), "hand": figure(0.2, "own")}


def test_what_was_never_called_a_mask_was_so_in_none_of_all():
    found = figures({"test_drawn_over_mouth": {"faces": 200, "without_mask": rate(1.0, 200)}})["hand"]
    assert (found.value, found.low, found.n) == (0, 0, 200)
    assert found.high == pytest.approx(0.018275, abs=1e-6), "the exact end (Clopper, Pearson), as scipy gives it"


@pytest.mark.parametrize(
    "metrics",
    [
        {},
        {"test": None},
        {"test": "good"},
        {"test": {"all": 0.9}},
        {"test": {"all": {"accuracy": 0.9}}},
        {"test": {"all": {"accuracy": rate(None, 0)}}},
        {"test": {"all": {"accuracy": {"value": 0.9, "n": 10, "low": 0.95, "high": 1.0}}}},
        {"test": {"all": {"accuracy": {"value": 90, "n": 10, "low": 80, "high": 95}}}},
        {"test": {"all": {"accuracy": {"value": float("nan"), "n": 10, "low": None, "high": None}}}},
        {"test_drawn_over_mouth": {"with_mask": rate(0.2)}},
        {"test_drawn_over_mouth": ["with_mask"]},
    ],
)
def test_what_is_no_figure_is_not_shown(metrics: dict[str, Any]):
    shown = row(card(metrics), False, NOBODY)
    assert (shown.figures, shown.answers) == ({}, [])


@pytest.mark.parametrize(
    ("training", "facts"),
    [
        ({}, {}),
        (
            {
                "weights": "int8",
                "epochs": [{}, {}],
                "faces": {"with_mask": 3, "incorrect": 2},
                "recipe": {"architecture": "a"},
            },
            {"weights": "int8", "architecture": "a", "trainedOn": "5", "epochs": "2"},
        ),
        ({"weights": 8, "epochs": 7, "faces": {"with_mask": "many"}, "recipe": "mine"}, {}),
    ],
)
def test_facts_are_what_the_training_left(training: dict[str, Any], facts: dict[str, str]):
    assert row(card({}, training=training), False, NOBODY).facts == facts


def test_answers_to_hard_faces_come_in_the_order_of_the_labels():
    said = {"faces": 10, "unsure": rate(0.1), "without_mask": rate(0.6), "with_mask": rate(0.3)}
    (answers,) = row(card({"test_incorrect": said}), False, NOBODY).answers
    assert (answers.kind, answers.faces, list(answers.said)) == (
        "incorrect",
        10,
        ["with_mask", "without_mask", "unsure"],
    )


def test_the_one_most_often_right_is_first_and_the_unmeasured_last():
    def scored(name: str, value: float) -> Card:
        return card({"test": {"all": {"accuracy": rate(value)}}}, name)

    cards = [card({}, "unmeasured"), scored("b", 0.9), scored("best", 0.95), scored("a", 0.9)]
    found = rows(cards, "b", NOBODY)
    assert [each.card.name for each in found] == ["best", "a", "b", "unmeasured"]
    assert [each.card.name for each in found if each.default] == ["b"]


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ((), Scale(0, 1)),
        ((0.99, 0.98), Scale(0.95, 1)),
        ((0.99, 0.93), Scale(0.9, 1)),
        ((0.99, 0.51), Scale(0, 1)),  # its interval reaches below a half
        ((0.01, 0.3), Scale(0, 0.5)),
        ((0.01,), Scale(0, 0.05)),
        ((0.3, 0.9), Scale(0, 1)),
    ],
)
def test_all_intervals_of_a_column_lie_on_its_scale(values: tuple[float, ...], scale: Scale):
    shown = [row(card({"thesis": {"all": {"accuracy": rate(value)}}}), False, NOBODY) for value in values]
    assert scales(shown)["thesis"] == scale


def test_a_scale_tells_where_a_value_lies():
    assert [Scale(0.8, 1).at(value) for value in (0.8, 0.9, 1, 0.5)] == [0, 50, 100, 0]


def test_size_is_of_the_weights(tmp_path: Path):
    (tmp_path / "model.tflite").write_bytes(b"x" * 1_500_000)
    assert row(card({}), False, tmp_path).figures == {"size": Figure(1.5)}


def test_what_the_network_looks_at_and_the_smallest_face_answered():
    thresholds = tiny_card().thresholds.model_copy(update={"min_face_px": 19.2})
    shown = row(card({}, kind="one-stage", input_size=384, thresholds=thresholds), False, NOBODY)
    assert (shown.input, shown.smallest) == ((384, 288), 20)
    shown = row(card({}), False, NOBODY)
    assert (shown.input, shown.smallest) == ((32, 32), 0)
