"""Choosing when to say *not sure*: on validation faces only."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from server.vision.classifiers.card import Thresholds

SMALLEST_FACE_PX = 20.0
LEAST_RIGHT = 0.95
"""The share of answers that must be right for a picture's quality to be good enough."""
SHARE_BY_CONFIDENCE = 0.01
SHARE_BY_QUALITY = 0.002
SHARE_BY_TURN = 0.001
"""Shares of validation faces of 32 px and more that may turn `unsure`: by confidence, by sharpness and brightness
each, and by turn. Together 1.5 % at most: *not sure* is an honest answer, not a way out (limit: 3 %), and in whole
pictures, whose faces are smaller and further turned, it takes about three times as many."""


def choose(
    table: pd.DataFrame,
    labels: Sequence[str],
    blurred: pd.DataFrame,
    darkened: pd.DataFrame,
    least_right: float = LEAST_RIGHT,
) -> Thresholds:
    """The thresholds for a model from its `predict` table on `val`, `turn` included.

    blurred, darkened: tables of validation faces made worse (`degradation.py`). Sharpness and brightness must be
    such that the likeliest label is right in `least_right` of them. Turned heads are named as rightly as others as
    far as validation faces go, so only what lies beyond nearly all of those is doubted. The least confidence takes
    the doubtful share that is left.
    """
    faces = table[table.original_face_px >= 32]
    confidence = faces[[f"p_{label}" for label in labels]].max(axis=1)
    turns = faces.turn.dropna()
    sharpness = needed(blurred.sharpness, right(blurred, labels), least_right)
    brightness = needed(darkened.brightness, right(darkened, labels), least_right)
    return Thresholds(
        min_face_px=SMALLEST_FACE_PX,
        min_sharpness=_floor(min(sharpness, np.quantile(faces.sharpness, SHARE_BY_QUALITY)), 4),
        min_brightness=_floor(min(brightness, np.quantile(faces.brightness, SHARE_BY_QUALITY)), 1),
        max_turn=-_floor(-turns.quantile(1 - SHARE_BY_TURN), 3) if len(turns) else None,
        min_confidence=_floor(np.quantile(confidence, SHARE_BY_CONFIDENCE), 4),
    )


def right(table: pd.DataFrame, labels: Sequence[str]) -> pd.Series:
    """Which rows of a `predict` table have the true label as their likeliest: a boolean a row."""
    likeliest = table[[f"p_{label}" for label in labels]].idxmax(axis=1)
    return likeliest == "p_" + table.truth


def needed(quality: pd.Series, is_right: pd.Series, share: float = LEAST_RIGHT) -> float:
    """The least quality from which on this share of answers is right; the best there is where none suffices.

    How often they are right is taken to rise with quality (isotonic regression, Barlow et al. 1972).
    """
    from sklearn.isotonic import IsotonicRegression

    ordered = np.sort(quality)
    enough = IsotonicRegression().fit(quality, is_right).predict(ordered) >= share
    return float(ordered[np.argmax(enough)] if enough.any() else ordered[-1])


def _floor(value: float, digits: int) -> float:
    """Rounded down: rounded up, the floor of a very sure model would be 1 and leave every face `unsure`."""
    return math.floor(value * 10**digits) / 10**digits
