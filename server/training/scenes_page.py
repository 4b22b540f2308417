"""The Markdown tables of `evaluate-scenes`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from server.training.average_precision import FACE, Scored, average_precisions
from server.training.report import markdown, percent
from server.training.scene_finders import NO_CLASSIFIER
from server.training.scenes import Figures, figures, summary
from server.vision.messages import LABELS

_FINDING = {"recall": "recall", "precision": "precision"}
_NAMING = {"right": "right given found", "unsure": "not sure given found", "end_to_end": "end to end"}


def figures_page(rows: pd.DataFrame) -> str:
    """Two tables: one of all faces, one by true label. rows: with the columns `detector` and `classifier`."""
    rates = _rates(rows)
    of_label = {field: title for field, title in rates.items() if field != "precision"}
    whole, by_label = [], []
    for (detector,), scored in rows.groupby(["detector"], sort=False):
        for source, size, found, labels in summary(scored):
            where = [str(detector), source, faces_of(size)]
            whole.append([*where, *_cells(found, rates)])
            by_label += [[*where, label, *_cells(one, of_label)] for label, one in labels.items()]
    head = ["detector", "source", "faces of"]
    return "\n\n".join(
        [
            markdown([*head, *rates.values()], whole),
            markdown([*head, "label", *of_label.values()], by_label),
        ]
    )


def faces_of(size: int | None) -> str:
    """Which faces a line of `summary` is of."""
    return "a third of the height and more" if size is None else f"{size} px and more"


def average_precision_page(scored: Mapping[str, Scored], *, named: bool) -> str:
    """Average precision in percent. scored: by detector. named: whether there are labels."""
    labels = LABELS if named else ()
    rows = []
    for detector, pictures in scored.items():
        for source, (least, under), by_category in average_precisions(pictures, labels):
            sizes = f"{least:g} px and more" if under is None else f"{least:g} to {under:g} px"
            cells = [_percent(value) for found in by_category.values() for value in (found.half, found.strict)]
            rows.append([detector, source, sizes, *cells])
    titles = [title for name in (FACE, *labels) for title in (f"{name} AP .5", f"{name} AP .5:.95")]
    return markdown(["detector", "source", "faces of", *titles], rows)


def thresholds_page(chosen: Sequence[tuple[str, float | None, pd.DataFrame]], min_size: float) -> str:
    """The figures of all sources at a chosen threshold: detector, threshold, rows from there up."""
    rates = _rates(pd.concat([rows for _, _, rows in chosen]))
    lines = []
    for detector, threshold, rows in chosen:
        cells = ["–"] * len(rates) if threshold is None else _cells(figures(rows, min_size), rates)
        lines.append([detector, "none" if threshold is None else f"{threshold:.2f}", *cells])
    return markdown(["detector", "threshold", *rates.values()], lines)


def _rates(rows: pd.DataFrame) -> dict[str, str]:
    """Field to title; where no classifier ran, only finding can be scored."""
    return _FINDING | _NAMING if (rows["classifier"] != NO_CLASSIFIER).any() else _FINDING


def _cells(found: Figures, fields: Iterable[str]) -> list[str]:
    return [percent(getattr(found, field).model_dump()) for field in fields]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"
