"""What a network takes for a face in training scenes though none is there: shown more often, it is unlearned.

Hard negatives, as Sung, Poggio 1998, "Example-based learning for view-based human face detection", has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from server.training.onepass.sources import Source, corners
from server.training.onepass.targets import Truth
from server.training.scenes import NEAR_IOU
from server.vision.detectors import Detector
from server.vision.detectors.suppression import Floats, inside, overlap

LEAST_SCORE = 0.12
"""Of a false find: far below where a threshold may come to lie, for there are few above it in scenes learned from."""
SMALLEST = 16.0
"""Of a false find's longer side, in pixels of the scene."""
DOUBTED_SCORE, DOUBTED_INSIDE = 0.2, 0.5
"""Where the second detector is as sure as that of a face that shares as much with a false find, nobody knows."""


def with_false_finds(scenes: Sequence[Source], detector: Detector, second: Detector) -> list[Source]:
    """The scenes with what `detector` falsely finds in them as `mistaken`.

    second: a strong detector. What it finds there too is a face that nobody boxed, and is learned neither way.
    """
    return [_with_false_finds(scene, detector, second) for scene in scenes]


def _with_false_finds(scene: Source, detector: Detector, second: Detector) -> Source:
    image = scene.read()
    found = [face for face in detector.detect(image, LEAST_SCORE) if face.box.size >= SMALLEST]
    boxes, scores = corners([face.box for face in found]), np.array([face.score for face in found], np.float32)
    false = _apart(boxes, scene.truth)
    if not false.any():
        return scene
    boxes, scores = boxes[false], scores[false]
    faces = corners([face.box for face in second.detect(image, DOUBTED_SCORE)])
    doubted = inside(boxes[:, None], faces).max(axis=1, initial=0) > DOUBTED_INSIDE
    ignored = np.concatenate([scene.truth.ignored, boxes[doubted]])
    mistaken = np.column_stack([boxes, scores])[~doubted]
    return replace(scene, truth=replace(scene.truth, ignored=ignored), mistaken=mistaken)


def _apart(boxes: Floats, truth: Truth) -> NDArray[np.bool_]:
    """Which finds count as false, as `scenes.py` has it."""
    near = overlap(boxes[:, None], truth.boxes).max(axis=1, initial=0) > NEAR_IOU
    hidden = inside(boxes[:, None], truth.ignored).max(axis=1, initial=0) > DOUBTED_INSIDE
    return np.asarray(~near & ~hidden, bool)
