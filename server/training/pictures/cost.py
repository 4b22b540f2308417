"""Time beside accuracy."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.ticker import PercentFormatter, ScalarFormatter

from server.training.pictures.style import ACTION, INK, QUIET, chart


def cost(path: Path, rows: pd.DataFrame, highlighted: str) -> None:
    """End to end over time, a panel a source, with 95 % intervals. rows: of `benchmarks.accuracy.compare`."""
    sources = rows.source.unique()
    with chart(path, panels=len(sources), width=4.2, height=3.6) as panels:
        for axes, source in zip(panels, sources, strict=True):
            for row in rows[rows.source == source].itertuples():
                colour = ACTION if row.name == highlighted else INK
                of = row.end_to_end
                axes.plot((row.time, row.time), (of["low"], of["high"]), color=colour, linewidth=1.2)
                axes.plot(row.time, of["value"], "o", color=colour, markersize=5)
                axes.annotate(
                    row.name.removesuffix(" + mobilenetv2"),
                    (row.time, of["value"]),
                    (5, 3),
                    textcoords="offset points",
                    fontsize=7,
                    color=ACTION if row.name == highlighted else QUIET,
                )
            axes.set(title=source, xscale="log", xlabel="time")
            axes.xaxis.set_major_formatter(ScalarFormatter())
            axes.xaxis.set_minor_formatter(ScalarFormatter())
            axes.tick_params(axis="x", which="minor", labelsize=7)
            axes.yaxis.set_major_formatter(PercentFormatter(1))
        panels[0].set_ylabel("found and rightly named")
