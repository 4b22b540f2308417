"""Faces of which a part is hidden: by the picture's edge, or by a head before them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from server.training.onepass.targets import Truth, clipped, shifted
from server.vision.detectors.suppression import Floats
from server.vision.messages import Image

MOST_CUT = (0.5, 0.3, 0.5, 0.3)
"""The largest share that the left, top, right or bottom edge takes from a face: its label still shows in the rest."""
CHANCES = (0.35, 0.15, 0.35, 0.15)
"""Of each edge: people walk in from the sides."""
MOST_COVERED = 0.5
"""The largest share of a face's width that a head before it hides."""
HEAD = np.array([0.68, 0.72])
"""A head's half axes as multiples of its face box's width and height: hair and ears stand out."""


def cut_off(image: Image, truth: Truth, face: int, rng: Generator) -> tuple[Image, Truth, Floats]:
    """A picture that ends in one of its faces, what is known of it, and the box (4,) of what is left of the face."""
    edges = truth.boxes[face].copy()
    side = rng.choice(4, p=CHANCES)
    share = rng.uniform(0.1, MOST_CUT[side])
    kept = np.array([0, 0, image.shape[1], image.shape[0]])
    kept[side] = edges[side] = round(float(edges[side] + share * (edges[(side + 2) % 4] - edges[side])))
    left, top, right, bottom = kept
    if right - left < 2 or bottom - top < 2:
        return image, truth, truth.boxes[face]
    offset = np.array([left, top, left, top], np.float32)
    seen = clipped(shifted(truth, -left, -top), bottom - top, right - left)
    return image[top:bottom, left:right], seen, edges - offset


def behind(image: Image, truth: Truth, other: Image, head: Floats, label: int, rng: Generator) -> tuple[Image, Truth]:
    """A picture whose first face stands half behind another head, and what is known of both.

    other, head, label: a picture, the box (4,) of a face in it, and what that wears.
    """
    box = truth.boxes[0]
    size, theirs = box[2:] - box[:2], head[2:] - head[:2]
    scale = float(rng.uniform(0.8, 1.6) * size.max() / theirs.max())
    axes = HEAD * theirs * scale
    # Its near edge lies so far inside the face, from the left or the right, and it stands a little higher or lower.
    covered = rng.uniform(0.15, MOST_COVERED) * size[0]
    x = box[0] + covered - axes[0] if rng.random() < 0.5 else box[2] - covered + axes[0]
    middle = np.array([x, (box[1] + box[3]) / 2 + rng.uniform(-0.25, 0.35) * size[1]])
    offset = middle - scale * (head[:2] + head[2:]) / 2
    height, width = image.shape[:2]
    matrix = np.array([[scale, 0, offset[0]], [0, scale, offset[1]]])
    drawn = cv2.warpAffine(other, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    outline = np.zeros((height, width), np.float32)
    up = middle - (0, 0.08 * theirs[1] * scale)
    cv2.ellipse(outline, (tuple(map(float, up)), tuple(map(float, 2 * axes)), 0.0), 1.0, -1)
    soft = max(int(0.04 * axes.min()), 1) * 2 + 1
    outline = cv2.GaussianBlur(outline, (soft, soft), 0)[..., None]
    mixed = image * (1 - outline) + drawn * outline
    face = (head * scale + np.tile(offset, 2)).astype(np.float32)
    both = Truth(np.concatenate([truth.boxes, face[None]]), [*truth.labels, label], truth.ignored)
    return np.rint(mixed).astype(np.uint8), clipped(both, height, width)
