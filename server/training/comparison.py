"""Models against each other on the very same faces: far sharper than two intervals side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest

from server.training.intervals import FEW, NOTHING, Bootstrap
from server.vision.classifiers.card import Rate


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models on the faces that both were scored on, by their likeliest labels.

    only_first, only_second: faces that one alone named right. p: of McNemar's exact test (McNemar 1947), how likely
    so uneven a split is where both are equally good, each face taken for itself. difference: of their accuracies, first
    less second, -1 to 1, with its interval by paired bootstrap of whole groups; from the exact ones where few differ.
    """

    faces: int
    only_first: int
    only_second: int
    p: float
    difference: Rate


def compare(first: pd.DataFrame, second: pd.DataFrame) -> Pair:
    """Compare two models' predictions of one set of faces; faces that only one was asked about are left out."""
    both = first.merge(second, on="file", suffixes=("", "_second"))
    right, other = (both.top == both.truth).to_numpy(), (both.top_second == both.truth_second).to_numpy()
    only_first, only_second = int((right & ~other).sum()), int((~right & other).sum())
    apart = only_first + only_second

    def difference(counts: NDArray[np.float32]) -> NDArray[np.float32]:
        return (counts[:, 1] - counts[:, 2]) / counts.sum(axis=1)

    if apart < FEW:
        between = _few_apart(only_first, only_second, len(both))
    else:
        between = Bootstrap(both.group).of_counts(difference, (right & ~other) + 2 * (~right & other), 3)
    return Pair(
        faces=len(both),
        only_first=only_first,
        only_second=only_second,
        p=float(binomtest(only_first, apart).pvalue) if apart else 1.0,
        difference=between,
    )


def _few_apart(only_first: int, only_second: int, n: int) -> Rate:
    """The difference of two shares of `n`, its ends from theirs (Zou, Donner 2008): not nothing where none differ."""
    if not n:
        return NOTHING
    one, other = only_first / n, only_second / n
    of_one, of_other = (binomtest(k, n).proportion_ci(0.95, method="exact") for k in (only_first, only_second))
    low = one - other - math.hypot(one - of_one.low, of_other.high - other)
    high = one - other + math.hypot(of_one.high - one, other - of_other.low)
    return Rate(value=one - other, n=n, low=low, high=high)
