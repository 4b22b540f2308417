"""Time beside accuracy."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.ticker import LogLocator, NullLocator, PercentFormatter, StrMethodFormatter

from server.training.pictures.style import ACTION, INK, QUIET, chart

CLOSE = 0.045
"""Names no further apart, up and down, would cover each other: they stand on either side of their points."""


def cost(path: Path, rows: pd.DataFrame, highlighted: str) -> None:
    """End to end over time, a panel a source, with 95 % intervals. rows: of `benchmarks.accuracy.compare`."""
    sources = rows.source.unique()
    with chart(path, panels=len(sources), width=4.2, height=3.6) as panels:
        for axes, source in zip(panels, sources, strict=True):
            of_source = rows[rows.source == source]
            above, left = 2.0, True
            for row in of_source.iloc[(-of_source.end_to_end.str["value"]).argsort()].itertuples():
                colour = ACTION if row.name == highlighted else INK
                of = row.end_to_end
                left = above - of["value"] < CLOSE and not left
                above = of["value"]
                axes.plot((row.time, row.time), (of["low"], of["high"]), color=colour, linewidth=1.2)
                axes.plot(row.time, of["value"], "o", color=colour, markersize=5)
                axes.annotate(
                    row.name.removesuffix(" + mobilenetv2"),
                    (row.time, of["value"]),
                    (-5 if left else 5, -2),
                    textcoords="offset points",
                    ha="right" if left else "left",
                    fontsize=7,
                    color=ACTION if row.name == highlighted else QUIET,
                )
            axes.set(title=source, xscale="log", xlabel="time")
            axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axes.xaxis.set_major_locator(LogLocator(2))
            axes.xaxis.set_minor_locator(NullLocator())
            axes.yaxis.set_major_formatter(PercentFormatter(1))
        panels[0].set_ylabel("found and rightly named")
