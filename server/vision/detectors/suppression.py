"""Many boxes on one face become one: what all detectors of this package share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MAX_CANDIDATES = 1000
"""Only so many boxes of the highest scores are compared: a `min_score` of 0 must not hold up a worker."""

Floats = NDArray[np.float32]


def top_candidates(scores: Floats, min_score: float) -> NDArray[np.intp]:
    """Indices of the scores of at least `min_score`, highest first, `MAX_CANDIDATES` at most."""
    kept = np.flatnonzero(scores >= min_score)
    return kept[np.argsort(-scores[kept], kind="stable")][:MAX_CANDIDATES]


def group_by_overlap(corners: Floats, max_iou: float) -> list[NDArray[np.intp]]:
    """Greedy grouping: the first box left takes all that overlap it by an IoU above `max_iou`.

    corners: (n, 4) as left, top, right, bottom, best first. Returns indices, each group's best first: keeping
    the firsts is non-maximum suppression, averaging the groups MediaPipe's weighted variant.
    """
    areas = area(corners)
    remaining = np.arange(len(corners))
    groups = []
    while remaining.size:
        best = remaining[0]
        shared = _shared(corners[best], corners[remaining])
        together = shared > max_iou * (areas[best] + areas[remaining] - shared)
        together[0] = True
        groups.append(remaining[together])
        remaining = remaining[~together]
    return groups


def inside(boxes: Floats, others: Floats) -> Floats:
    """How much of the smaller of two boxes lies in the other, 0 to 1: of boxes (..., 4) and others that fit them.

    As `group_by_overlap` has them. A face found twice at two sizes overlaps itself by little of their union.
    """
    smaller = np.minimum(area(boxes), area(others))
    return np.asarray(_shared(boxes, others) / np.maximum(smaller, 1e-6), np.float32)


def overlap(boxes: Floats, others: Floats) -> Floats:
    """The IoU, 0 to 1, of boxes (..., 4) and others that fit them, as `group_by_overlap` has them."""
    shared = _shared(boxes, others)
    union = area(boxes) + area(others) - shared
    return np.asarray(shared / np.maximum(union, 1e-6), np.float32)


def area(boxes: Floats) -> Floats:
    """Of boxes (..., 4) as left, top, right, bottom."""
    return np.asarray((boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1]), boxes.dtype)


def _shared(boxes: Floats, others: Floats) -> Floats:
    """The area that boxes (..., 4) share with others."""
    across = np.minimum(boxes[..., 2], others[..., 2]) - np.maximum(boxes[..., 0], others[..., 0])
    down = np.minimum(boxes[..., 3], others[..., 3]) - np.maximum(boxes[..., 1], others[..., 1])
    return np.asarray(np.maximum(across, 0) * np.maximum(down, 0), boxes.dtype)
