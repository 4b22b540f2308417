"""The Haar cascade of Viola and Jones (2001), as OpenCV ships it: the literature's classic, for comparison."""

from __future__ import annotations

import math
from pathlib import Path

import cv2

from server.vision.messages import Box, Detection, Image

LONGEST_SIDE = 1280
"""Larger pictures are shrunk to it: the time grows with the pixels, to over 10 s at 4096x4096."""
SCALE_STEP = 1.1
MIN_NEIGHBOURS = 9
"""Overlapping finds that make a face: chosen on `scenes/val` for a precision of .95 (docs/detectors.md)."""


def load(variant: str) -> Haar:
    """OpenCV's cascade `haarcascade_<variant>.xml`.

    Raises FileNotFoundError where OpenCV ships none (5.0 and later).
    """
    folder = getattr(getattr(cv2, "data", None), "haarcascades", None)
    path = Path(folder or ".") / f"haarcascade_{variant}.xml"
    if folder is None or not path.is_file():
        raise FileNotFoundError(
            f"OpenCV {cv2.__version__} ships no {path.name}; install opencv-python-headless as requirements.txt says."
        )
    return Haar(path)


class Haar:
    """One cascade; not safe for two threads at once."""

    def __init__(self, path: Path) -> None:
        self._cascade = cv2.CascadeClassifier(str(path))

    def detect(self, image: Image, min_score: float) -> list[Detection]:
        """Faces with a score of at least `min_score`, in no order; boxes in pixels of `image`."""
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        scale = min(LONGEST_SIDE / max(grey.shape), 1.0)
        if scale < 1:
            size = max(round(grey.shape[1] * scale), 1), max(round(grey.shape[0] * scale), 1)
            grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        found, _, weights = self._cascade.detectMultiScale3(
            cv2.equalizeHist(grey), scaleFactor=SCALE_STEP, minNeighbors=MIN_NEIGHBOURS, outputRejectLevels=True
        )
        detections = []
        for (x, y, width, height), weight in zip(found, weights, strict=True):
            score = score_of(float(weight))
            if score >= min_score:
                box = Box(float(x), float(y), float(width), float(height)).scaled(1 / scale, 1 / scale)
                detections.append(Detection(box, score))
        return detections


def score_of(weight: float) -> float:
    """The sum of the last stage's votes, brought to 0..1 by a logistic curve with its middle at 3.

    A cascade knows no probability: the curve keeps the order and spreads the votes that faces get (0 to 9).
    """
    return 1 / (1 + math.exp(3 - max(weight, -80.0)))
