"""What the models pages take from a card: of whose faces, how sure, and nothing from a broken figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server.web.models import Figure, row
from tests.vision.engine.conftest import tiny_card

RIGHT = {"value": 0.9, "n": 100, "low": 0.82, "high": 0.95}
GROUP = {"accuracy": RIGHT, "f1": RIGHT}


def figures(**metrics: Any) -> dict[str, Figure]:
    card = tiny_card().model_copy(update={"metrics": metrics})
    return dict(row(card, default=False, folder=Path("nowhere")).figures)


def test_a_figure_says_whose_faces_it_is_of():
    assert figures(test={"all": GROUP, "mask_or_none": GROUP})["test"].note == ""
    assert figures(test={"all": GROUP})["test"].note == "all"
    own = figures(test={"all": GROUP, "source:own": GROUP}, test_drawn_over_mouth={"faces": 9, "with_mask": RIGHT})
    assert {key: figure.note for key, figure in own.items()} == dict.fromkeys(("test", "f1", "hand"), "own")


def test_a_label_that_was_never_said_is_not_certainly_never_said():
    """Clopper and Pearson: none of 20 may be up to 1 - .025 ** (1 / 20)."""
    never = {"value": 1.0, "n": 20, "low": 0.83, "high": 1.0}
    hand = figures(test_drawn_over_mouth={"faces": 20, "without_mask": never})["hand"]
    assert (hand.value, hand.low, hand.n) == (0, 0, 20)
    assert hand.high == pytest.approx(0.1684, abs=1e-4)
    assert "hand" not in figures(test_drawn_over_mouth={"faces": 0})


@pytest.mark.parametrize(
    "broken", [None, 0.9, [], {"value": 0.9}, RIGHT | {"value": None}, RIGHT | {"low": 0.93}, RIGHT | {"high": 90}]
)
def test_a_figure_that_cannot_be_is_not_shown(broken: Any):
    assert figures(test={"all": {"accuracy": broken, "f1": RIGHT}}).keys() == {"f1"}
