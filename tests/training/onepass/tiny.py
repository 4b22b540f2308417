"""A network of a layer a scale, with the answers and the maps that the real one has."""

from __future__ import annotations

import keras

from server.vision.detectors.onepass import STRIDES


def network(labels: int, weights: str | None = None, **_network: object) -> keras.Model:
    """Weights of its own, whatever it is to begin with; from a file that is not there it cannot begin."""
    if weights is not None:
        raise OSError(f"{weights} cannot be opened")
    picture = keras.Input((None, None, 3))
    maps, answers = picture, []
    for stride in STRIDES:
        maps = keras.layers.Conv2D(8, 3, 8 if stride == 8 else 2, "same")(maps)
        maps = keras.layers.ReLU(6.0)(keras.layers.BatchNormalization()(maps))
        parts = {"distances": 4, "face": 1, "labels": labels}
        found = [keras.layers.Conv2D(n, 1, name=f"{name}{stride}")(maps) for name, n in parts.items()]
        flat = [keras.layers.Reshape((-1, part.shape[-1]))(part) for part in found]
        answers.append(keras.layers.Concatenate()(flat))
    return keras.Model(picture, keras.layers.Concatenate(axis=1)(answers))
