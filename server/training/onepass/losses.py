"""What the network is trained by: faces found, boxes fitting, labels right.

Faces: quality focal loss, Li et al. 2020, "Generalized Focal Loss", arXiv:2006.04388, so that a score says how well
the box fits. Boxes: Rezatofighi et al. 2019, "Generalized Intersection over Union", arXiv:1902.09630.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from server.training.onepass.targets import FACE, NOTHING
from server.vision.detectors.suppression import Floats

BETA = 2.0
Tensor = Any


def loss(where: Floats, box_weight: float, label_weight: float) -> Callable[[Tensor, Tensor], Tensor]:
    """The loss of targets (n, cells, 6) and answers (n, cells, 4 + 1 + labels): a number, per face looked at.

    where: the `cells` of the pictures. box_weight, label_weight: how much these count beside finding.
    """
    middles, strides = where[None, :, :2], where[None, :, 2:]

    def total(wanted: Tensor, answers: Tensor) -> Tensor:
        kind, label = wanted[..., 4], wanted[..., 5]
        face = ops.cast(ops.equal(kind, FACE), "float32")
        counted = ops.cast(ops.logical_or(ops.equal(kind, FACE), ops.equal(kind, NOTHING)), "float32")
        faces = ops.maximum(ops.sum(face), 1.0)

        reach = ops.exp(ops.clip(answers[..., :4], -6.0, 6.0)) * strides
        corners = ops.concatenate([middles - reach[..., :2], middles + reach[..., 2:]], axis=-1)
        fit, giou = overlaps(wanted[..., :4], corners)
        quality = ops.stop_gradient(fit) * face

        logit = answers[..., 4]
        surprise = ops.relu(logit) - logit * quality + ops.log1p(ops.exp(-ops.abs(logit)))  # cross-entropy
        found = ops.power(ops.abs(quality - ops.sigmoid(logit)), BETA) * surprise * counted

        known = face * ops.cast(ops.greater_equal(label, 0), "float32")
        index = ops.cast(ops.maximum(label, 0), "int32")
        named = -ops.take_along_axis(ops.log_softmax(answers[..., 5:]), index[..., None], axis=-1)[..., 0]
        fitting, naming = ops.sum((1 - giou) * face), ops.sum(named * known)
        return (ops.sum(found) + box_weight * fitting + label_weight * naming) / faces

    return total


def overlaps(one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and generalised IoU of boxes (..., 4) as left, top, right, bottom."""
    shared = ops.relu(ops.minimum(one[..., 2:], other[..., 2:]) - ops.maximum(one[..., :2], other[..., :2]))
    around = ops.maximum(one[..., 2:], other[..., 2:]) - ops.minimum(one[..., :2], other[..., :2])
    both, hull = ops.prod(shared, axis=-1), ops.prod(around, axis=-1) + 1e-6
    areas = [ops.prod(box[..., 2:] - box[..., :2], axis=-1) for box in (one, other)]
    union = areas[0] + areas[1] - both + 1e-6
    return both / union, both / union - (hull - union) / hull
