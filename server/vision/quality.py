"""How well a face can be seen: size, sharpness, brightness, turn. Plain numbers for `decision.py` to judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from server.vision.classifiers.preprocessing import crop_face
from server.vision.messages import Box, Detection, Image

_SIZE = 32


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured of a face.

    face_px: longer side of its box, pixels. sharpness: see `sharpness_and_brightness`. brightness: mean grey,
    0 to 255. turn: see `turn`; None where the detector gives no landmarks.
    """

    face_px: float
    sharpness: float
    brightness: float
    turn: float | None


def measure(image: Image, detection: Detection) -> Quality:
    """Measure a found face."""
    sharpness, brightness = sharpness_and_brightness(image, detection.box)
    turned = None if detection.landmarks is None else turn(detection.landmarks)
    return Quality(detection.box.size, sharpness, brightness, turned)


def sharpness_and_brightness(image: Image, box: Box) -> tuple[float, float]:
    """Sharpness and brightness of a face.

    Sharpness is the variance of the Laplacian (Pech-Pacheco et al. 2000) of the face at 32 px across, divided
    by the variance of its greys, so that neither a small nor a dim face counts as blurred by itself.
    Brightness is the mean grey, 0 to 255. box: pixels of `image`.
    """
    grey = cv2.cvtColor(crop_face(image, box, 1.0, _SIZE), cv2.COLOR_RGB2GRAY)
    brightness, spread = _mean_and_spread(grey)
    _, edges = _mean_and_spread(cv2.Laplacian(grey, cv2.CV_32F))
    return (edges / spread) ** 2 if spread > 0 else 0.0, brightness


def _mean_and_spread(values: NDArray[Any]) -> tuple[float, float]:
    """Mean and standard deviation by OpenCV: with NumPy's a face's whole measure takes 1.6 times as long."""
    mean, spread = cv2.meanStdDev(values)
    return float(mean[0, 0]), float(spread[0, 0])


def turn(landmarks: NDArray[np.float32]) -> float:
    """How far a head is turned to the side: 0 facing the camera, about 0.5 at half profile, 1 and more beyond.

    The nose tip's distance from the middle of the eyes, along the line through the eyes, over their distance.
    landmarks: as in `Detection`.
    """
    left, right, nose = (point.astype(np.float64) for point in landmarks[:3])
    between = right - left
    distance = float(np.hypot(*between))
    if distance < 1e-6:
        return float("inf")
    return abs(float((nose - (left + right) / 2) @ between)) / distance**2
