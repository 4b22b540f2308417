"""When to say *not sure*: an honest answer, not a way out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from server.training.evaluate import decide_all
from server.training.thresholds import SMALLEST_FACE_PX, choose
from server.vision.messages import LABELS


def faces(n: int, seed: int = 0, least: float = 0.34, most: float = 1.0, **columns: object) -> pd.DataFrame:
    """A table of `predict`: the winning label's probability lies between `least` and `most`."""
    rng = np.random.default_rng(seed)
    winner = rng.uniform(least, most, n)
    rest = (1 - winner) * rng.uniform(0.5, 1, n)
    table = {
        "original_face_px": rng.uniform(24, 400, n),
        "p_with_mask": winner,
        "p_without_mask": rest,
        "p_incorrect": 1 - winner - rest,
        "sharpness": rng.lognormal(0, 1, n),
        "brightness": rng.uniform(20, 200, n),
        "turn": rng.exponential(0.2, n),
    }
    return pd.DataFrame(table | columns)


def unsure(table: pd.DataFrame) -> float:
    """The share of faces of 32 px and more that turn `unsure` under their own thresholds."""
    decided = decide_all(table, LABELS, choose(table, LABELS))
    return float((decided[decided.original_face_px >= 32].label == "unsure").mean())


@pytest.mark.parametrize("seed", range(5))
def test_at_most_three_in_a_hundred_turn_unsure(seed: int):
    assert 0.005 < unsure(faces(2000, seed)) <= 0.03


@pytest.mark.parametrize(("least", "most"), [(0.99996, 0.99999), (0.9, 0.96504), (1.0, 1.0)])
def test_a_very_sure_model_is_believed(least: float, most: float):
    """Rounding a threshold up must not push a crowd of like faces under it."""
    assert unsure(faces(2000, least=least, most=most)) <= 0.03


def test_alike_faces_are_not_doubted():
    assert unsure(faces(500, least=0.7, most=0.7, sharpness=0.12345, brightness=77.77, turn=0.11119)) == 0


def test_small_faces_do_not_count():
    big = faces(1000)
    small = faces(1000, 1, original_face_px=25.0, sharpness=0.0, brightness=0.0, turn=9.0, least=0.34, most=0.35)
    assert choose(pd.concat([big, small]), LABELS) == choose(big, LABELS)


def test_a_face_of_24_px_is_not_too_small_by_itself():
    assert choose(faces(500), LABELS).min_face_px == SMALLEST_FACE_PX < 24


def test_where_no_turn_is_known_it_is_not_judged():
    assert choose(faces(500, turn=np.nan), LABELS).max_turn is None


def test_turns_that_are_not_known_are_left_out():
    half = faces(1000)
    table = half.assign(turn=half.turn.where(half.index % 2 == 0))
    assert choose(table, LABELS).max_turn == choose(half[half.index % 2 == 0], LABELS).max_turn


def test_a_two_class_model_is_judged_by_its_own_labels():
    table = faces(500).drop(columns="p_incorrect")
    assert 0 < choose(table, LABELS[:2]).min_confidence < 1
