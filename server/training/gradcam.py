"""What decided, from inside the network: Grad-CAM (Selvaraju et al. 2017), where its Keras weights are at hand."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from server.training.run import RunError, begun, best_of
from server.vision.classifiers.card import Card
from server.vision.classifiers.preprocessing import face_input
from server.vision.messages import Box, Image

LEAST_CELLS = 4


class GradCam:
    """A training's best network, asked which places of its last feature maps speak for a label."""

    def __init__(self, folder: Path, card: Card) -> None:
        """folder: the work folder of a model's training. Raises RunError where it holds none, or another model's."""
        run, self._recipe = begun(folder)
        data = card.training.get("data_sha256")
        # A record of before its data was kept is not another training.
        if (run["seed"], run.get("data", data)) != (card.training.get("seed"), data):
            raise RunError(f"{folder} did not make the model {card.name}: name by --runs where its training lies.")
        model = best_of(folder)
        last = next(layer for layer in reversed(model.layers) if _has_places(layer.output.shape))
        self._parts = keras.Model(model.input, [last.output, model.output])

    def sensitivity(self, image: Image, box: Box, label: str) -> NDArray[np.float32]:
        """How far each place speaks for a label, nothing below 0: float32 (height, width) over `seen_square`.

        box: the face in pixels of `image`.
        """
        recipe = self._recipe
        face = tf.constant(face_input(image, box, recipe.preprocessing, recipe.input_size)[None])
        with tf.GradientTape() as tape:
            tape.watch(face)  # else nothing is taped where the layers before are frozen
            features, logits = self._parts(face, training=False)
            # What speaks for the label against the strongest of the others, so that two labels are no mirror of one.
            score = logits[0, recipe.labels.index(label)] - tf.reduce_max(
                tf.boolean_mask(logits[0], [other != label for other in recipe.labels])
            )
        weights = tf.reduce_mean(tape.gradient(score, features), axis=(0, 1, 2))
        return np.asarray(tf.nn.relu(tf.reduce_sum(features[0] * weights, axis=-1)), np.float32)


def _has_places(shape: tuple[int | None, ...]) -> bool:
    """Whether an output is feature maps that tell places apart: what is pooled to a cell or two lights up whole."""
    return len(shape) == 4 and min(shape[1] or 0, shape[2] or 0) >= LEAST_CELLS
