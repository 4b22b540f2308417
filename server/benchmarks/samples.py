"""Timings as people read them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Hashable, Mapping, Sequence
from time import perf_counter
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)


def interleaved(
    functions: Mapping[Name, Callable[[], object]], rounds: int, warmup: int = 3
) -> dict[Name, list[float]]:
    """Call each function in turn, `rounds` times, so that a machine's moods fall on all alike; seconds by name."""
    for function in functions.values():
        for _ in range(warmup):
            function()
    seconds: dict[Name, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            started = perf_counter()
            function()
            seconds[name].append(perf_counter() - started)
    return seconds


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else float("nan")


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed; NaN of none."""
    if len(values) < 2:
        return median(values)
    return statistics.quantiles(values, n=1000, method="inclusive")[min(round(share * 1000), 999) - 1]
