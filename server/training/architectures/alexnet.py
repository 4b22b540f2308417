"""AlexNet: Krizhevsky, Sutskever, Hinton 2012, "ImageNet Classification with Deep Convolutional Neural Networks".

One column instead of two halves on two cards, so the second, fourth and fifth convolutions see all channels.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

FILTERS = ((96, 11, 4), (256, 5, 1), (384, 3, 1), (384, 3, 1), (256, 3, 1))
POOLED = (0, 1, 4)
NORMALISED = (0, 1)
"""(filters, kernel, stride) of each convolution; which are followed by pooling, which by normalisation before it."""


class LocalResponseNormalization(keras.layers.Layer):
    """Section 3.3 of the paper: each activation over its neighbours in five channels; k 2, alpha 1e-4, beta .75."""

    def call(self, activations: tf.Tensor) -> tf.Tensor:
        """Float32 (n, height, width, channels) to the same shape."""
        return tf.nn.local_response_normalization(activations, depth_radius=2, bias=2.0, alpha=1e-4, beta=0.75)


def build(
    input_size: int, labels: int, dropout: float, weights: str | None, *, dense: Sequence[int] = (1024, 1024)
) -> keras.Model:
    """Five convolutions, overlapping pools, dense layers with dropout before each, logits (n, labels).

    Input (n, input_size, input_size, 3), 227 px in the paper. weights: must be None: there are none to start from.
    dense: widths of the dense layers; the paper's are 4096, here 1024, so that the model is a quarter the size.
    Raises ValueError for weights.
    """
    if weights is not None:
        raise ValueError("AlexNet has no pretrained weights here: train it with --weights none.")
    picture = keras.Input((input_size, input_size, 3), name="picture")
    features = picture
    for index, (filters, kernel, stride) in enumerate(FILTERS):
        features = keras.layers.Conv2D(
            filters,
            kernel,
            stride,
            padding="valid" if index == 0 else "same",
            activation="relu",
            kernel_initializer="he_normal",
            name=f"convolution{index + 1}",
        )(features)
        if index in NORMALISED:
            # TensorFlow has none in 16 bits.
            features = LocalResponseNormalization(name=f"normalisation{index + 1}", dtype="float32")(features)
        if index in POOLED:
            features = keras.layers.MaxPooling2D(3, 2, name=f"pool{index + 1}")(features)
    features = keras.layers.Flatten(name="flatten")(features)
    for index, width in enumerate(dense):
        features = keras.layers.Dropout(dropout, name=f"dropout{index + 1}")(features)
        features = keras.layers.Dense(width, "relu", kernel_initializer="he_normal", name=f"dense{index + 1}")(features)
    return keras.Model(picture, keras.layers.Dense(labels, name="logits", dtype="float32")(features), name="alexnet")
