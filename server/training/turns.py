"""How far labelled faces are turned: asks a detector for their landmarks."""

from __future__ import annotations

from server.training.evaluate import Finder
from server.vision import detectors
from server.vision.messages import Box, Detection, Image

DETECTOR = "retinaface-640"


def finder(name: str = DETECTOR) -> Finder:
    """A finder that takes its landmarks from the detected face that lies on the labelled one, if any does."""
    detector = detectors.load(name)

    def find(image: Image, box: Box) -> Detection:
        found = max(detector.detect(image, 0.5), key=lambda d: d.box.iou(box), default=None)
        on_it = found is not None and found.box.iou(box) >= 0.4
        return Detection(box, 1.0, found.landmarks if found is not None and on_it else None)

    return find
