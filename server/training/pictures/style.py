"""How charts look, and SVG that follows the reader's light or dark scheme."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, QUIET, LINE, ACTION = "#1c1d1f", "#5b5e63", "#dcd8cd", "#1f4fd8"
BY_LABEL = {"with_mask": "#00704d", "without_mask": "#b3261e", "incorrect": "#8a5200", "unsure": "#4a5a78"}
_DARK = {
    INK: "#f1efe9",
    QUIET: "#a9adb4",
    LINE: "#33373e",
    ACTION: "#8fb0ff",
    "#00704d": "#3ddc97",
    "#b3261e": "#ff7a6b",
    "#8a5200": "#ffb84d",
    "#4a5a78": "#a9b8d6",
}
"""The pages' tokens (`static/css/tokens.css`), light to dark; a test keeps them alike."""

WORDS = {"with_mask": "mask", "without_mask": "no mask", "incorrect": "worn incorrectly", "unsure": "not sure"}

_RC: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: small files, sharp at every size, found by search
    "svg.hashsalt": "maskgate",  # else every drawing would differ in its identifiers
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": QUIET,
    "axes.edgecolor": LINE,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.titleweight": "normal",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": QUIET,
    "ytick.labelcolor": QUIET,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.6,
}
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


@contextmanager
def chart(
    path: Path, panels: int = 1, width: float = 3.4, height: float = 3.0, *, stacked: bool = False
) -> Iterator[list[Axes]]:
    """Axes side by side, or stacked, to draw on; written to `path` as SVG at the end.

    width, height: of a panel, in inches.
    """
    across, down = (1, panels) if stacked else (panels, 1)
    with mpl.rc_context(_RC):
        figure = Figure(figsize=(width * across, height * down), layout="constrained")
        yield list(figure.subplots(down, across, squeeze=False).flat)
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": "MaskGate"})
    path.write_text(_both_schemes(text.getvalue()), encoding="utf-8")


def _both_schemes(svg: str) -> str:
    """Colours become variables that the reader's scheme sets; fonts become the reader's own."""
    names = {light: f"--c{number}" for number, light in enumerate(_DARK)}

    def variables(value: Callable[[str], str]) -> str:
        return "".join(f"{name}:{value(light)};" for light, name in names.items())

    svg = re.sub("|".join(_DARK), lambda found: f"var({names[found[0]]})", svg)
    svg = re.sub(r"font: ([^;\"]*?)([\d.]+px)[^;\"]*", rf"font: \1\2 {_FONT}", svg)
    svg = re.sub(r"font-family: [^;\"]*", f"font-family: {_FONT}", svg)
    svg = re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE)
    dark = variables(_DARK.__getitem__)
    scheme = f"<style>svg{{{variables(str)}}}@media(prefers-color-scheme:dark){{svg{{{dark}}}}}</style>"
    head, opening, rest = svg.partition("<defs>")
    return head + scheme + opening + rest
