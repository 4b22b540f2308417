"""From Keras to LiteRT: whole numbers of eight bits where that changes next to nothing of what is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from io import StringIO

import keras
import tensorflow as tf

from server.training.onepass.network import OUTPUTS
from server.vision.detectors.suppression import Floats
from server.vision.messages import Detection

SAME_PLACE = 0.5
MOST_CHANGED = 0.01
"""The share of answers on `val` that whole numbers may change."""


def to_litert(model: keras.Model, pictures: Iterable[Floats] | None = None) -> bytes:
    """The network as a LiteRT file for pictures of any size.

    pictures: float32 (height, width, 3), like those that it will see: from them the ranges of its whole numbers are
    taken (Jacob et al. 2018, arXiv:1712.05877); float32 where none are given.
    """
    maps = keras.Model(model.input, [model.get_layer(name).output for name in OUTPUTS])
    picture = keras.Input((None, None, 3))
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(picture, maps(picture)))
    if pictures is not None:
        seen = list(pictures)

        def representative() -> Iterator[list[Floats]]:
            return ([one[None]] for one in seen)

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = representative
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    with redirect_stdout(StringIO()):  # it prints every tensor of the network
        return bytes(converter.convert())


def share_changed(pairs: Iterable[tuple[Sequence[Detection], Sequence[Detection]]]) -> float:
    """The share of answers, 0 to 1, that one network gives and another does not: lost, new, or of another label.

    pairs: a picture's faces by the one and by the other, both at the working threshold.
    """
    changed = answers = 0
    for ours, theirs in pairs:
        left = list(theirs)
        for face in ours:
            answers += 1
            same = max(left, key=lambda other: face.box.iou(other.box), default=None)
            if same is None or face.box.iou(same.box) < SAME_PLACE:
                changed += 1
                continue
            left.remove(same)
            changed += _label(face) != _label(same)
        answers += len(left)
        changed += len(left)
    return changed / max(answers, 1)


def _label(face: Detection) -> str:
    probabilities = face.probabilities or {}
    return max(probabilities, key=probabilities.__getitem__)
