"""Fitting a recipe: one loop for every model, resumable, logged, seeded."""

from __future__ import annotations

from pathlib import Path

import keras
import pandas as pd

from server.training.architectures import build
from server.training.batches import PlainBatches, TrainingBatches
from server.training.recipes import Recipe


def fit(
    recipe: Recipe,
    train: pd.DataFrame,
    val: pd.DataFrame,
    weights: str | None,
    folder: Path,
    seed: int,
) -> keras.Model:
    """Train and return the model of the epoch with the best accuracy on `val`.

    folder: holds `log.csv` (a row an epoch), `best.weights.h5` and, until the end, a checkpoint an epoch;
    called again with the same folder after an interruption, goes on from the last whole epoch, or, where
    all are done, only loads the best.
    """
    keras.utils.set_random_seed(seed)
    model = build(recipe, weights)
    if recipe.freeze_batch_norm:
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = False
    batches = TrainingBatches(train, recipe, seed)
    model.compile(
        _optimizer(recipe, len(batches)),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing),
        metrics=[keras.metrics.CategoricalAccuracy("accuracy"), keras.metrics.F1Score("macro", name="f1")],
    )
    best = folder / "best.weights.h5"
    done = _logged_accuracies(folder / "log.csv")
    if len(done) >= recipe.epochs:
        model.load_weights(best)
        return model
    model.fit(
        batches,
        epochs=recipe.epochs,
        validation_data=PlainBatches(val, recipe),
        callbacks=[
            keras.callbacks.BackupAndRestore(str(folder / "checkpoint")),
            keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _logs: setattr(batches, "epoch", epoch)),
            keras.callbacks.ModelCheckpoint(
                str(best),
                monitor="val_accuracy",
                mode="max",
                save_best_only=True,
                save_weights_only=True,
                initial_value_threshold=max(done, default=None),
            ),
            keras.callbacks.CSVLogger(str(folder / "log.csv"), append=True),
        ],
    )
    model.load_weights(best)
    return model


def _logged_accuracies(log: Path) -> list[float]:
    """The validation accuracy of each epoch done so far."""
    return pd.read_csv(log).val_accuracy.tolist() if log.is_file() else []


def _optimizer(recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    """The recipe's optimiser under a linear warm-up and a cosine decay to nothing (Loshchilov, Hutter 2017)."""
    warmup = int(recipe.warmup_epochs * steps)
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
