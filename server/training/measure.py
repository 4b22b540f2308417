"""Measuring an exported model: thresholds on `val`, then every figure, through the code that serves."""

from __future__ import annotations

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
from server.vision.classifiers.card import Card
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

    def decided(table: pd.DataFrame) -> pd.DataFrame:
        return decide_all(table, card.labels, thresholds)

    tables = {"val": decided(chosen_on)}
    for name, faces in scored(rows, card.labels).items():
        tables[name] = decided(predict(classifier, faces, find=as_given))
    figures: dict[str, Any] = {name: metrics(table, card.labels, smallest(name)) for name, table in tables.items()}
    test = rows[rows.split == "test"]
    wrongly = test[(test.label == "incorrect") & (test.original_face_px >= SMALLEST_FACE)]
    figures["test_incorrect"] = answers(decided(predict(classifier, wrongly)))
    bare = test[(test.label == "without_mask") & (test.original_face_px >= 48)]
    rng = np.random.default_rng(OCCLUDE_SEED)
    hands = predict(classifier, bare, alter=lambda image, box: draw_occluder(image, box, over_mouth=True, rng=rng))
    figures["test_drawn_over_mouth"] = answers(decided(hands))
    return card.model_copy(update={"thresholds": thresholds, "metrics": figures}), together(tables)
