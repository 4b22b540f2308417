"""Face detectors: pixels to faces. One file an implementation, one registry, one small interface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from server.vision.messages import Detection, Image


class Detector(Protocol):
    """Finds faces in a picture."""

    def detect(self, image: Image, min_score: float) -> list[Detection]:
        """Faces with a score of at least `min_score`, in no order; boxes in pixels of `image`."""


@dataclass(frozen=True, slots=True)
class DetectorInfo:
    """What people and programs are told of a detector.

    min_score: the working threshold, 0 to 1, chosen on `scenes/val`.
    one_stage: it also says the label, so that no classifier runs.
    """

    name: str
    title: str
    description: str
    licence: str
    min_score: float
    landmarks: bool
    one_stage: bool = False
