from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from server.training.intervals import Bootstrap, rate
from server.vision.classifiers.card import Rate

GROUPS = pd.Series(np.arange(200) // 10)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        # Wilson's formula by hand with z = 1.959964: (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (0, 20, 0.0, 0.1611),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_rate_is_wilsons(k: int, n: int, low: float, high: float) -> None:
    measured = rate(k, n)
    assert measured.value == k / n
    assert measured.n == n
    assert (measured.low, measured.high) == pytest.approx((low, high), abs=5e-5)


def test_rate_of_nothing_has_no_value() -> None:
    assert rate(0, 0).model_dump() == {"value": None, "n": 0, "low": None, "high": None}


@pytest.mark.parametrize(("k", "n"), [(-1, 3), (4, 3), (0, -1)])
def test_rate_refuses_impossible_counts(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="0 <= k <= n"):
        rate(k, n)


def test_few_hits_have_the_exact_interval() -> None:
    # Clopper and Pearson, by hand: 0 of 20 ends at 1 - .025 ** (1 / 20).
    none = Bootstrap(GROUPS).rate(np.zeros(200, bool), np.arange(200) < 20)
    assert (none.value, none.n, none.low) == (0, 20, 0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 20), abs=1e-5)


def test_faces_of_one_group_are_drawn_together() -> None:
    """Two hundred faces, half right: all of a group alike, they are worth twenty; each for itself, two hundred."""
    right = np.arange(200) // 10 % 2 == 0
    alike = Bootstrap(GROUPS).rate(right)
    alone = Bootstrap(pd.Series(np.arange(200))).rate(right)
    assert alike.value == alone.value == 0.5
    assert alone.high - alone.low == pytest.approx(4 * 0.5 / math.sqrt(200), abs=0.03)
    assert alike.high - alike.low == pytest.approx(4 * 0.5 / math.sqrt(20), abs=0.08)


def test_a_rate_among_some_counts_only_those() -> None:
    hits, among = np.arange(200) % 7 < 3, np.arange(200) < 100
    half = Bootstrap(GROUPS).rate(hits, among)
    assert (half.value, half.n) == (0.44, 100)
    assert half.low < 0.44 < half.high


@pytest.mark.parametrize("groups", [1, 3])
def test_few_groups_are_never_surer_than_faces_one_by_one(groups: int) -> None:
    """Of one group every draw is the same: resampled, 30 wrong of 200 would have an interval of nothing."""
    right, codes = np.arange(200) % 20 < 17, np.arange(200) % groups
    exact = rate(170, 200, "exact")
    for draws, among in (
        (Bootstrap(pd.Series(codes)), np.ones(200, bool)),
        (Bootstrap(pd.Series([*codes, *range(3, 43)])), np.arange(240) < 200),
    ):
        found = draws.rate(np.resize(right, len(among)), among)
        assert (found.value, found.n) == (exact.value, exact.n)
        assert found.low <= exact.low < exact.high <= found.high


def test_few_groups_that_differ_keep_their_wider_interval() -> None:
    found = Bootstrap(pd.Series(np.arange(200) // 50)).rate(np.arange(200) < 100)
    assert (found.low, found.high) == (0, 1)


def test_a_figure_and_the_same_from_counts_agree() -> None:
    hits = np.arange(200) % 4 == 0
    draws = Bootstrap(GROUPS)
    counted = draws.of_counts(lambda counts: counts[:, 1] / counts.sum(axis=1), hits, 2)
    weighed = draws.figure(lambda weights: float(np.average(hits, weights=weights)))
    assert (counted.value, counted.n) == (weighed.value, weighed.n) == (0.25, 200)
    assert (counted.low, counted.high) == pytest.approx((weighed.low, weighed.high), abs=1e-5)


def test_figures_of_nothing_have_no_value() -> None:
    none = Bootstrap(GROUPS[:0])
    assert none.rate(np.zeros(0, bool)).value is None
    assert none.figure(lambda weights: 1 / len(weights)).value is None
    assert none.of_counts(lambda counts: counts[:, 0] / counts.sum(axis=1), [], 2).value is None


def test_a_figure_that_cannot_be_had_has_no_value() -> None:
    def never(_weights: np.ndarray) -> float:
        raise ValueError

    assert Bootstrap(GROUPS).figure(never) == Rate(value=None, n=200, low=None, high=None)
