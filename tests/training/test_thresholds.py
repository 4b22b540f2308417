"""When to say *not sure*: an honest answer, not a way out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from server.training import thresholds
from server.training.evaluate import decide_all
from server.training.thresholds import SMALLEST_FACE_PX, needed, right
from server.vision.classifiers.card import Thresholds
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


def choose(table: pd.DataFrame, labels: Sequence[str]) -> Thresholds:
    """Chosen with faces that may be as blurred and dark as they come."""
    worse = table.assign(truth="with_mask")
    return thresholds.choose(table, labels, worse, worse)


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


def test_quality_is_good_enough_from_where_answers_are_right():
    quality = pd.Series(np.linspace(0, 1, 1000))
    rng = np.random.default_rng(0)
    sharp_fall = pd.Series(rng.random(1000) < np.where(quality < 0.3, 0.6, 0.99))
    assert needed(quality, sharp_fall) == pytest.approx(0.3, abs=0.02)
    assert needed(quality, pd.Series([True] * 1000)) == 0
    assert needed(quality, pd.Series([False] * 1000)) == 1


def test_blur_and_dark_are_doubted_where_they_mislead_and_only_there():
    table = faces(2000, least=0.9, sharpness=np.linspace(0.001, 2, 2000), brightness=np.linspace(1, 200, 2000))
    worse = table.assign(truth="with_mask", sharpness=np.linspace(0, 0.1, 2000), brightness=np.linspace(0, 20, 2000))
    misled = worse.assign(truth=np.where(worse.sharpness < 0.002, "without_mask", "with_mask"))
    harmless = thresholds.choose(table, LABELS, worse, worse)
    assert (harmless.min_sharpness, harmless.min_brightness) == (0, 0)
    blur = thresholds.choose(table, LABELS, misled, worse)
    assert blur.min_sharpness == pytest.approx(0.002, abs=2e-4)
    assert blur.min_brightness == 0
    dark = thresholds.choose(table, LABELS, worse, misled)
    assert dark.min_sharpness == 0
    assert dark.min_brightness == pytest.approx(0.4, abs=0.1)


def test_right_is_what_the_likeliest_label_says():
    table = pd.DataFrame(
        {"truth": ["with_mask", "incorrect"], "p_with_mask": [0.5, 0.5], "p_without_mask": 0.3, "p_incorrect": 0.2}
    )
    assert right(table, LABELS).tolist() == [True, False]
