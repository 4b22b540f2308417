"""The camera pictures that benchmarks send: 640x480, one face or more."""

from __future__ import annotations

from math import isqrt

import cv2
import numpy as np

from server.vision.messages import Image

HEAD = np.s_[15:215, 92:359]
"""Rows and columns of the portrait with the head in their middle, in a camera's form."""


def camera_picture(faces: int = 1) -> Image:
    """NASA's portrait of Eileen Collins (public domain, from scikit-image) as a webcam would see it, 640x480 RGB.

    faces: a square number; more than one are the same head, side by side and one above the other.
    """
    from skimage import data

    portrait = data.astronaut()  # type: ignore[no-untyped-call]
    if faces == 1:
        near = cv2.resize(portrait, (480, 480), interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(cv2.copyMakeBorder(near, 0, 0, 80, 80, cv2.BORDER_REPLICATE))
    side = isqrt(faces)
    if side**2 != faces:
        raise ValueError(f"faces stand in a square of 1, 4, 9, 16 or more, got {faces}")
    head = cv2.resize(portrait[HEAD], (640 // side, 480 // side), interpolation=cv2.INTER_AREA)
    return np.tile(head, (side, side, 1))


def camera_jpeg(faces: int = 1) -> bytes:
    """The same as a browser sends it."""
    bgr = cv2.cvtColor(camera_picture(faces), cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 80])[1])
