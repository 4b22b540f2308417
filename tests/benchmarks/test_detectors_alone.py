"""The table of detectors alone; they and what they cost are handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from server.benchmarks import detectors_alone
from server.benchmarks.by_faces import Timing

COSTS = {"blazeface-back": 0.01, "slow": 0.025, "peer:aizoo": 0.02}


class Detector:
    """Sees as many faces as it was asked for, in percent."""

    def detect(self, image: np.ndarray, min_score: float) -> list[None]:
        assert image.shape == (480, 640, 3)
        return [None] * round(100 * min_score)


def test_every_ratio_is_to_the_cheapest_search(monkeypatch: pytest.MonkeyPatch):
    seen: dict[str, int] = {}

    def info(name: str, models: Path) -> SimpleNamespace:
        return SimpleNamespace(name=name, min_score=len(name) / 100, one_stage=name == "peer:aizoo")

    def load(info: SimpleNamespace, models: Path, peers: Path) -> Detector:
        assert (models, peers) == (Path("models"), Path("peers"))
        return Detector()

    def timed(ways: Mapping[str, Callable], pictures: Mapping[int, np.ndarray], rounds: int) -> dict[str, list[Timing]]:
        assert rounds == 5
        seen.update({name: see(pictures[16]) for name, see in ways.items()})
        return {name: [Timing(faces, faces, COSTS[name]) for faces in pictures] for name in ways}

    monkeypatch.setattr(detectors_alone, "detector_info", info)
    monkeypatch.setattr(detectors_alone, "load", load)
    monkeypatch.setattr(detectors_alone, "time_by_faces", timed)
    rows = detectors_alone.compare(["slow", "blazeface-back"], Path("models"), Path("peers"), 5)
    assert rows == [
        ["blazeface-back", "faces", *["10.0"] * 3, *["1.00"] * 3, "1.00"],
        ["slow", "faces", *["25.0"] * 3, *["2.50"] * 3, "1.00"],
        ["peer:aizoo", "faces and labels", *["20.0"] * 3, *["2.00"] * 3, "1.00"],
    ]
    assert seen == {name: len(name) for name in COSTS}  # each at its own threshold
