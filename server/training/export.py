"""From a trained network to a folder under `models/`: LiteRT weights, card, and a page for people."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from server.training.batches import prior_shift
from server.training.compression import compressed, with_probabilities
from server.training.dataset import digest, learnable, scored, split_rows
from server.training.degradation import degraded
from server.training.evaluate import SMALLEST_FACE, as_given, decide_all, metrics, occluded, predict
from server.training.occluders import draw_occluder
from server.training.recipes import Recipe
from server.training.report import model_page
from server.training.thresholds import choose
from server.training.turns import finder
from server.vision.classifiers.card import CARD_FILE, WEIGHTS_FILE, Card, Thresholds
from server.vision.classifiers.litert import LiteRTClassifier

NEVER = Thresholds(min_face_px=0, min_sharpness=0, min_brightness=0, max_turn=None, min_confidence=0)
OCCLUDE_SEED = 7


def export(
    model: keras.Model,
    name: str,
    recipe: Recipe,
    rows: pd.DataFrame,
    train: pd.DataFrame,
    models: Path,
    seed: int,
    history: Sequence[Mapping[str, float]] = (),
) -> Card:
    """Write `models/<name>/`: weights, thresholds chosen on `val`, figures on `val` and the sets to be scored on.

    rows: all of `faces.csv`; train: those that the model was fitted on, history: figures an epoch (both for the
    card). Everything is scored with the exported weights, through the code that serves.
    """
    val = split_rows(learnable(rows, recipe.labels, recipe.rows), "val")
    shift = prior_shift(train, recipe)
    weights, kind = compressed(with_probabilities(model, shift), recipe, train, val)
    card = Card(
        name=name,
        title=recipe.title,
        description=recipe.description,
        licence="MIT",
        labels=recipe.labels,
        input_size=recipe.input_size,
        preprocessing=recipe.preprocessing,
        thresholds=NEVER,
        metrics={},
        training={
            "recipe": recipe.model_dump(mode="json"),
            "seed": seed,
            "faces": {label: int(n) for label, n in train.label.value_counts().items()},
            "data_sha256": digest(train),
            "prior_shift": [round(value, 4) for value in shift],
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "machine": platform.machine(),
            "weights": kind,
            "epochs": [{key: round(value, 5) for key, value in epoch.items()} for epoch in history],
        },
        sha256=hashlib.sha256(weights).hexdigest(),
    )
    card = measured(card, weights, val, scored(rows, card.labels))
    folder = models / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS_FILE).write_bytes(weights)
    write_card(folder, card)
    return card


def measured(card: Card, weights: bytes, val: pd.DataFrame, sets: Mapping[str, pd.DataFrame]) -> Card:
    """The card with thresholds chosen on `val`, and the figures of `val` and of each set by its name."""
    classifier = LiteRTClassifier(card, weights)
    chosen_on = predict(classifier, val, find=finder())
    thresholds = choose(chosen_on, card.labels, *degraded(classifier, val))
    figures: dict[str, Any] = {"val": metrics(decide_all(chosen_on, card.labels, thresholds), card.labels)}
    for name, faces in sets.items():
        table = decide_all(predict(classifier, faces, find=as_given), card.labels, thresholds)
        # The thesis's faces are scored to the last, as the thesis did, however small.
        figures[name] = metrics(table, card.labels, SMALLEST_FACE if name == "test" else 0)
    test = sets["test"]
    bare = test[(test.label == "without_mask") & (test.original_face_px >= 48)]
    rng = np.random.default_rng(OCCLUDE_SEED)
    hands = predict(classifier, bare, alter=lambda image, box: draw_occluder(image, box, over_mouth=True, rng=rng))
    figures["test_drawn_over_mouth"] = occluded(decide_all(hands, card.labels, thresholds))
    return card.model_copy(update={"thresholds": thresholds, "metrics": figures})


def write_card(folder: Path, card: Card) -> None:
    """Write `card.json` and the page for people beside the weights."""
    (folder / CARD_FILE).write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(model_page(card), encoding="utf-8")


def agreement(served: keras.Model, classifier: LiteRTClassifier, inputs: np.ndarray) -> float:
    """The largest difference between Keras's probabilities and the exported weights', over `inputs`."""
    keras_side = np.concatenate([keras.ops.convert_to_numpy(served(face[None], training=False)) for face in inputs])
    litert_side = np.stack([classifier.run(face) for face in inputs])
    return float(np.abs(keras_side - litert_side).max())
