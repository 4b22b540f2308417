"""Scoring a classifier on labelled faces, through the code that serves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from tqdm import tqdm

from server.training.dataset import box_of, read_window
from server.vision.classifiers import Classifier
from server.vision.classifiers.card import Thresholds
from server.vision.decision import label_and_reason
from server.vision.messages import Box, Detection, Image
from server.vision.quality import Quality, measure

DECIMALS = 5
"""Of probabilities, in tables and files."""

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
    Returns the rows' file, split, truth and what figures are grouped by, `p_<label>` (0 to 1), and the columns of
    `Quality`, with `turn` NaN where it is not known.
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
                "group": row.group,
                "mask_type": row.mask_type,
                "original_face_px": row.original_face_px,
                # As a predictions file holds them, so that it gives every figure again.
                **{f"p_{label}": round(p, DECIMALS) for label, p in probabilities.items()},
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
