"""From a trained network to a folder under `models/`: LiteRT weights, card, and a page for people."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from server.training.dataset import digest, split_rows
from server.training.evaluate import as_given, decide_all, metrics, occluded, predict
from server.training.recipes import Recipe
from server.training.report import model_page
from server.training.thresholds import choose
from server.training.turns import finder
from server.vision.classifiers.card import CARD_FILE, WEIGHTS_FILE, Card, Thresholds
from server.vision.classifiers.litert import LiteRTClassifier

NEVER = Thresholds(min_face_px=0, min_sharpness=0, min_brightness=0, max_turn=None, min_confidence=0)
OCCLUDE_SEED = 7


def to_litert(model: keras.Model) -> bytes:
    """The network with a softmax behind it as LiteRT float32, for one picture at a time."""
    size = model.input_shape[1]
    picture = keras.Input((size, size, 3), batch_size=1, name="picture")
    served = keras.Model(picture, keras.layers.Softmax()(model(picture)))
    return bytes(tf.lite.TFLiteConverter.from_keras_model(served).convert())


def export(
    model: keras.Model, name: str, recipe: Recipe, rows: pd.DataFrame, train: pd.DataFrame, models: Path, seed: int
) -> Card:
    """Write `models/<name>/`: weights, thresholds chosen on `val`, figures on `val` and `test`.

    rows: all of `faces.csv`; train: those that the model was fitted on (for the card). Everything is scored
    with the exported weights, through the code that serves.
    """
    weights = to_litert(model)
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
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "machine": platform.machine(),
        },
        sha256=hashlib.sha256(weights).hexdigest(),
    )
    card = measured(card, weights, rows)
    folder = models / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS_FILE).write_bytes(weights)
    write_card(folder, card)
    return card


def measured(card: Card, weights: bytes, rows: pd.DataFrame) -> Card:
    """The card with thresholds chosen on `val` and the figures of `val` and `test`."""
    classifier = LiteRTClassifier(card, weights)
    val = predict(classifier, split_rows(rows, "val"), find=finder())
    thresholds = choose(val, card.labels)
    test_rows = split_rows(rows, "test", suspects=True)
    test = predict(classifier, test_rows, find=as_given)
    bare = test_rows[(test_rows.label == "without_mask") & (test_rows.original_face_px >= 48)]
    hands = predict(classifier, bare, occlude_seed=OCCLUDE_SEED)
    figures: dict[str, Any] = {
        "val": metrics(decide_all(val, card.labels, thresholds), card.labels),
        "test": metrics(decide_all(test, card.labels, thresholds), card.labels),
        "test_drawn_over_mouth": occluded(decide_all(hands, card.labels, thresholds)),
    }
    return card.model_copy(update={"thresholds": thresholds, "metrics": figures})


def write_card(folder: Path, card: Card) -> None:
    """Write `card.json` and the page for people beside the weights."""
    (folder / CARD_FILE).write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(model_page(card), encoding="utf-8")


def agreement(model: keras.Model, classifier: LiteRTClassifier, inputs: np.ndarray) -> float:
    """The largest difference between Keras's probabilities and the exported weights', over `inputs`."""
    keras_side = keras.ops.convert_to_numpy(keras.ops.softmax(model(inputs, training=False)))
    litert_side = np.stack([classifier.run(face) for face in inputs])
    return float(np.abs(keras_side - litert_side).max())
