"""From Keras to LiteRT, as small as its decisions allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from io import StringIO
from typing import Literal

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.typing import NDArray

from server.training.batches import PlainBatches
from server.training.recipes import Recipe

Kind = Literal["float32", "float16", "int8"]
KINDS: tuple[Kind, ...] = ("int8", "float16")
"""Types smaller than float32, the smallest first."""
LARGE = 4_000_000
"""Parameters from which on int8 is tried."""
MOST_CHANGED = 0.005
"""The share of decisions on `val` that a smaller type may change."""


def with_probabilities(model: keras.Model, shift: Sequence[float]) -> keras.Model:
    """The network that serves: the logits plus a constant each, then a softmax; pictures (n, size, size, 3)."""
    picture = keras.Input(model.input_shape[1:], name="picture")
    logits = keras.ops.add(model(picture), np.asarray(shift, np.float32))
    return keras.Model(picture, keras.layers.Softmax()(logits))


def compressed(served: keras.Model, recipe: Recipe, val: pd.DataFrame) -> tuple[bytes, str]:
    """The network as LiteRT, and its weights' type: int8 for large networks, float16 for others, float32 at need.

    int8: the weights alone; what flows between layers is quantised face by face, and probabilities stay as fine as
    float32's (quantised with the rest they would come in steps of 1/256, the surest all alike). It is the smallest,
    but slower than float16 where convolutions are the work. float16: half of float32's size and as quick, since
    weights are widened once, at load. val: faces whose decisions must stay.
    """
    for kind in KINDS if served.count_params() >= LARGE else KINDS[1:]:
        small = to_litert(served, kind)
        if share_changed(served, small, PlainBatches(val, recipe)) <= MOST_CHANGED:
            return small, kind
    return to_litert(served), "float32"


def to_litert(served: keras.Model, weights: Kind = "float32") -> bytes:
    """A network as LiteRT, for one picture at a time; float32 at both ends. weights: their type."""
    picture = keras.Input(served.input_shape[1:], batch_size=1, name="picture")
    # Named, since names are in the file: Keras counts on those that it gives itself.
    single = keras.Model(picture, served(picture), name="serving")
    converter = tf.lite.TFLiteConverter.from_keras_model(single)
    if weights != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]  # by itself: int8 ("dynamic range")
    if weights == "float16":
        converter.target_spec.supported_types = [tf.float16]
    with redirect_stdout(StringIO()):  # it prints every tensor of the network
        return bytes(converter.convert())


def share_changed(served: keras.Model, weights: bytes, batches: PlainBatches) -> float:
    """The share of faces, 0 to 1, whose likeliest label differs between Keras and the exported weights."""
    run = runner(weights)
    changed = faces = 0
    for index in range(len(batches)):
        inputs, _ = batches[index]
        expected = np.argmax(served.predict_on_batch(inputs), axis=1)
        for face, label in zip(inputs, expected, strict=True):
            changed += int(np.argmax(run(face)) != label)
            faces += 1
    return changed / faces


def runner(weights: bytes) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """A function from one picture, float32 (size, size, 3), to what the exported weights say of it."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=weights)
    interpreter.allocate_tensors()
    picture, answer = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def run(face: NDArray[np.float32]) -> NDArray[np.float32]:
        interpreter.set_tensor(picture, face[None])
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(answer)[0])

    return run
