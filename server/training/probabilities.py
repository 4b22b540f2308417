"""How good a model's probabilities are, beyond which of them is the greatest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from server.training.intervals import Bootstrap
from server.vision.classifiers.card import Rate

ROUNDS = 200
"""Of the bootstrap: ranking all faces anew in each round takes its time."""
BINS = 15
_LEAST = 1e-5  # a predictions file holds five decimals


def figures(table: pd.DataFrame, labels: Sequence[str], draws: Bootstrap) -> dict[str, Rate]:
    """Log loss, areas under ROC and precision-recall curves, and calibration error of a `predict` table.

    The areas are of each label against the rest, averaged over the labels that occur; not rates but figures of
    all faces (log loss: nats, may exceed 1).
    """
    given = matrix(table, labels)
    truth = (table.truth.to_numpy()[:, np.newaxis] == np.array(labels)) if len(table) else np.zeros(given.shape, bool)
    present = truth.any(axis=0) & ~truth.all(axis=0)
    surprise = -np.log(np.clip(given[truth], _LEAST, 1))
    confidence, right = given.max(axis=1, initial=0), truth[np.arange(len(table)), given.argmax(axis=1)]

    def area(score: object, weights: NDArray[np.float32]) -> float:
        counted = weights > 0
        if not present.any() or not (truth[counted][:, present].any(0) & ~truth[counted][:, present].all(0)).all():
            raise ValueError("without faces of each kind there is no area")
        areas = [
            score(truth[counted, label], given[counted, label], sample_weight=weights[counted])  # type: ignore[operator]
            for label in np.flatnonzero(present)
        ]
        return float(np.mean(areas))

    return {
        "log_loss": draws.figure(lambda weights: float(np.average(surprise, weights=weights))),
        "roc_auc": draws.figure(lambda weights: area(roc_auc_score, weights)),
        "average_precision": draws.figure(lambda weights: area(average_precision_score, weights)),
        "calibration_error": draws.figure(lambda weights: calibration_error(confidence, right, weights)),
    }


def matrix(table: pd.DataFrame, labels: Sequence[str]) -> NDArray[np.float64]:
    """The probabilities of a `predict` table: float64 (faces, labels)."""
    return table[[f"p_{label}" for label in labels]].to_numpy(float).reshape(len(table), len(labels))


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float32]) -> float:
    """Expected calibration error in `BINS` equal bins (Guo et al. 2017): 0 to 1, 0 where 90 % means 90 %."""
    inside, said, was = binned(confidence, right, weights)
    if not inside.sum():
        raise ValueError("no faces")
    return float(np.abs(said - was).sum() / inside.sum())


def binned(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Sums a bin of confidence: of the weights, of what was said and of what was right; each float64 (BINS,)."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    sums = (np.bincount(bins, weights * value, BINS).astype(float) for value in (1.0, confidence, right))
    inside, said, was = sums
    return inside, said, was


def coverage(table: pd.DataFrame, labels: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Accuracy of the most confident faces against how many of them are answered, both 0 to 1, ends at all faces.

    What *not sure* buys: from right to left, the least confident turn `unsure` first (El-Yaniv, Wiener 2010).
    """
    given = matrix(table, labels)
    order = np.argsort(-given.max(axis=1), kind="stable")
    right = (np.array(labels)[given.argmax(axis=1)] == table.truth.to_numpy())[order]
    answered = np.arange(1, len(table) + 1)
    return answered / len(table), np.cumsum(right) / answered
