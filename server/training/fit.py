"""Fitting a classifier by its recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from server.training.architectures import build
from server.training.batches import PlainBatches, TrainingBatches
from server.training.loop import loop
from server.training.optimizer import hold_batch_norm, optimizer
from server.training.recipes import Recipe


def fit(
    recipe: Recipe,
    train: pd.DataFrame,
    val: pd.DataFrame,
    weights: str | None,
    folder: Path,
    seed: int,
) -> keras.Model:
    """Train and return the model of the epoch that is best on `val` by the recipe's measure.

    folder: holds `log.csv` (a row an epoch), `best.weights.h5` and, until the end, a checkpoint an epoch;
    called again with the same folder after an interruption, goes on from the last whole epoch, or, where
    all are done, only loads the best. What is returned computes in float32, whatever the recipe's precision.
    """
    keras.utils.set_random_seed(seed)
    with _precision(recipe):
        model = build(recipe, weights)
    if recipe.freeze_batch_norm:
        hold_batch_norm(model)
    batches = TrainingBatches(train, recipe, seed)
    model.compile(
        optimizer(recipe, len(batches)),
        _loss(recipe),
        metrics=[keras.metrics.CategoricalAccuracy("accuracy"), keras.metrics.F1Score("macro", name="f1")],
    )
    best = loop(model, batches, PlainBatches(val, recipe), recipe, folder)
    if recipe.precision != "float32":
        model = build(recipe, None)
    model.load_weights(best)
    return model


@contextmanager
def _precision(recipe: Recipe) -> Iterator[None]:
    """Networks built inside compute as the recipe says; Keras keeps that in a global of its own."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(recipe.precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _loss(recipe: Recipe) -> Callable[..., Any]:
    """The recipe's loss of one-hot targets and logits.

    On a softmax of two, binary cross-entropy and both categorical forms are the same number: see docs/thesis.md.
    """
    match recipe.loss:
        case "categorical_crossentropy":
            return keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing)
        case "sparse_categorical_crossentropy":
            return lambda targets, logits: keras.losses.sparse_categorical_crossentropy(
                keras.ops.argmax(targets, axis=-1), logits, from_logits=True
            )
        case "binary_crossentropy":
            # Not `softmax`: Keras remembers the logits before it and would take their sigmoids instead.
            return lambda targets, logits: keras.losses.binary_crossentropy(
                targets, keras.ops.exp(keras.ops.log_softmax(logits))
            )
