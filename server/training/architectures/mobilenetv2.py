"""MobileNetV2: Sandler et al. 2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks", arXiv:1801.04381."""

from __future__ import annotations

from collections.abc import Sequence

import keras


def build(
    input_size: int,
    labels: int,
    dropout: float,
    weights: str | None,
    *,
    dense: Sequence[int] = (),
    frozen: bool = False,
) -> keras.Model:
    """The backbone at width 1.0 without its top, mean over the picture, dense layers, dropout, logits (n, labels).

    Input (n, input_size, input_size, 3) in -1 to 1. weights: an .h5 file for
    `keras.applications.MobileNetV2(include_top=False)`, `imagenet` (downloaded by Keras) or None.
    dense: widths of ReLU layers before the logits. frozen: the backbone is a feature extractor and does not learn.
    """
    picture = keras.Input((input_size, input_size, 3), name="picture")
    backbone = keras.applications.MobileNetV2(
        input_tensor=picture, include_top=False, weights="imagenet" if weights == "imagenet" else None
    )
    if weights not in (None, "imagenet"):
        backbone.load_weights(weights)
    for layer in backbone.layers:
        layer.trainable = not frozen
    features = keras.layers.GlobalAveragePooling2D(name="mean")(backbone.output)
    for index, width in enumerate(dense, 1):
        features = keras.layers.Dense(width, "relu", name=f"dense{index}")(features)
    features = keras.layers.Dropout(dropout, name="dropout")(features)
    logits = keras.layers.Dense(labels, name="logits", dtype="float32")(features)
    return keras.Model(picture, logits, name="mobilenetv2")
