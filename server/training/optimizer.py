"""How a network learns, as its recipe says."""

from __future__ import annotations

from typing import Any

import keras

from server.training.recipes import Training


def optimizer(recipe: Training, steps: int, averaged: float | None = None) -> keras.optimizers.Optimizer:
    """The recipe's optimiser; `cosine`: a linear warm-up, then a decay to nothing (Loshchilov, Hutter 2017).

    steps: an epoch has. averaged: how much of the average of all steps' weights each step keeps, where one is wanted.
    """
    average: dict[str, Any] = {} if averaged is None else {"use_ema": True, "ema_momentum": averaged}
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
            return keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay, **average)
        case "adam":
            return keras.optimizers.Adam(schedule, **average)
        case "sgd":
            return keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True, **average)


def hold_batch_norm(model: keras.Model) -> None:
    """Batch normalisation keeps the statistics and the scales that it came with."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
