"""VGG-16: Simonyan, Zisserman 2015, "Very Deep Convolutional Networks for Large-Scale Image Recognition"."""

from __future__ import annotations

from collections.abc import Sequence

import keras

BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""(filters, convolutions) of each block of configuration D."""


def build(
    input_size: int,
    labels: int,
    dropout: float,
    weights: str | None,
    *,
    dense: Sequence[int] = (256, 128),
    batch_norm: bool = False,
    frozen: bool = False,
) -> keras.Model:
    """Thirteen convolutions of 3x3 in five pooled blocks, mean over the picture, dense layers, logits (n, labels).

    Input (n, input_size, input_size, 3) of any size from 32. weights: an .h5 file for
    `keras.applications.VGG16(include_top=False)`, `imagenet` (downloaded by Keras) or None (He's initialisation,
    He et al. 2015: the network is too deep for Glorot's). dense: widths before the logits, each with dropout.
    batch_norm: after each convolution (Ioffe, Szegedy 2015). frozen: only the dense layers learn.
    """
    picture = keras.Input((input_size, input_size, 3), name="picture")
    features = picture
    for block, (filters, convolutions) in enumerate(BLOCKS, 1):
        for number in range(1, convolutions + 1):
            # Named as in keras.applications, so that its weights can be taken over.
            features = keras.layers.Conv2D(
                filters,
                3,
                padding="same",
                kernel_initializer="he_normal",
                trainable=not frozen,
                name=f"block{block}_conv{number}",
            )(features)
            if batch_norm:
                features = keras.layers.BatchNormalization(name=f"block{block}_norm{number}")(features)
            features = keras.layers.ReLU(name=f"block{block}_relu{number}")(features)
        features = keras.layers.MaxPooling2D(2, 2, name=f"block{block}_pool")(features)
    features = keras.layers.GlobalAveragePooling2D(name="mean")(features)
    for index, width in enumerate(dense, 1):
        features = keras.layers.Dense(width, "relu", kernel_initializer="he_normal", name=f"dense{index}")(features)
        features = keras.layers.Dropout(dropout, name=f"dropout{index}")(features)
    model = keras.Model(picture, keras.layers.Dense(labels, name="logits", dtype="float32")(features), name="vgg16")
    if weights is not None:
        _take_over(model, weights)
    return model


def _take_over(model: keras.Model, weights: str) -> None:
    source = keras.applications.VGG16(include_top=False, weights="imagenet" if weights == "imagenet" else None)
    if weights != "imagenet":
        source.load_weights(weights)
    for layer in source.layers:
        if layer.weights:
            model.get_layer(layer.name).set_weights(layer.get_weights())
