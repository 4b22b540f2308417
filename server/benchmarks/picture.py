"""The camera picture that benchmarks send: 640x480, one face."""

from __future__ import annotations

import cv2
import numpy as np

from server.vision.messages import Image


def camera_picture() -> Image:
    """NASA's portrait of Eileen Collins (public domain, from scikit-image) as a webcam would see it, 640x480 RGB."""
    from skimage import data

    portrait = cv2.resize(data.astronaut(), (480, 480), interpolation=cv2.INTER_AREA)  # type: ignore[no-untyped-call]
    return np.ascontiguousarray(cv2.copyMakeBorder(portrait, 0, 0, 80, 80, cv2.BORDER_REPLICATE))


def camera_jpeg() -> bytes:
    """The same as a browser sends it."""
    bgr = cv2.cvtColor(camera_picture(), cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 80])[1])
