"""From a trained network to a folder under `models/`: LiteRT weights, card, and a page for people."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from server.training.batches import prior_shift
from server.training.dataset import digest, split_rows
from server.training.degradation import degraded
from server.training.evaluate import as_given, decide_all, metrics, occluded, predict
from server.training.occluders import draw_occluder
from server.training.recipes import Recipe
from server.training.report import model_page
from server.training.thresholds import choose
from server.training.turns import finder
from server.vision.classifiers.card import CARD_FILE, WEIGHTS_FILE, Card, Thresholds
from server.vision.classifiers.litert import LiteRTClassifier

NEVER = Thresholds(min_face_px=0, min_sharpness=0, min_brightness=0, max_turn=None, min_confidence=0)
OCCLUDE_SEED = 7


def with_probabilities(model: keras.Model, shift: Sequence[float]) -> keras.Model:
    """The network that serves: the logits plus a constant each, then a softmax; one picture (1, size, size, 3)."""
    size = model.input_shape[1]
    picture = keras.Input((size, size, 3), batch_size=1, name="picture")
    logits = keras.ops.add(model(picture), np.asarray(shift, np.float32))
    return keras.Model(picture, keras.layers.Softmax()(logits))


def to_litert(served: keras.Model) -> bytes:
    """A network as LiteRT float32."""
    with redirect_stdout(StringIO()):  # it prints every tensor of the network
        return bytes(tf.lite.TFLiteConverter.from_keras_model(served).convert())


def export(
    model: keras.Model, name: str, recipe: Recipe, rows: pd.DataFrame, train: pd.DataFrame, models: Path, seed: int
) -> Card:
    """Write `models/<name>/`: weights, thresholds chosen on `val`, figures on `val` and `test`.

    rows: all of `faces.csv`; train: those that the model was fitted on (for the card). Everything is scored
    with the exported weights, through the code that serves.
    """
    shift = prior_shift(train, recipe)
    weights = to_litert(with_probabilities(model, shift))
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
    val_rows = split_rows(rows, "val")
    val = predict(classifier, val_rows, find=finder())
    thresholds = choose(val, card.labels, *degraded(classifier, val_rows))
    test_rows = split_rows(rows, "test", suspects=True)
    test = predict(classifier, test_rows, find=as_given)
    bare = test_rows[(test_rows.label == "without_mask") & (test_rows.original_face_px >= 48)]
    rng = np.random.default_rng(OCCLUDE_SEED)
    hands = predict(classifier, bare, alter=lambda image, box: draw_occluder(image, box, over_mouth=True, rng=rng))
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


def agreement(served: keras.Model, classifier: LiteRTClassifier, inputs: np.ndarray) -> float:
    """The largest difference between Keras's probabilities and the exported weights', over `inputs`."""
    keras_side = np.concatenate([keras.ops.convert_to_numpy(served(face[None], training=False)) for face in inputs])
    litert_side = np.stack([classifier.run(face) for face in inputs])
    return float(np.abs(keras_side - litert_side).max())
