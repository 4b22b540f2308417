"""One model's charts: how it learned, what it confuses, and how far its probabilities can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter
from sklearn.metrics import precision_recall_curve, roc_curve

from server.training.pictures.style import ACTION, BY_LABEL, INK, LINE, QUIET, WORDS, chart
from server.training.probabilities import binned, coverage, matrix
from server.vision.messages import UNSURE


def curves(path: Path, epochs: Sequence[Mapping[str, float]], best_by: str) -> None:
    """Accuracy and loss on train and val, an epoch each; the epoch that was kept is marked.

    epochs: as in a card's `training`. best_by: `val_accuracy` or `val_loss`.
    """
    kept = int((np.argmin if best_by == "val_loss" else np.argmax)([epoch[best_by] for epoch in epochs]))
    numbers = np.arange(1, len(epochs) + 1)
    with chart(path, panels=2, width=3.0, height=1.5, stacked=True) as panels:
        for axes, name in zip(panels, ("accuracy", "loss"), strict=True):
            axes.plot(numbers, [epoch[name] for epoch in epochs], "--", color=QUIET, label="train")
            of_val = [epoch[f"val_{name}"] for epoch in epochs]
            axes.plot(numbers, of_val, color=ACTION, label="val")
            axes.plot(kept + 1, of_val[kept], "o", color=ACTION, label="kept")
            axes.set(title=name)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        panels[0].legend(loc="best")
        panels[-1].set_xlabel("epoch")


def scene_curves(path: Path, epochs: Sequence[Mapping[str, float]], best_by: str) -> None:
    """A one-stage detector's average precision on val and its loss on train, an epoch each; the kept one is marked.

    epochs: as in a card's `training`. best_by: what of them an epoch was chosen by; not every one must tell it.
    """
    kept = int(np.argmax([epoch.get(best_by, 0) for epoch in epochs]))
    numbers = np.arange(1, len(epochs) + 1)
    with chart(path, panels=2, width=3.0, height=1.5, stacked=True) as (upper, lower):
        for key, look, label in (
            ("val_found", "--", "average precision, found"),
            ("val_named", ":", "and named"),
            ("val_end_to_end", "-", "right at the threshold"),
        ):
            upper.plot(numbers, [epoch.get(key, np.nan) for epoch in epochs], look, color=ACTION, label=label)
        upper.plot(kept + 1, epochs[kept].get(best_by, np.nan), "o", color=ACTION, label="kept")
        upper.set(title="on val")
        lower.plot(numbers, [epoch["loss"] for epoch in epochs], "--", color=QUIET, label="train")
        lower.set(title="loss", xlabel="epoch")
        for axes in (upper, lower):
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.legend(loc="best")


def confusion(path: Path, counts: Sequence[Sequence[int]], labels: Sequence[str]) -> None:
    """A confusion matrix as a heat map: rows true, columns answered; darker for a larger share of the row."""
    words = [WORDS[label].replace("worn ", "worn\n") for label in labels]
    shares = np.array(counts) / np.maximum(np.array(counts).sum(axis=1, keepdims=True), 1)
    with chart(path) as (axes,):
        for (row, column), share in np.ndenumerate(shares):
            colour = BY_LABEL[labels[row]] if row == column else INK
            axes.add_patch(_cell(column, row, colour, 0.06 + 0.42 * share))
            axes.text(column, row, f"{counts[row][column]}", ha="center", va="center", fontsize=13)
        ends = (-0.5, len(labels) - 0.5)
        axes.set(xlim=ends, ylim=ends[::-1], xticks=range(len(labels)), yticks=range(len(labels)), aspect="equal")
        axes.set_xticklabels(words)
        axes.set_yticklabels(words, rotation=90, va="center", ma="center")
        axes.set(title="rows true, columns answered")
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)


def roc(path: Path, table: pd.DataFrame, labels: Sequence[str]) -> None:
    """ROC and precision-recall curves of each label against the rest. table: predictions of one set."""
    given = matrix(table, labels)
    with chart(path, panels=2) as (left, right):
        for number, label in enumerate(labels):
            truth = (table.truth == label).to_numpy()
            if truth.all() or not truth.any():
                continue
            looks: dict[str, Any] = {"color": BY_LABEL[label], "label": WORDS[label]}
            false_alarms, found, _ = roc_curve(truth, given[:, number])
            left.plot(false_alarms, found, **looks)
            precision, recall, _ = precision_recall_curve(truth, given[:, number])
            right.plot(recall, precision, **looks)
        left.set(title="ROC", xlabel="others called so", ylabel="recall")
        right.set(title="precision and recall", xlabel="recall", ylabel="precision")
        for axes in (left, right):
            _percent(axes)
            if axes.lines:  # a set of one class alone has no curve
                axes.legend(loc="lower right" if axes is left else "lower left")


def reliability(path: Path, table: pd.DataFrame, labels: Sequence[str]) -> None:
    """How often the likeliest label is right, against how sure the model says it is; dots by number of faces."""
    given = matrix(table, labels)
    right = np.array(labels)[given.argmax(axis=1)] == table.truth.to_numpy()
    inside, said, was = binned(given.max(axis=1), right, np.ones(len(table), np.float32))
    full = inside > 0
    with chart(path) as (axes,):
        axes.plot((0, 1), (0, 1), color=LINE, label="as it says")
        axes.plot(said[full] / inside[full], was[full] / inside[full], color=ACTION, linewidth=1)
        sizes = 12 + 160 * np.sqrt(inside[full] / inside.sum())
        axes.scatter(said[full] / inside[full], was[full] / inside[full], s=sizes, color=ACTION, label="measured")
        axes.set(title="reliability", xlabel="says it is sure by", ylabel="is right in")
        axes.set_xlim(1 / len(labels) - 0.03, 1.03)
        _percent(axes, fit=False)
        axes.legend(loc="upper left")


def coverage_curve(path: Path, table: pd.DataFrame, labels: Sequence[str]) -> None:
    """Accuracy against the share of faces that is answered, and where the model works with its `unsure`."""
    answered, accuracy = coverage(table, labels)
    sure = table[table.label != UNSURE]
    shown = answered >= 0.5
    with chart(path) as (axes,):
        axes.plot(answered[shown], accuracy[shown], color=ACTION, label="by confidence")
        if len(sure):
            right = (sure.label == sure.truth).mean()
            axes.plot(len(sure) / len(table), right, "s", color=BY_LABEL[UNSURE], label="with its not sure")
        axes.set(title="accuracy and coverage", xlabel="faces answered", ylabel="right among them")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.legend(loc="lower left")


def _cell(column: int, row: int, colour: str, opacity: float) -> Rectangle:
    return Rectangle((column - 0.48, row - 0.48), 0.96, 0.96, facecolor=colour, alpha=opacity, linewidth=0)


def _percent(axes: Axes, *, fit: bool = True) -> None:
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    if fit:
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
