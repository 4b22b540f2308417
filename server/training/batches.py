"""Batches for Keras: faces read, varied and cut out while the network learns."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from server.training.augmentation import augmented_crop
from server.training.dataset import box_of, read_window
from server.training.recipes import Recipe
from server.vision.classifiers.preprocessing import face_input, to_input

Batch = tuple[NDArray[np.float32], NDArray[np.float32]]


def one_hot(rows: pd.DataFrame, labels: Sequence[str]) -> NDArray[np.float32]:
    """The rows' labels as float32 (n, labels)."""
    return np.eye(len(labels), dtype=np.float32)[[labels.index(label) for label in rows.label]]


def prior_shift(rows: pd.DataFrame, recipe: Recipe) -> list[float]:
    """What must be added to each label's logit to undo the recipe's class balance, the greatest 0.

    Rare labels are drawn more often than they occur, so the network believes them too readily: its probabilities
    are brought back to the training data's own frequencies (Saerens, Latinne, Decaestecker 2002).
    """
    counts = rows.label.value_counts()
    shift = recipe.balance * np.log([counts.get(label, 1) for label in recipe.labels])
    return [float(value) for value in shift - shift.max()]


class PlainBatches(keras.utils.PyDataset):
    """Every face once, in order, cut out exactly as in serving: for validation and scoring."""

    def __init__(self, rows: pd.DataFrame, recipe: Recipe, batch_size: int = 64) -> None:
        super().__init__()
        self.rows, self.recipe, self.batch_size = rows, recipe, batch_size
        self.targets = one_hot(rows, recipe.labels)

    def __len__(self) -> int:
        return math.ceil(len(self.rows) / self.batch_size)

    def __getitem__(self, index: int) -> Batch:
        part = slice(index * self.batch_size, (index + 1) * self.batch_size)
        inputs = [
            face_input(read_window(row.path), box_of(row), self.recipe.preprocessing, self.recipe.input_size)
            for row in self.rows[part].itertuples()
        ]
        return np.stack(inputs), self.targets[part]


class TrainingBatches(keras.utils.PyDataset):
    """As many faces an epoch as there are rows, drawn with the recipe's class balance, and varied.

    Everything drawn depends on seed, epoch and place alone, so that a resumed training sees what an
    uninterrupted one would have seen. `epoch` is set by `fit` before each epoch.
    """

    def __init__(self, rows: pd.DataFrame, recipe: Recipe, seed: int) -> None:
        super().__init__()
        self.rows, self.recipe, self.seed, self.epoch = rows, recipe, seed, 0
        self.targets = one_hot(rows, recipe.labels)
        counts = rows.label.value_counts()
        weights = rows.label.map(counts).to_numpy(float) ** -recipe.balance
        self.probabilities = weights / weights.sum()

    def __len__(self) -> int:
        return len(self.rows) // self.recipe.batch_size

    def __getitem__(self, index: int) -> Batch:
        # One draw an epoch for all its batches, without repeats as long as the balance allows.
        chosen = self._order()[index * self.recipe.batch_size : (index + 1) * self.recipe.batch_size]
        rng = np.random.default_rng((self.seed, self.epoch, index))
        recipe = self.recipe
        inputs = []
        for row in self.rows.iloc[chosen].itertuples():
            crop = augmented_crop(
                read_window(row.path),
                box_of(row),
                row.label,
                recipe.preprocessing.crop_margin,
                recipe.input_size,
                recipe.augmentation,
                rng,
            )
            inputs.append(to_input(crop, recipe.preprocessing))
        return np.stack(inputs), self.targets[chosen]

    def _order(self) -> NDArray[np.int64]:
        """The rows of this epoch: systematic sampling (Madow 1949), then shuffled."""
        rng = np.random.default_rng((self.seed, self.epoch))
        shuffled = rng.permutation(len(self.rows))
        edges = np.cumsum(self.probabilities[shuffled]) * len(self.rows)
        picks = np.searchsorted(edges, np.arange(len(self.rows)) + rng.random())
        order = shuffled[np.minimum(picks, len(self.rows) - 1)]
        return rng.permutation(order)
