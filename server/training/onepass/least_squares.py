"""Which channels may go, and what the convolution behind them becomes without them.

Of the channels those go whose loss costs that convolution least, one by one: Hassibi, Stork 1993, "Second Order
Derivatives for Network Pruning: Optimal Brain Surgeon", NIPS 5. It is then solved anew for those that stay, over what
training pictures make of them: He et al. 2017, "Channel Pruning for Accelerating Very Deep Neural Networks",
arXiv:1707.06168.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.vision.detectors.suppression import Floats

PLACES = 20000
"""So many places of all pictures are enough, where all count alike."""
RIDGE = 1e-4
"""Of a channel's variance, added to it: channels that say nearly the same must not get huge opposite weights."""

Wide = NDArray[np.floating]
Kept = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Need:
    """What a convolution of one pixel sees (..., channels), what it shall say (..., outputs), and how much each place
    counts (...), all alike where that is None."""

    maps: Floats
    wanted: Floats
    counting: Floats | None = None


def strongest(needs: Sequence[Need], count: int) -> Kept:
    """The channels, of which all needs see the same, that stay: so many, in order. Raises ValueError for too many."""
    known = needs[0].maps.shape[-1]
    if count > known:
        raise ValueError(f"{count} channels cannot be begun with {known}")
    state: list[tuple[Wide, Wide, float]] = []
    for need in needs:
        moments = _moments(need)
        inverse = np.linalg.inv(moments.gram)
        state.append((inverse, inverse @ moments.cross, moments.scale))
    kept = np.arange(known)
    while len(kept) > count:
        costs = sum((kernel**2).sum(axis=1) / np.diag(inverse) / scale for inverse, kernel, scale in state)
        gone = int(np.argmin(costs))
        state = [(*_without(inverse, kernel, gone), scale) for inverse, kernel, scale in state]
        kept = np.delete(kept, gone)
    return kept


def solved(need: Need) -> tuple[Wide, Wide]:
    """The kernel (1, 1, channels, outputs) and the bias (outputs,) that come closest to what is wanted."""
    moments = _moments(need)
    kernel = np.linalg.solve(moments.gram, moments.cross)
    return kernel[None, None], moments.said_mean - moments.mean @ kernel


def _without(inverse: Wide, kernel: Wide, gone: int) -> tuple[Wide, Wide]:
    """The inverse and the kernel once a channel is gone and the others have taken over what they can."""
    column = inverse[:, gone] / inverse[gone, gone]
    rest = inverse - np.outer(column, inverse[gone])
    return np.delete(np.delete(rest, gone, 0), gone, 1), np.delete(kernel - np.outer(column, kernel[gone]), gone, 0)


@dataclass(frozen=True, slots=True)
class _Moments:
    gram: Wide
    cross: Wide
    mean: Wide
    said_mean: Wide
    scale: float  # how much what is wanted varies


def _moments(need: Need) -> _Moments:
    rows, wanted = need.maps.reshape(-1, need.maps.shape[-1]), need.wanted.reshape(-1, need.wanted.shape[-1])
    if need.counting is None:
        some = np.random.default_rng(0).permutation(len(rows))[:PLACES]
        rows, wanted = rows[some], wanted[some]
        counts = np.full(len(rows), 1 / len(rows))
    else:
        counts = need.counting.ravel() / need.counting.sum(dtype=float)
    seen, said = rows.astype(np.float64), wanted.astype(np.float64)
    mean, said_mean = counts @ seen, counts @ said
    seen, said = seen - mean, said - said_mean
    weighted = seen * counts[:, None]
    gram = weighted.T @ seen
    gram += np.diag(RIDGE * np.diag(gram) + 1e-9)
    return _Moments(gram, weighted.T @ said, mean, said_mean, float((counts @ said**2).sum()) + 1e-12)
