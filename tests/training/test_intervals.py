from __future__ import annotations

import pytest

from server.training.intervals import rate


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
