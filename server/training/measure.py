"""Measuring an exported model: thresholds on `val`, then every figure, through the code that serves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from server.training.dataset import learnable, scored, split_rows
from server.training.degradation import degraded
from server.training.evaluate import as_given, decide_all, predict
from server.training.metrics import SMALLEST_FACE, answers, metrics, smallest
from server.training.occluders import draw_occluder
from server.training.predictions import together
from server.training.recipes import Recipe
from server.training.thresholds import choose
from server.training.turns import finder
from server.vision.classifiers.card import Card, Thresholds
from server.vision.classifiers.litert import LiteRTClassifier

OCCLUDE_SEED = 7


def measured(card: Card, weights: bytes, rows: pd.DataFrame) -> tuple[Card, pd.DataFrame]:
    """The card with thresholds chosen on `val` and all its figures, and what they come from (`predictions.py`).

    rows: all of `faces.csv`.
    """
    which = Recipe.model_validate(card.training["recipe"]).rows
    classifier = LiteRTClassifier(card, weights)
    val = split_rows(learnable(rows, card.labels, which), "val")
    chosen_on = predict(classifier, val, find=finder())
    thresholds = choose(chosen_on, card.labels, *degraded(classifier, val))

    figures, predictions = on_faces(partial(predict, classifier), card.labels, thresholds, rows, chosen_on)
    return card.model_copy(update={"thresholds": thresholds, "metrics": figures}), predictions


def on_faces(
    say: Callable[..., pd.DataFrame],
    labels: Sequence[str],
    thresholds: Thresholds,
    rows: pd.DataFrame,
    val: pd.DataFrame | None = None,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """A model's figures on single faces whose boxes are known, and what it said of each (`predictions.py`).

    say: `evaluate.predict` but for the model. rows: all of `faces.csv`. val: what was said of that split, where it
    shall be scored too.
    """

    def decided(table: pd.DataFrame) -> pd.DataFrame:
        return decide_all(table, labels, thresholds)

    tables = {} if val is None else {"val": decided(val)}
    for name, faces in scored(rows, labels).items():
        tables[name] = decided(say(faces, find=as_given))
    figures: dict[str, Any] = {name: metrics(table, labels, smallest(name)) for name, table in tables.items()}
    test = rows[rows.split == "test"]
    wrongly = test[(test.label == "incorrect") & (test.original_face_px >= SMALLEST_FACE)]
    figures["test_incorrect"] = answers(decided(say(wrongly)))
    bare = test[(test.label == "without_mask") & (test.original_face_px >= 48)]
    rng = np.random.default_rng(OCCLUDE_SEED)
    hands = say(bare, alter=lambda image, box: draw_occluder(image, box, over_mouth=True, rng=rng))
    figures["test_drawn_over_mouth"] = answers(decided(hands))
    return figures, together(tables)
