"""The network: a MobileNetV2 with a slimmer beginning, three scales, one small head each.

Backbone: Sandler et al. 2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks", arXiv:1801.04381, as far as
its first blocks at stride 32. Scales joined from coarse to fine: Lin et al. 2017, "Feature Pyramid Networks for Object
Detection", arXiv:1612.03144, enlarged by Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution Using an
Efficient Sub-Pixel Convolutional Neural Network", arXiv:1609.05158. Heads without anchors: Tian et al. 2019, "FCOS",
arXiv:1904.01355.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from server.vision.detectors.onepass import STRIDES

Maps = Any

# Of each inverted residual: channels out, stride. The first of them widens nothing and stands before the list.
BLOCKS = [(24, 2), (24, 1), (32, 2), (32, 1), (32, 1), (64, 2), *[(64, 1)] * 3, *[(96, 1)] * 3, (160, 2), (160, 1)]
OUTPUTS = tuple(f"{name}{stride}" for stride in STRIDES for name in ("distances", "face", "labels"))
FINE, MIDDLE = 6, 13
"""The blocks whose widened input is the last at stride 8 and at stride 16."""
WIDENING = 6
STEM = 32


def build(
    labels: int,
    weights: str | None,
    *,
    stem: int = STEM,
    widths: Mapping[str, int] | None = None,
    channels: int = 96,
    depth: int = 2,
) -> keras.Model:
    """Pictures (n, height, width, 3) in -1 to 1, sides multiples of 32, to answers (n, cells, 4 + 1 + labels).

    An answer: the logarithms of the distances from the cell's middle to the face's left, top, right and bottom edge in
    strides, the face's logit, a logit a label. Cells row by row, those of stride 8 first, then 16, then 32. The layers
    `distances8`, `face8`, `labels8` and so on to 32 say the same, a map each (`OUTPUTS`).
    weights: an .h5 file for `keras.applications.MobileNetV2(include_top=False)` or None (random).
    stem: channels of the first convolution. widths: channels of a block's widened input by the block's number
    where they are not six times what comes in: the first blocks look at large maps and take half of all time. channels,
    depth: of the heads.
    """
    wider = {int(block): width for block, width in (widths or {}).items()}
    picture = keras.Input((None, None, 3), name="picture")
    x = _norm(layers.Conv2D(stem, 3, 2, "same", use_bias=False, name="Conv1")(picture))
    x = _norm(_depthwise(x, 1, "expanded_conv_depthwise"))
    x = _norm(_pointwise(x, 16, "expanded_conv_project"), linear=True)
    widened = {}
    for block, (out, stride) in enumerate(BLOCKS, 1):
        name = f"block_{block}"
        y = _norm(_pointwise(x, wider.get(block, WIDENING * x.shape[-1]), f"{name}_expand"))
        widened[block] = y
        y = _norm(_depthwise(y, stride, f"{name}_depthwise"))
        y = _norm(_pointwise(y, out, f"{name}_project"), linear=True)
        x = layers.Add(name=f"{name}_add")([x, y]) if (stride, out) == (1, x.shape[-1]) else y
    coarse = _norm(_pointwise(x, channels, "joined32"))
    middle = _joined(widened[MIDDLE], coarse, "joined16")
    fine = _joined(widened[FINE], middle, "joined8")
    scales = zip(STRIDES, (fine, middle, coarse), strict=True)
    answers = [_head(maps, stride, depth, labels) for stride, maps in scales]
    model = keras.Model(picture, layers.Concatenate(axis=1, name="answers")(answers), name="onepass")
    if weights is not None:
        _start(model, weights, len(BLOCKS))
    return model


@keras.saving.register_keras_serializable("maskgate")
class FusedNorm(layers.BatchNormalization):
    """Batch normalisation that learns by one kernel: Keras's own is a chain of nine, and took half of a step's time."""

    def call(self, maps: tf.Tensor, training: bool | None = None, mask: None = None) -> tf.Tensor:
        if not (training and self.trainable):
            return super().call(maps, training=training, mask=mask)
        normal, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=maps,
            scale=tf.convert_to_tensor(self.gamma),
            offset=tf.convert_to_tensor(self.beta),
            mean=tf.zeros([0]),
            variance=tf.zeros([0]),
            epsilon=self.epsilon,
            is_training=True,
        )
        for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + now * (1 - self.momentum))
        return normal


@keras.saving.register_keras_serializable("maskgate")
class Enlarge(layers.Layer):
    """Twice the height and width from a quarter of the channels; unlike a resize, of any size once exported."""

    def call(self, maps: tf.Tensor) -> tf.Tensor:
        return tf.nn.depth_to_space(maps, 2)


def _depthwise(maps: Maps, stride: int, name: str) -> Maps:
    return layers.DepthwiseConv2D(3, stride, "same", use_bias=False, name=name)(maps)


def _pointwise(maps: Maps, channels: int, name: str) -> Maps:
    return layers.Conv2D(channels, 1, use_bias=False, name=name)(maps)


def norm_of(convolution: str) -> str:
    """The name of the normalisation behind a convolution."""
    return f"bn_{convolution}" if convolution == "Conv1" else f"{convolution}_BN"


def _norm(maps: Maps, *, linear: bool = False) -> Maps:
    """Batch normalisation as MobileNetV2 has it, named after the convolution before, and ReLU6 unless `linear`."""
    name = norm_of(maps._keras_history.operation.name)
    maps = FusedNorm(epsilon=1e-3, momentum=0.99, name=name)(maps)
    return maps if linear else layers.ReLU(6.0)(maps)


def _joined(maps: Maps, coarser: Maps, name: str) -> Maps:
    """A scale with what the next coarser one knows of it."""
    channels = coarser.shape[-1]
    own = _norm(_pointwise(maps, channels, name))
    above = _norm(_pointwise(coarser, 4 * channels, f"{name}_above"))
    return layers.Add(name=f"{name}_add")([own, Enlarge(name=f"{name}_enlarge")(above)])


def _head(maps: Maps, stride: int, depth: int, labels: int) -> Maps:
    channels = maps.shape[-1]
    for number in range(depth):
        name = f"head{stride}_{number}"
        maps = _norm(_pointwise(_norm(_depthwise(maps, 1, f"{name}_depthwise")), channels, name))
    # A face is rare: begun as that, the first steps don't go into learning it (Lin et al. 2017, focal loss, 4.1).
    begun = {"distances": (4, 1.0), "face": (1, -4.6), "labels": (labels, 0.0)}
    answers = [
        layers.Conv2D(count, 1, bias_initializer=keras.initializers.Constant(bias), name=f"{name}{stride}")(maps)
        for name, (count, bias) in begun.items()
    ]
    flat = [layers.Reshape((-1, answer.shape[-1]))(answer) for answer in answers]
    return layers.Concatenate(name=f"answers{stride}")(flat)


def _start(model: keras.Model, weights: str, blocks: int) -> None:
    """Begin the backbone with a whole MobileNetV2's weights, of a narrower block with its strongest channels'."""
    named = "imagenet" if weights == "imagenet" else None
    whole = keras.applications.MobileNetV2((224, 224, 3), include_top=False, weights=named)
    if named is None:
        whole.load_weights(weights)
    _narrowed(model, whole, "Conv1", "bn_Conv1", "expanded_conv")
    for block in range(1, blocks + 1):
        name = f"block_{block}"
        _narrowed(model, whole, f"{name}_expand", f"{name}_expand_BN", name)


def _narrowed(model: keras.Model, whole: keras.Model, widening: str, norm: str, block: str) -> None:
    """Copy what widens, what looks and what projects; of the channels between those that reach furthest."""
    width = model.get_layer(widening).filters
    gains, projection = (whole.get_layer(f"{block}_{name}").get_weights()[0] for name in ("depthwise_BN", "project"))
    strength = np.abs(gains) * np.linalg.norm(projection[0, 0], axis=1)
    kept = np.sort(np.argsort(-strength)[:width])

    def copy(layer: str, axis: int | None) -> None:
        arrays = whole.get_layer(layer).get_weights()
        model.get_layer(layer).set_weights([array if axis is None else array.take(kept, axis) for array in arrays])

    copy(widening, -1)
    copy(norm, 0)
    copy(f"{block}_depthwise", 2)
    copy(f"{block}_depthwise_BN", 0)
    copy(f"{block}_project", 2)
    copy(f"{block}_project_BN", None)
