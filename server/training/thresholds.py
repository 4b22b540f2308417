"""Choosing when to say *not sure*: on validation faces only."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from server.vision.classifiers.card import Thresholds

SMALLEST_FACE_PX = 20.0
SHARE_BY_CONFIDENCE = 0.015
SHARE_BY_QUALITY = 0.002
"""Shares of validation faces of 32 px and more that may turn `unsure`: by confidence, and by each of the three
measures of quality. Together 2.1 % at most: *not sure* is an honest answer, not a way out (limit: 3 %)."""


def choose(table: pd.DataFrame, labels: Sequence[str]) -> Thresholds:
    """The thresholds for a model from its `predict` table on `val`, `turn` included.

    The quality floors lie at what hardly any validation face falls under: outside of what was learned and
    measured, no claim is made. The least confidence takes the doubtful share that is left.
    """
    faces = table[table.original_face_px >= 32]
    confidence = faces[[f"p_{label}" for label in labels]].max(axis=1)
    turns = faces.turn.dropna()
    return Thresholds(
        min_face_px=SMALLEST_FACE_PX,
        min_sharpness=_floor(np.quantile(faces.sharpness, SHARE_BY_QUALITY), 4),
        min_brightness=_floor(np.quantile(faces.brightness, SHARE_BY_QUALITY), 1),
        max_turn=-_floor(-turns.quantile(1 - SHARE_BY_QUALITY), 3) if len(turns) else None,
        min_confidence=_floor(np.quantile(confidence, SHARE_BY_CONFIDENCE), 4),
    )


def _floor(value: float, digits: int) -> float:
    """Rounded down: rounded up, the floor of a very sure model would be 1 and leave every face `unsure`."""
    return math.floor(value * 10**digits) / 10**digits
