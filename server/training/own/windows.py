"""The faces of a photo, and the window cut out around each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from server.vision.classifiers.preprocessing import crop_face
from server.vision.messages import Box, Detection, Image

WINDOW = 1.8
"""A window's side as a multiple of the face's: room for every crop margin and for moving the frame in training."""
LARGEST_WINDOW_PX = 224
SMALLEST_FACE_PX = 32
"""Thresholds are chosen on faces of this size and more."""
BACKGROUND = 0.5
"""Faces smaller than this share of the photo's largest are taken for passers-by."""

LARGEST_CROP_PX = 256
SQUAREST = 0.7
CROP_FACE = 0.9
"""The face's share of a picture that is all face, measured on the crops of public sets."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a photo shows. boxes: faces that take its label, pixels. background: how many are left out.

    whole: no face was found, but the picture is so small and square that it can only be one.
    """

    boxes: list[Box]
    background: int = 0
    whole: bool = False


def faces_in(image: Image, detect: Callable[[Image], Sequence[Detection]]) -> Found:
    """The faces that a photo was sorted by: its largest, and others of at least half that size.

    Whoever sorts a photo looks at the people in front; the label says nothing of those far behind them.
    """
    boxes = [detection.box for detection in detect(image)]
    largest = max((box.size for box in boxes), default=0.0)
    if largest >= SMALLEST_FACE_PX:
        kept = [box for box in boxes if box.size >= max(SMALLEST_FACE_PX, BACKGROUND * largest)]
        return Found(sorted(kept, key=lambda box: (box.x, box.y)), background=len(boxes) - len(kept))
    height, width = image.shape[:2]
    whole = Box(0, 0, width, height).scaled(CROP_FACE, CROP_FACE)
    if whole.size < SMALLEST_FACE_PX or max(width, height) > LARGEST_CROP_PX:
        return Found([])
    if min(width, height) < SQUAREST * max(width, height):
        return Found([])
    centred = Box((width - whole.width) / 2, (height - whole.height) / 2, whole.width, whole.height)
    return Found([centred], whole=True)


def window(image: Image, box: Box) -> tuple[Image, Box]:
    """The square around a face, at most 224 px, and the face's box in it; see `crop_face` for the picture's edge."""
    size = min(round(box.size * WINDOW), LARGEST_WINDOW_PX)
    inner = box.scaled(*[size / (box.size * WINDOW)] * 2)
    centred = Box((size - inner.width) / 2, (size - inner.height) / 2, inner.width, inner.height)
    return crop_face(image, box, WINDOW, size), centred
