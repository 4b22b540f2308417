"""Batches for Keras: pictures made, varied and turned into targets while the network learns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import keras
import numpy as np

from server.training.onepass.pictures import Known, training_picture
from server.training.onepass.recipe import OnepassRecipe
from server.training.onepass.sources import Sources
from server.training.onepass.targets import targets
from server.vision.classifiers.preprocessing import to_input
from server.vision.detectors.suppression import Floats


class PictureBatches(keras.utils.PyDataset):
    """Pictures (n, height, width, 3) and targets (n, cells, 6), `pictures_an_epoch` an epoch.

    Everything drawn depends on seed, epoch and place alone, so that a resumed training sees what an
    uninterrupted one would have seen. `epoch` is set by the loop before each epoch.
    """

    def __init__(self, sources: Sources, recipe: OnepassRecipe, seed: int) -> None:
        super().__init__()
        self.sources, self.recipe, self.seed, self.epoch = sources, recipe, seed, 0
        self._pool = ThreadPoolExecutor()  # not Keras's workers: those run ahead into the next epoch
        self.height, self.width = recipe.input_size * 3 // 4, recipe.input_size

    def __len__(self) -> int:
        return max(self.recipe.pictures_an_epoch // self.recipe.batch_size, 1)

    def __getitem__(self, index: int) -> tuple[Floats, Floats]:
        known = list(self._pool.map(partial(self._picture, index), range(self.recipe.batch_size)))
        pictures = to_input(np.stack([picture for picture, _ in known]), self.recipe.preprocessing)
        return pictures, np.stack([targets(truth, self.height, self.width) for _, truth in known])

    def some(self, count: int) -> Floats:
        """The first pictures of this epoch, (count, height, width, 3)."""
        batches = -(-count // self.recipe.batch_size)
        return np.concatenate([self[index][0] for index in range(batches)])[:count]

    def _picture(self, index: int, number: int) -> Known:
        rng = np.random.default_rng((self.seed, self.epoch, index, number))
        return training_picture(self.sources, self.recipe, self.height, self.width, rng)
