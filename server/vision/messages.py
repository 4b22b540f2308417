"""The values that cross a border: between vision's stages, to a worker process, to the web."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

LABELS = ("with_mask", "without_mask", "incorrect")
UNSURE = "unsure"
REASONS = ("too_small", "too_blurred", "turned_away", "too_dark", "unclear")
STAGES = ("queue", "decode", "detect", "classify", "total")

Image = NDArray[np.uint8]
"""A picture: (height, width, 3), uint8, RGB, upright."""


class Refusal(Exception):
    """A frame that gets no result.

    `code` is one of the contract's codes (`no_image`, `not_an_image`, `too_large`, `unknown_model`,
    `unknown_detector`, `bad_message`, `superseded`, `worker_lost`, `timed_out`, `too_many_requests`);
    `message` says what is wrong and how to mend it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; origin top left. In pixels inside vision, in fractions of the picture in a `Face`."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        if not (self.width > 0 and self.height > 0):
            raise ValueError(f"a box needs a width and a height above 0, got {self.width} x {self.height}")

    @property
    def size(self) -> float:
        """The longer side: what "a face of 32 px" means throughout MaskGate."""
        return max(self.width, self.height)

    @property
    def area(self) -> float:
        return self.width * self.height

    def scaled(self, horizontally: float, vertically: float) -> Box:
        """This box with x and width times `horizontally`, y and height times `vertically`."""
        return Box(self.x * horizontally, self.y * vertically, self.width * horizontally, self.height * vertically)

    def overlap(self, other: Box) -> float:
        """The area that both boxes cover, in squared units of the boxes."""
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        down = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        return max(across, 0.0) * max(down, 0.0)

    def iou(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        shared = self.overlap(other)
        return shared / (self.area + other.area - shared)


@dataclass(frozen=True, slots=True)
class Detection:
    """A face found in a picture.

    box: pixels of the picture searched; may reach past its edges.
    score: 0 to 1, how sure the detector is that this is a face.
    landmarks: float32 (5, 2) pixels as (x, y): the eye at the picture's left, the eye at its right,
        the nose tip, the mouth corner at the left, the one at the right; None if not known.
        BlazeFace knows only the mouth's centre: both its corners are that point.
    probabilities: label to 0..1 where the detector classifies too (one stage), else None.
    """

    box: Box
    score: float
    landmarks: NDArray[np.float32] | None = None
    probabilities: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.score <= 1:
            raise ValueError(f"a score lies between 0 and 1, got {self.score}")
        if self.landmarks is not None and self.landmarks.shape != (5, 2):
            raise ValueError(f"landmarks have the shape (5, 2), got {self.landmarks.shape}")


@dataclass(frozen=True, slots=True)
class Face:
    """A face as answered: box in fractions of the picture, label, probabilities; `reason` if unsure."""

    box: Box
    score: float
    label: str
    probabilities: Mapping[str, float]
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.label not in (*LABELS, UNSURE):
            raise ValueError(f"a label is one of {(*LABELS, UNSURE)}, got {self.label!r}")
        if (self.reason is not None) != (self.label == UNSURE):
            raise ValueError(f"an unsure face has a reason and no other has, got {self.label}, {self.reason}")


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture handed in for checking.

    data: the encoded picture (JPEG, PNG or WebP).
    client: whose frame it is; a client's newer waiting frame replaces its older one.
    model, detector: names, or None for the engine's defaults.
    min_score: the least face score to report, 0 to 1, or None for the detector's own.
    """

    data: bytes
    client: str
    model: str | None = None
    detector: str | None = None
    min_score: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What was seen in a frame.

    width, height: pixels of the upright picture. faces: largest first.
    timing_ms: milliseconds by stage (`STAGES`, as far as measured).
    """

    model: str
    detector: str
    width: int
    height: int
    faces: tuple[Face, ...]
    timing_ms: Mapping[str, float] = field(default_factory=dict)
