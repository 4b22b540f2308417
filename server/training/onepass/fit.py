"""Fitting a one-stage detector by its recipe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import keras

from server.training.loop import logged, loop
from server.training.onepass.batches import PictureBatches
from server.training.onepass.compression import to_litert
from server.training.onepass.looks import Look
from server.training.onepass.losses import loss
from server.training.onepass.narrowing import narrowed
from server.training.onepass.network import build
from server.training.onepass.recipe import OnepassRecipe
from server.training.onepass.run import began
from server.training.onepass.score import Score
from server.training.onepass.shipped import SHIPPED, load_shipped
from server.training.onepass.sources import Sources
from server.training.optimizer import hold_batch_norm, optimizer
from server.training.scenes import Scene
from server.vision.detectors.onepass import LiteRTNetwork, Onepass, cells
from server.vision.detectors.second_look import LiteRTFace, SecondLook
from server.vision.detectors.suppression import Floats

SEEN = 48
"""Pictures that a network is fitted to whose beginning is a wider one: enough for least squares."""


def fit(
    recipe: OnepassRecipe,
    sources: Sources,
    val: Sequence[Scene],
    val_folder: Path,
    weights: str | None,
    folder: Path,
    seed: int,
    look: Look | None = None,
) -> keras.Model:
    """Train and return the network of the epoch that is best on the scenes `val`, its weights an average over steps.

    val_folder: of their pictures. folder: as `loop` has it. look: what looks again.
    """
    keras.utils.set_random_seed(seed)
    batches = PictureBatches(sources, recipe, seed)
    # What goes on has its checkpoint's weights.
    model = begun_network(recipe, None if logged(folder) else weights, batches.some)
    if recipe.freeze_batch_norm:
        hold_batch_norm(model)
    model.compile(
        optimizer(recipe, len(batches), recipe.averaged),
        loss(cells(batches.height, batches.width), recipe.box_weight, recipe.label_weight),
    )
    average = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)

    def serving() -> Onepass:
        # As it will be shipped: what Keras does picture by picture takes ten times as long.
        network = LiteRTNetwork(to_litert(model), len(recipe.labels))
        second = SecondLook(look[0], LiteRTFace(look[1])) if look else None
        return Onepass(network, recipe.labels, recipe.input_size, recipe.preprocessing, second)

    best = loop(
        model,
        batches,
        None,
        recipe,
        folder,
        scoring=[average, Score(serving, val, val_folder, recipe.precision)],
        # The checkpoint holds the weights that learn, and the average beside them.
        afterwards=[keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, _logs: average.on_epoch_begin(epoch))],
    )
    model.load_weights(best)
    return model


def begun_network(recipe: OnepassRecipe, weights: str | None, pictures: Callable[[int], Floats]) -> keras.Model:
    """The network as a training begins.

    weights: as `network.build` has them, or another training's `best.weights.h5` of this very network, or a shipped
    `model.tflite` of a network that is nowhere narrower. pictures: so many (n, height, width, 3), as training shows
    them. Raises what Keras, h5py, `load_shipped` and `narrowed` raise.
    """
    labels = len(recipe.labels)
    if weights is None or not (Path(weights).suffix == SHIPPED or began(Path(weights).parent)):
        return build(labels, weights, **recipe.network)
    network = build(labels, None, **recipe.network)
    if Path(weights).suffix == SHIPPED:
        narrowed(load_shipped(Path(weights)), network, pictures(SEEN))
    else:
        network.load_weights(weights)
    return network
