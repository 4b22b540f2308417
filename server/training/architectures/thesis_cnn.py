"""The thesis's own network: eleven convolutions, four average pools, six dense layers.

The thesis gives the layers in a table; where it is silent or contradicts itself, what is chosen here is said in
docs/thesis.md. Its pools, "(2x2) 3x3", are taken as window 3x3 and stride 2: stride 3 would leave nothing for
the fourth.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras

STAGES: tuple[tuple[tuple[int, int, str], ...], ...] = (
    ((16, 3, "valid"),),
    ((16, 3, "valid"), (32, 3, "valid"), (32, 3, "same")),
    ((128, 3, "valid"), (128, 3, "same"), (128, 7, "valid")),
    ((96, 3, "valid"), (32, 3, "same"), (128, 3, "valid"), (128, 7, "same")),
)
"""(filters, kernel, padding) of each convolution; each stage ends in a pool."""


def build(
    input_size: int,
    labels: int,
    dropout: float,
    weights: str | None,
    *,
    dense: Sequence[int] = (512, 256, 128, 64, 32),
    batch_norm: bool = True,
) -> keras.Model:
    """The stages, flatten, dropout, dense layers with ReLU, logits (n, labels).

    Input (n, input_size, input_size, 3), 224 px in the thesis. weights: must be None: there are none to start from.
    dense: five widths (the thesis names none). batch_norm: after each convolution (the thesis says that it is used,
    not where). Raises ValueError for weights.
    """
    if weights is not None:
        raise ValueError("The thesis's own network has no pretrained weights: train it with --weights none.")
    picture = keras.Input((input_size, input_size, 3), name="picture")
    features = picture
    for stage, convolutions in enumerate(STAGES, 1):
        for number, (filters, kernel, padding) in enumerate(convolutions, 1):
            name = f"stage{stage}_convolution{number}"
            features = keras.layers.Conv2D(
                filters, kernel, padding=padding, use_bias=not batch_norm, kernel_initializer="he_normal", name=name
            )(features)
            if batch_norm:
                features = keras.layers.BatchNormalization(name=f"stage{stage}_norm{number}")(features)
            features = keras.layers.ReLU(name=f"stage{stage}_relu{number}")(features)
        features = keras.layers.AveragePooling2D(3, 2, name=f"stage{stage}_pool")(features)
    features = keras.layers.Dropout(dropout, name="dropout")(keras.layers.Flatten(name="flatten")(features))
    for index, width in enumerate(dense, 1):
        features = keras.layers.Dense(width, "relu", kernel_initializer="he_normal", name=f"dense{index}")(features)
    return keras.Model(picture, keras.layers.Dense(labels, name="logits", dtype="float32")(features), name="thesis-cnn")
