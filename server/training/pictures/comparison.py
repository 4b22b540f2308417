"""All models side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.ticker import PercentFormatter

from server.training.pictures.style import ACTION, INK, chart


def comparison(path: Path, sets: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """Accuracy with its interval as dots with whiskers, a panel a set; models in the order of the last set's accuracy.

    sets: the title of each panel, to the `Rate` (as a mapping) of each model by name.
    """
    last = list(sets.values())[-1]
    order = sorted(last, key=lambda name: last[name]["value"])
    with chart(path, panels=len(sets), width=3.9, height=0.9 + 0.3 * len(order)) as panels:
        for axes, (title, rates) in zip(panels, sets.items(), strict=True):
            for place, name in enumerate(order):
                if rates.get(name, {}).get("value") is not None:
                    of = rates[name]
                    axes.plot((of["low"], of["high"]), (place, place), color=ACTION, linewidth=1.4)
                    axes.plot(of["value"], place, "o", color=INK, markersize=5)
            axes.set(title=title, yticks=range(len(order)), ylim=(-0.6, len(order) - 0.4))
            axes.set_yticklabels(order if axes is panels[0] else [])
            axes.xaxis.set_major_formatter(PercentFormatter(1))
