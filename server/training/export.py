"""From a trained network to a folder under `models/`: LiteRT weights and all that is known of them."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from server.training.batches import prior_shift
from server.training.compression import compressed, with_probabilities
from server.training.dataset import digest, learnable, split_rows
from server.training.measure import measured
from server.training.model_folder import write_model
from server.training.recipes import Recipe, Training
from server.vision.classifiers.card import Card, Thresholds
from server.vision.classifiers.litert import LiteRTClassifier

NEVER = Thresholds(min_face_px=0, min_sharpness=0, min_brightness=0, max_turn=None, min_confidence=0)


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
    weights, kind = compressed(with_probabilities(model, shift), recipe, val)
    card = unmeasured(
        name,
        recipe,
        training={
            "seed": seed,
            "faces": {label: int(n) for label, n in train.label.value_counts().items()},
            "data_sha256": digest(train),
            "prior_shift": [round(value, 4) for value in shift],
            "weights": kind,
            **made_by(history),
        },
        sha256=hashlib.sha256(weights).hexdigest(),
    )
    card, predictions = measured(card, weights, rows)
    write_model(models / name, card, predictions, weights)
    return card


def unmeasured(name: str, recipe: Training, training: Mapping[str, Any], **more: Any) -> Card:
    """A card of what a recipe says, without figures, and never *not sure*. training: what else the training was."""
    return Card(
        name=name,
        title=recipe.title,
        description=recipe.description,
        licence=recipe.licence,
        labels=recipe.labels,
        input_size=recipe.input_size,
        preprocessing=recipe.preprocessing,
        thresholds=NEVER,
        metrics={},
        training={"recipe": recipe.model_dump(mode="json"), **training},
        **more,
    )


def made_by(history: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """What a card tells of the programs that trained a model, and of each epoch."""
    return {
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "machine": platform.machine(),
        "epochs": [{key: round(value, 5) for key, value in epoch.items() if isfinite(value)} for epoch in history],
    }


def agreement(served: keras.Model, classifier: LiteRTClassifier, inputs: np.ndarray) -> float:
    """The largest difference between Keras's probabilities and the exported weights', over `inputs`."""
    keras_side = np.concatenate([keras.ops.convert_to_numpy(served(face[None], training=False)) for face in inputs])
    litert_side = np.stack([classifier.run(face) for face in inputs])
    return float(np.abs(keras_side - litert_side).max())
