"""Fitting a one-stage detector by its recipe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras

from server.training.loop import loop
from server.training.onepass.batches import PictureBatches
from server.training.onepass.losses import loss
from server.training.onepass.network import build
from server.training.onepass.recipe import OnepassRecipe
from server.training.onepass.run import began
from server.training.onepass.score import Score, network_of
from server.training.onepass.sources import Sources
from server.training.optimizer import hold_batch_norm, optimizer
from server.training.scenes import Scene
from server.vision.detectors.onepass import Onepass, cells


def fit(
    recipe: OnepassRecipe,
    sources: Sources,
    val: Sequence[Scene],
    val_folder: Path,
    weights: str | None,
    folder: Path,
    seed: int,
) -> keras.Model:
    """Train and return the network of the epoch that is best on the scenes `val`, its weights an average over steps.

    val_folder: of their pictures. folder: as `loop` has it.
    """
    keras.utils.set_random_seed(seed)
    model = begun_network(recipe, weights)
    if recipe.freeze_batch_norm:
        hold_batch_norm(model)
    batches = PictureBatches(sources, recipe, seed)
    model.compile(
        optimizer(recipe, len(batches), recipe.averaged),
        loss(cells(batches.height, batches.width), recipe.box_weight, recipe.label_weight),
    )
    average = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    detector = Onepass(network_of(model), recipe.labels, recipe.input_size, recipe.preprocessing)
    best = loop(
        model,
        batches,
        None,
        recipe,
        folder,
        scoring=[average, Score(detector, val, val_folder, recipe.precision)],
        # The checkpoint holds the weights that learn, and the average beside them.
        afterwards=[keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, _logs: average.on_epoch_begin(epoch))],
    )
    model.load_weights(best)
    return model


def begun_network(recipe: OnepassRecipe, weights: str | None) -> keras.Model:
    """The network as a training begins. weights: as `network.build` has them, or another training's of this network."""
    if weights is None or not began(Path(weights).parent):
        return build(len(recipe.labels), weights, **recipe.network)
    model = build(len(recipe.labels), None, **recipe.network)
    model.load_weights(weights)
    return model
