"""Time beside accuracy: which ways are timed, and what the table and the chart say of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from server.benchmarks import accuracy
from server.training.pictures.cost import cost
from server.training.scenes import Find, Scene, TrueFace, table
from server.vision.messages import Box

COSTS = {("blazeface-back", "mobilenetv2"): 0.02, ("peer:aizoo", "own"): 0.03, ("haar", "none"): 0.4}
BOX = Box(10, 10, 40, 40)


@pytest.fixture
def scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of ways that take 20, 30 and 400 ms; the first finds two faces of three, the others none."""

    def timed(calls: Mapping[tuple[str, str], Callable[[], None]], rounds: int) -> dict[tuple[str, str], list[float]]:
        assert rounds == 5
        return {way: [COSTS[way]] for way in calls}

    monkeypatch.setattr(accuracy, "finder", lambda *_: lambda _jpeg: None)
    monkeypatch.setattr(accuracy, "interleaved", timed)
    tables = []
    for detector, classifier in COSTS:
        scenes = [Scene("a.jpg", "here", (TrueFace(BOX, "with_mask"),))] * 2 + [Scene("b.jpg", "there", ())]
        found = [Find(BOX, 0.9, "with_mask")] if detector == "blazeface-back" else []
        rows = table(zip(scenes, [found, [], found], strict=True))
        tables.append(rows.assign(detector=detector, classifier=classifier))
    path = tmp_path / "scores.csv"
    pd.concat(tables).to_csv(path, index=False)
    return path


def test_a_row_a_way_the_quickest_first(scores: Path, tmp_path: Path):
    rows = accuracy.compare(scores, tmp_path, tmp_path, 5)
    lines = accuracy.table(rows)
    assert accuracy.head(rows) == ["path", "time", "here, precision", "here, end to end", *_of("there")]
    assert [line[:2] for line in lines] == [
        ["blazeface-back + mobilenetv2", "1.00"],
        ["peer:aizoo", "1.50"],
        ["haar + none", "20.00"],
    ]
    assert lines[0][3].startswith("50.0 % (")
    assert lines[0][4].startswith("0.0 % (")
    drawn = tmp_path / "chart.svg"
    cost(drawn, rows[rows.source == "here"].assign(time=np.arange(1, 4)), "peer:aizoo")
    assert "peer:aizoo" in drawn.read_text()


def _of(source: str) -> list[str]:
    return [f"{source}, precision", f"{source}, end to end"]


def test_scores_that_say_too_little(scores: Path, tmp_path: Path):
    with pytest.raises(accuracy.ScoresMissingError, match="evaluate-scenes --detector all writes it"):
        accuracy.compare(tmp_path / "none.csv", tmp_path, tmp_path, 5)
    found = pd.read_csv(scores)
    found[found.detector == "haar"].to_csv(scores, index=False)
    with pytest.raises(accuracy.ScoresMissingError, match="no finds of blazeface-back"):
        accuracy.compare(scores, tmp_path, tmp_path, 5)
