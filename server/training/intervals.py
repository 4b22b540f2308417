"""Figures with the interval that says how far to trust them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest

from server.vision.classifiers.card import Rate

ROUNDS = 1000
FEW = 10
"""With fewer right or fewer wrong than this, resampling says too little: the exact interval stands instead. With fewer
groups it may say nothing at all (one group is drawn alike each time): then a rate's is no narrower than the exact."""

NOTHING = Rate(value=None, n=0, low=None, high=None)


def rate(k: int, n: int, method: Literal["wilson", "exact"] = "wilson") -> Rate:
    """The share `k` of `n` with its 95 % interval; of nothing (`n` 0), a rate without a value.

    method: Wilson 1927, or exact (Clopper, Pearson 1934). Raises ValueError where not 0 <= k <= n.
    """
    if not 0 <= k <= n:
        raise ValueError(f"a rate needs 0 <= k <= n, got k = {k}, n = {n}")
    if n == 0:
        return NOTHING
    interval = binomtest(int(k), int(n)).proportion_ci(confidence_level=0.95, method=method)
    # Wilson's ends are exactly 0 and 1 at k = 0 and k = n; rounding may put them a hair outside.
    return Rate(value=k / n, n=int(n), low=_short(max(interval.low, 0.0)), high=_short(min(interval.high, 1.0)))


class Bootstrap:
    """95 % intervals by drawing whole groups again and again, with replacement (Davison, Hinkley 1997, 3.8).

    Near-copies and faces of one scene are right or wrong together, so they are drawn together: intervals that took
    them one by one would be too narrow.
    """

    def __init__(self, groups: pd.Series, rounds: int = ROUNDS, seed: int = 0) -> None:
        """groups: the group of each face, in the order of all that is asked for later."""
        self._codes, names = pd.factorize(groups)
        self.groups = len(names)
        rng = np.random.default_rng(seed)
        shares = np.full(self.groups, 1 / self.groups) if self.groups else [1.0]
        self._draws = rng.multinomial(self.groups, shares, size=rounds)[:, : self.groups].astype(np.float32)

    def counts(self, cells: ArrayLike, kinds: int) -> NDArray[np.float32]:
        """How many faces of each kind every round holds: float32 (rounds, kinds).

        cells: the kind of each face, 0 to `kinds` - 1.
        """
        flat = self._codes * kinds + np.asarray(cells, np.int64)
        of_group = np.bincount(flat, minlength=self.groups * kinds).reshape(self.groups, kinds)
        return self._draws @ of_group.astype(np.float32)

    def rate(self, hits: ArrayLike, among: ArrayLike | None = None) -> Rate:
        """The share of faces that are hits, among those of the mask `among` or all; both bool, one a face."""
        hits = np.asarray(hits, bool)
        counted = np.ones_like(hits) if among is None else np.asarray(among, bool)
        k, n = int((hits & counted).sum()), int(counted.sum())
        exact = rate(k, n, "exact")
        if min(k, n - k) < FEW:
            return exact
        drawn = self.counts(np.where(counted, 1 + hits, 0), 3)
        with np.errstate(invalid="ignore"):
            found = _spread(k / n, n, drawn[:, 2] / (drawn[:, 1] + drawn[:, 2]))
        if len(np.unique(self._codes[counted])) >= FEW:
            return found
        ends = [end for each in (found, exact) for end in (each.low, each.high) if end is not None]
        return Rate(value=k / n, n=n, low=min(ends), high=max(ends))

    def figure(self, measure: Callable[[NDArray[np.float32]], float]) -> Rate:
        """Any measure of weighted faces; ValueError from it means that this draw has none.

        measure: of how often each face counts, float32 (faces,).
        """
        n = len(self._codes)
        if not n:
            return NOTHING
        value = _tried(measure, np.ones(n, np.float32))
        if np.isnan(value):
            return Rate(value=None, n=n, low=None, high=None)
        return _spread(value, n, np.array([_tried(measure, draw[self._codes]) for draw in self._draws]))

    def of_counts(
        self, measure: Callable[[NDArray[np.float32]], NDArray[np.float32]], cells: ArrayLike, kinds: int
    ) -> Rate:
        """A measure of the counts of each kind, computed for all rounds at once: (rounds, kinds) to (rounds,)."""
        n = len(self._codes)
        whole = np.bincount(np.asarray(cells, np.int64), minlength=kinds).astype(np.float32)
        with np.errstate(invalid="ignore"):
            value = float(measure(whole[np.newaxis])[0])
        if np.isnan(value):
            return Rate(value=None, n=n, low=None, high=None)
        return _spread(value, n, measure(self.counts(cells, kinds)))


def _tried(measure: Callable[[NDArray[np.float32]], float], weights: NDArray[np.float32]) -> float:
    try:
        return float(measure(weights))
    except ValueError:
        return float("nan")


def _spread(value: float, n: int, drawn: NDArray[np.floating]) -> Rate:
    """The percentile interval; it always holds the value itself."""
    drawn = drawn[~np.isnan(drawn)]
    low, high = np.quantile(drawn, (0.025, 0.975)) if len(drawn) else (value, value)
    return Rate(value=value, n=n, low=min(_short(low), value), high=max(_short(high), value))


def _short(end: float) -> float:
    """An interval's end as a card holds it."""
    return round(float(end), 5)
