"""Scoring a classifier on labelled faces, through the code that serves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix
from tqdm import tqdm

from server.training.dataset import box_of, read_window
from server.training.intervals import rate
from server.vision.classifiers import Classifier
from server.vision.classifiers.card import Thresholds
from server.vision.decision import label_and_reason
from server.vision.messages import UNSURE, Box, Detection, Image
from server.vision.quality import Quality, measure

SMALLEST_FACE = 24
SIZES = ((24, 48), (48, 96), (96, 100_000))

Finder = Callable[[Image, Box], Detection]
"""Gives the detection for a face whose box is known: where landmarks are to be had, a detector's."""


def as_given(_image: Image, box: Box) -> Detection:
    """The labelled box itself, without landmarks."""
    return Detection(box, 1.0)


def predict(
    classifier: Classifier,
    rows: pd.DataFrame,
    *,
    find: Finder = as_given,
    alter: Callable[[Image, Box], Image] | None = None,
) -> pd.DataFrame:
    """Classify every row's face, cut out by its labelled box.

    find: where `turn` comes from. alter: changes each window first, given the face's box.
    Returns the rows' file, split, truth, source and original_face_px, `p_<label>` (0 to 1), and the columns
    of `Quality`, with `turn` NaN where it is not known.
    """
    records = []
    for row in tqdm(rows.itertuples(), total=len(rows), unit="face", mininterval=1):
        window, box = read_window(row.path), box_of(row)
        if alter is not None:
            window = alter(window, box)
        (probabilities,) = classifier.classify(window, [box])
        found = measure(window, find(window, box))
        records.append(
            {
                "file": row.file,
                "split": row.split,
                "truth": row.label,
                "source": row.source,
                "original_face_px": row.original_face_px,
                **{f"p_{label}": p for label, p in probabilities.items()},
                "face_px": box.size,
                "sharpness": found.sharpness,
                "brightness": found.brightness,
                "turn": found.turn if found.turn is not None else np.nan,
            }
        )
    return pd.DataFrame.from_records(records)


def decide_all(table: pd.DataFrame, labels: Sequence[str], thresholds: Thresholds) -> pd.DataFrame:
    """Add `top` (likeliest label), `label` (with `unsure`) and `reason` to a table from `predict`."""
    outcomes = []
    for row in table.to_dict("records"):
        probabilities = {label: row[f"p_{label}"] for label in labels}
        turn = None if np.isnan(row["turn"]) else row["turn"]
        # The window may be shrunk: the size that people mean is the original photo's.
        quality = Quality(row["original_face_px"], row["sharpness"], row["brightness"], turn)
        label, reason = label_and_reason(quality, probabilities, thresholds)
        outcomes.append((max(labels, key=probabilities.__getitem__), label, reason or ""))
    return table.assign(
        top=[top for top, _, _ in outcomes],
        label=[label for _, label, _ in outcomes],
        reason=[reason for _, _, reason in outcomes],
    )


def metrics(table: pd.DataFrame, labels: Sequence[str], smallest: float = SMALLEST_FACE) -> dict[str, Any]:
    """Every figure of a card from a table of `decide_all`: faces of `smallest` px and more, all and by group.

    The group `all`, each `source:<name>` and each `size:<from>-<to>`.
    """
    table = table[table.original_face_px >= smallest]
    groups = {"all": table}
    for source, part in table.groupby("source"):
        groups[f"source:{source}"] = part
    for low, high in SIZES:
        name = f"size:{low}-{high}" if high < 10_000 else f"size:{low}-"
        groups[name] = table[table.original_face_px.between(low, high, inclusive="left")]
    return {name: _group(part, labels) for name, part in groups.items()}


def _group(table: pd.DataFrame, labels: Sequence[str]) -> dict[str, Any]:
    """Likeliest label against truth, then what the product answers with `unsure` among its labels."""
    none = np.zeros((len(labels), len(labels)), int)
    matrix = confusion_matrix(table.truth, table.top, labels=list(labels)) if len(table) else none
    sure = table[table.label != UNSURE]
    return {
        "faces": len(table),
        "accuracy": _rate(matrix.trace(), matrix.sum()),
        "labels": {
            label: {
                "recall": _rate(matrix[i, i], matrix[i].sum()),
                "precision": _rate(matrix[i, i], matrix[:, i].sum()),
            }
            for i, label in enumerate(labels)
        },
        "confusion": matrix.tolist(),
        "unsure": _rate(len(table) - len(sure), len(table)),
        "accuracy_when_sure": _rate((sure.truth == sure.label).sum(), len(sure)),
    }


def occluded(table: pd.DataFrame) -> dict[str, Any]:
    """What is answered of bare faces with something drawn over the mouth."""
    return {
        "faces": len(table),
        **{label: _rate((table.label == label).sum(), len(table)) for label in sorted({*table.label})},
    }


def _rate(k: int, n: int) -> dict[str, Any]:
    return rate(int(k), int(n)).model_dump()
