"""What each cell of the network shall answer to a picture whose faces are known.

As in FCOS (Tian et al. 2019, arXiv:1904.01355): cells near a face's middle answer for it, on the maps whose stride
suits its size. Where a face's size suits two maps, both do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from server.vision.detectors.onepass import cells
from server.vision.detectors.suppression import Floats, area

SIZES = {8: (0, 40), 16: (28, 96), 32: (72, np.inf)}
"""A stride's faces: the square root of the box's area in pixels of the input."""
RADIUS = 1.5
"""Strides from a face's middle, across and down, within which a cell answers for it."""
UNKNOWN = -1
"""The label of a face that nobody is sure of: it is a face, and nothing is learned of what it wears."""
LEAST_SEEN = 0.4
"""The share of a face's box that must be seen for it to be learned as a face."""
WIDTH = 6
NOTHING, FACE, IGNORED = 0, 1, -1


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of a picture: boxes (n, 4) as left, top, right, bottom in pixels, the faces' labels as indices,
    and regions where nobody looked."""

    boxes: Floats
    labels: Sequence[int]
    ignored: Floats


def shifted(truth: Truth, x: float, y: float) -> Truth:
    offset = np.array([x, y, x, y], np.float32)
    return Truth(truth.boxes + offset, truth.labels, truth.ignored + offset)


def clipped(truth: Truth, height: int, width: int) -> Truth:
    """What of it lies in a picture; faces of which too little is left are nobody's business any more."""
    limits = np.array([width, height, width, height], np.float32)
    inside, ignored = np.clip(truth.boxes, 0, limits), np.clip(truth.ignored, 0, limits)
    seen = area(inside) >= LEAST_SEEN * np.maximum(area(truth.boxes), 1e-6)
    lost = inside[~seen]
    ignored = np.concatenate([ignored, lost])
    return Truth(
        inside[seen],
        [label for label, kept in zip(truth.labels, seen, strict=True) if kept],
        ignored[area(ignored) > 0],
    )


def targets(truth: Truth, height: int, width: int) -> Floats:
    """Of each of the `cells` (n, 6): left, top, right, bottom of its face, what it is (`FACE`...), the label."""
    where = cells(height, width)
    middles, strides = where[:, :2], where[:, 2]
    least, most = _sizes(height, width)
    wanted = np.zeros((len(where), WIDTH), np.float32)
    for left, top, right, bottom in truth.ignored:
        inside = (middles >= (left, top)).all(axis=1) & (middles <= (right, bottom)).all(axis=1)
        wanted[inside, 4] = IGNORED
    areas = (truth.boxes[:, 2:] - truth.boxes[:, :2]).prod(axis=1)
    for index in np.argsort(-areas):  # of two faces a cell answers for the smaller
        box = truth.boxes[index]
        size = np.sqrt(areas[index])
        suited = (size >= least) & (size < most)
        near = (np.abs(middles - (box[:2] + box[2:]) / 2) <= RADIUS * strides[:, None]).all(axis=1)
        inside = (middles > box[:2]).all(axis=1) & (middles < box[2:]).all(axis=1)
        wanted[suited & near & inside] = [*box, FACE, truth.labels[index]]
    return wanted


@lru_cache(maxsize=8)
def _sizes(height: int, width: int) -> Floats:
    """The smallest and the largest face of each cell, (2, n)."""
    return np.array([SIZES[int(stride)] for stride in cells(height, width)[:, 2]], np.float32).T
