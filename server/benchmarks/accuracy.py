"""What each way of finding and naming faces costs beside how often it is right: a table and a chart."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from server.benchmarks.detectors_alone import UNIT
from server.benchmarks.picture import camera_jpeg
from server.benchmarks.samples import interleaved, median
from server.training.report import percent
from server.training.scene_finders import detector_info, finder
from server.training.scenes import figures

SIZE = 32
"""Of the faces that are counted, in pixels and more."""
FACES = 4


class ScoresMissingError(Exception):
    """There is no table of finds to take figures from; the message says how to make one."""


def compare(scores: Path, models: Path, peers: Path, rounds: int) -> pd.DataFrame:
    """A row a way and source: `name`, `source`, `time` (of `UNIT`'s, with the picture of `FACES` faces), and the
    figures `end_to_end` and `precision` as mappings.

    scores: the CSV of `evaluate-scenes`. Raises ScoresMissingError, and what `finder` raises.
    """
    if not scores.is_file():
        raise ScoresMissingError(f"{scores} is missing: python -m server evaluate-scenes --detector all writes it.")
    found = pd.read_csv(scores)
    ways = list(found[["detector", "classifier"]].drop_duplicates().itertuples(index=False, name=None))
    if UNIT not in {detector for detector, _ in ways}:
        raise ScoresMissingError(f"{scores} has no finds of {UNIT}, which the others are set against: score it too.")
    jpeg = camera_jpeg(FACES)
    calls = {}
    for detector, classifier in ways:
        info = detector_info(detector, models)
        calls[detector, classifier] = partial(finder(info, classifier, info.min_score, models, peers), jpeg)
    times = {way: median(seconds) for way, seconds in interleaved(calls, rounds).items()}
    unit = next(seconds for (detector, _), seconds in times.items() if detector == UNIT)
    rows: list[dict[str, Any]] = []
    for (detector, classifier, source), part in found.groupby(["detector", "classifier", "source"], sort=False):
        of = figures(part, SIZE)
        name = detector if classifier in (detector, "own") else f"{detector} + {classifier}"
        rows.append(
            {
                "name": name,
                "source": source,
                "time": times[detector, classifier] / unit,
                "end_to_end": of.end_to_end.model_dump(),
                "precision": of.precision.model_dump(),
            }
        )
    return pd.DataFrame(rows)


def table(rows: pd.DataFrame) -> list[list[str]]:
    """A row a way: name, time, then precision and end to end of each source."""
    lines = []
    for name, of_way in rows.groupby("name", sort=False):
        cells = [cell for row in of_way.itertuples() for cell in (percent(row.precision), percent(row.end_to_end))]
        lines.append([str(name), f"{of_way.time.iloc[0]:.2f}", *cells])
    return sorted(lines, key=lambda line: float(line[1]))


def head(rows: pd.DataFrame) -> list[str]:
    """The titles of `table`."""
    sources = rows.source.unique()
    return ["path", "time", *(f"{source}, {what}" for source in sources for what in ("precision", "end to end"))]
