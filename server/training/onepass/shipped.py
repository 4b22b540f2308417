"""A shipped network as the beginning of a training: its work folder may be long gone, `models/` is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from server.training.onepass.network import build, norm_of
from server.vision.classifiers.card import load_card
from server.vision.detectors.suppression import Floats

SHIPPED = ".tflite"


def load_shipped(file: Path) -> keras.Model:
    """The network of a `model.tflite` of one stage, built as the card beside it says.

    Its normalisation is part of its convolutions and only adds a bias; `normalised` undoes that. Raises CardError, and
    ValueError where the file holds another network.
    """
    from ai_edge_litert.interpreter import Interpreter

    card = load_card(file.parent)
    network = build(len(card.labels), None, **card.training["recipe"]["network"])
    interpreter = Interpreter(model_content=file.read_bytes())
    tensors = interpreter.get_tensor_details()

    def stored(layer: str, kind: str, dimensions: int) -> Floats:
        end = f"/{layer}_1/{kind}"
        for tensor in tensors:
            names, shape = tensor["name"].split(";"), tensor["shape"]
            # What a layer says bears its name too, but has places of its own.
            holds = dimensions == 1 or len(names) == 1 or (kind == "depthwise" and shape[1:3].tolist() == [3, 3])
            if len(shape) == dimensions and holds and any(name.endswith(end) for name in names):
                return _real(interpreter.get_tensor(tensor["index"]), tensor["quantization_parameters"])
        raise ValueError(f"{file} holds no layer {layer}")

    for layer in network.layers:
        if not isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
            continue
        kind = "depthwise" if isinstance(layer, keras.layers.DepthwiseConv2D) else "convolution"
        kernel, bias = stored(layer.name, kind, 4).transpose(1, 2, 3, 0), stored(layer.name, kind, 1)
        put(network, layer.name, kernel, bias)
    return network


def _real(values: Any, quantization: Mapping[str, Any]) -> Floats:
    """What a tensor's values stand for: whole numbers are so many times a scale, which each channel has of its own."""
    scales, zeros, axis = (quantization[key] for key in ("scales", "zero_points", "quantized_dimension"))
    if not len(scales):
        return np.asarray(values, np.float32)
    shape = [-1 if dimension == axis else 1 for dimension in range(values.ndim)]
    return np.asarray((values - zeros.reshape(shape).astype(np.int64)) * scales.reshape(shape), np.float32)


def put(network: keras.Model, name: str, kernel: Any, bias: Any) -> None:
    """Give a convolution a kernel and a bias; the bias to its normalisation, where it has one, which does no more."""
    layer = network.get_layer(name)
    if layer.use_bias:
        layer.set_weights([kernel, bias])
        return
    layer.set_weights([kernel])
    norm, ones = network.get_layer(norm_of(name)), np.ones_like(bias)
    norm.set_weights([ones * np.sqrt(1 + norm.epsilon), bias, 0 * ones, ones])


def folded(network: keras.Model, name: str) -> tuple[Any, Any]:
    """A convolution's kernel and bias with its normalisation in them."""
    layer = network.get_layer(name)
    kernel, *bias = (np.asarray(array, np.float64) for array in layer.get_weights())
    if bias:
        return kernel, bias[0]
    norm = network.get_layer(norm_of(name))
    gain, shift = _gain(norm)
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
    return kernel * (gain[:, None] if depthwise else gain), shift


def normalised(network: keras.Model, pictures: Floats) -> None:
    """Give normalisation the statistics of pictures (n, height, width, 3); what the network says stays the same."""
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    each = [keras.ops.moments(layer.input, axes=(0, 1, 2)) for layer in norms]
    for layer, moments in zip(norms, keras.Model(network.input, each)(pictures, training=False), strict=True):
        mean, variance = (np.asarray(values, np.float64) for values in moments)
        gain, shift = _gain(layer)
        layer.set_weights([gain * np.sqrt(variance + layer.epsilon), shift + gain * mean, mean, variance])


def _gain(norm: keras.layers.BatchNormalization) -> tuple[Any, Any]:
    """What normalisation multiplies by, and what it then adds."""
    gamma, beta, mean, variance = (np.asarray(array, np.float64) for array in norm.get_weights())
    gain = gamma / np.sqrt(variance + norm.epsilon)
    return gain, beta - mean * gain
