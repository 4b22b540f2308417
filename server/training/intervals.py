"""Shares with the interval that says how far to trust them."""

from __future__ import annotations

from scipy.stats import binomtest

from server.vision.classifiers.card import Rate


def rate(k: int, n: int) -> Rate:
    """The share `k` of `n` with its 95 % interval (Wilson 1927); of nothing (`n` 0), a rate without a value.

    Raises ValueError where not 0 <= k <= n.
    """
    if not 0 <= k <= n:
        raise ValueError(f"a rate needs 0 <= k <= n, got k = {k}, n = {n}")
    if n == 0:
        return Rate(value=None, n=0, low=None, high=None)
    interval = binomtest(int(k), int(n)).proportion_ci(confidence_level=0.95, method="wilson")
    # Wilson's ends are exactly 0 and 1 at k = 0 and k = n; rounding may put them a hair outside.
    return Rate(value=k / n, n=int(n), low=max(float(interval.low), 0.0), high=min(float(interval.high), 1.0))
