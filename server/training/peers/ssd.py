"""OpenCV's SSD ResNet-10 face detector, as most mask projects run it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2

from server.training.peers import weights
from server.vision.messages import Box, Detection, Image

SIDE = 300
MEAN = (104, 117, 123)
"""Of blue, green and red."""


def read_network(folder: Path) -> Any:
    """The network from its TensorFlow form; it has its own non-maximum suppression.

    Raises PeersMissingError.
    """
    return cv2.dnn.readNetFromTensorflow(
        *map(str, weights(folder, "opencv_face_detector_uint8.pb", "opencv_face_detector.pbtxt"))
    )


def load(folder: Path) -> SSD:
    """Raises PeersMissingError."""
    return SSD(read_network(folder))


class SSD:
    """Not safe for two threads at once."""

    def __init__(self, network: Any) -> None:
        self._network = network

    def detect(self, image: Image, min_score: float) -> list[Detection]:
        """Faces with a score of at least `min_score`, in no order; boxes in pixels of `image`."""
        height, width = image.shape[:2]
        self._network.setInput(cv2.dnn.blobFromImage(image, 1.0, (SIDE, SIDE), MEAN, swapRB=True))
        detections = []
        for score, left, top, right, bottom in self._network.forward()[0, 0, :, 2:7].tolist():
            if score >= min_score and right > left and bottom > top:
                box = Box(left, top, right - left, bottom - top).scaled(width, height)
                detections.append(Detection(box, min(score, 1.0)))
        return detections
