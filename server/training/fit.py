"""Fitting a recipe: one loop for every model, resumable, logged, seeded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from server.training.architectures import build
from server.training.batches import PlainBatches, TrainingBatches
from server.training.recipes import Recipe
from server.training.run import BEST


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
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = False
    batches = TrainingBatches(train, recipe, seed)
    model.compile(
        _optimizer(recipe, len(batches)),
        _loss(recipe),
        metrics=[keras.metrics.CategoricalAccuracy("accuracy"), keras.metrics.F1Score("macro", name="f1")],
    )
    best = folder / BEST
    done = _measures(folder, recipe)
    if len(done) >= recipe.epochs or stale(done, recipe.patience):
        return _best(model, recipe, best)

    def stop_where_stale(_epoch: int, _logs: object) -> None:
        model.stop_training = stale(_measures(folder, recipe), recipe.patience)

    model.fit(
        batches,
        epochs=recipe.epochs,
        validation_data=PlainBatches(val, recipe),
        callbacks=[
            keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _logs: setattr(batches, "epoch", epoch)),
            keras.callbacks.ModelCheckpoint(
                str(best),
                monitor=recipe.best_by,
                mode="max" if _sign(recipe) > 0 else "min",
                save_best_only=True,
                save_weights_only=True,
                initial_value_threshold=_sign(recipe) * max(done) if done else None,
            ),
            keras.callbacks.CSVLogger(str(folder / "log.csv"), append=True),
            keras.callbacks.LambdaCallback(on_epoch_end=stop_where_stale),
            # Last: an epoch counts as done once its log and its best weights are written.
            keras.callbacks.BackupAndRestore(str(folder / "checkpoint")),
        ],
    )
    return _best(model, recipe, best)


def stale(measures: Sequence[float], patience: int | None) -> bool:
    """Whether the first best epoch lies `patience` epochs back or more.

    measures: of each epoch, the higher the better; from the log, so that a restart forgets nothing.
    """
    if patience is None or not measures:
        return False
    return len(measures) - 1 - int(np.argmax(measures)) >= patience


def logged(folder: Path) -> list[dict[str, float]]:
    """The figures of each epoch done so far: `epoch`, and accuracy, F1 and loss on train and (`val_`) on val."""
    log = folder / "log.csv"
    return pd.read_csv(log).to_dict("records") if log.is_file() else []


def _measures(folder: Path, recipe: Recipe) -> list[float]:
    """What epochs are compared by, of each done so far, the higher the better."""
    return [_sign(recipe) * epoch[recipe.best_by] for epoch in logged(folder)]


@contextmanager
def _precision(recipe: Recipe) -> Iterator[None]:
    """Networks built inside compute as the recipe says; Keras keeps that in a global of its own."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(recipe.precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _best(trained: keras.Model, recipe: Recipe, weights: Path) -> keras.Model:
    """The network of the best epoch, in float32."""
    model = trained if recipe.precision == "float32" else build(recipe, None)
    model.load_weights(weights)
    return model


def _sign(recipe: Recipe) -> int:
    return -1 if recipe.best_by == "val_loss" else 1


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


def _optimizer(recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    """The recipe's optimiser; `cosine`: a linear warm-up, then a decay to nothing (Loshchilov, Hutter 2017)."""
    warmup = int(recipe.warmup_epochs * steps)
    schedule: Any = recipe.learning_rate
    if recipe.schedule == "cosine":
        schedule = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=recipe.learning_rate / 100 if warmup else recipe.learning_rate,
            decay_steps=max(steps * recipe.epochs - warmup, 1),
            warmup_target=recipe.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    match recipe.optimizer:
        case "adamw":
            return keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay)
        case "adam":
            return keras.optimizers.Adam(schedule)
        case "sgd":
            return keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True)
