"""Medians, percentiles, turns."""

from __future__ import annotations

import math

import pytest

from server.benchmarks.samples import interleaved, median, percentile


@pytest.mark.parametrize(
    ("values", "share", "expected"), [(range(101), 0.95, 95), (range(101), 0.5, 50), ([7.0], 0.95, 7.0)]
)
def test_percentile(values, share: float, expected: float):
    assert percentile(list(values), share) == pytest.approx(expected, abs=0.2)


def test_of_nothing_there_is_no_percentile():
    assert math.isnan(percentile([], 0.95))
    assert math.isnan(median([]))


def test_functions_take_turns():
    calls: list[str] = []
    seconds = interleaved({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=3, warmup=1)
    assert calls == ["a", "b", "a", "b", "a", "b", "a", "b"]
    assert {name: len(times) for name, times in seconds.items()} == {"a": 3, "b": 3}
