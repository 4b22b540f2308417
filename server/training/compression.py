"""From Keras to LiteRT, as small as its decisions allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from io import StringIO

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.typing import NDArray

from server.training.batches import PlainBatches
from server.training.recipes import Recipe

LARGE = 4_000_000
"""Parameters from which on weights are kept smaller than float32."""
CALIBRATION_FACES = 200
MOST_CHANGED = 0.005
"""The share of decisions on `val` that int8 may change; above it the weights stay float16."""


def with_probabilities(model: keras.Model, shift: Sequence[float]) -> keras.Model:
    """The network that serves: the logits plus a constant each, then a softmax; pictures (n, size, size, 3)."""
    picture = keras.Input(model.input_shape[1:], name="picture")
    logits = keras.ops.add(model(picture), np.asarray(shift, np.float32))
    return keras.Model(picture, keras.layers.Softmax()(logits))


def compressed(served: keras.Model, recipe: Recipe, train: pd.DataFrame, val: pd.DataFrame) -> tuple[bytes, str]:
    """The network as LiteRT, and its weights' type: float32, or for large networks int8 or else float16.

    train: faces to calibrate int8 on; val: those whose decisions must stay.
    """
    if served.count_params() < LARGE:
        return to_litert(served), "float32"
    calibration = PlainBatches(train.sample(min(len(train), CALIBRATION_FACES), random_state=1), recipe)
    small = to_litert(served, lambda: _one_by_one(calibration))
    changed = share_changed(served, small, PlainBatches(val, recipe))
    return (small, "int8") if changed <= MOST_CHANGED else (to_litert(served, half=True), "float16")


def to_litert(
    served: keras.Model,
    calibration: Callable[[], Iterator[list[NDArray[np.float32]]]] | None = None,
    *,
    half: bool = False,
) -> bytes:
    """A network as LiteRT, for one picture at a time; float32 at both ends.

    calibration: pictures (1, size, size, 3) to quantise to int8 on; half: weights as float16.
    """
    picture = keras.Input(served.input_shape[1:], batch_size=1, name="picture")
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(picture, served(picture)))
    if calibration is not None or half:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if calibration is not None:
        converter.representative_dataset = calibration
    if half:
        converter.target_spec.supported_types = [tf.float16]
    with redirect_stdout(StringIO()):  # it prints every tensor of the network
        return bytes(converter.convert())


def share_changed(served: keras.Model, weights: bytes, batches: PlainBatches) -> float:
    """The share of faces, 0 to 1, whose likeliest label differs between Keras and the exported weights."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=weights)
    interpreter.allocate_tensors()
    picture, answer = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    changed = faces = 0
    for index in range(len(batches)):
        inputs, _ = batches[index]
        expected = np.argmax(served.predict_on_batch(inputs), axis=1)
        for face, label in zip(inputs, expected, strict=True):
            interpreter.set_tensor(picture, face[None])
            interpreter.invoke()
            changed += int(np.argmax(interpreter.get_tensor(answer)[0]) != label)
            faces += 1
    return changed / faces


def _one_by_one(batches: PlainBatches) -> Iterator[list[NDArray[np.float32]]]:
    for index in range(len(batches)):
        for face in batches[index][0]:
            yield [face[None]]
