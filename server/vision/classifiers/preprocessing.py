"""From a face in a picture to a network's input: the same code in training and in serving."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from server.vision.classifiers.card import Preprocessing
from server.vision.messages import Box, Image


def crop_face(image: Image, box: Box, margin: float, size: int) -> Image:
    """Cut a square around a face and resize it; what lies outside the picture repeats its edge.

    box: pixels of `image`; margin: the square's side as a multiple of the box's longer side.
    Returns (size, size, 3), uint8.
    """
    height, width = image.shape[:2]
    side = max(round(box.size * margin), 1)
    left = round(box.x + box.width / 2 - side / 2)
    top = round(box.y + box.height / 2 - side / 2)
    # Clamped so that a box wholly outside still yields pixels: the nearest edge's.
    inner_left, inner_top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    inner_right = max(min(left + side, width), inner_left + 1)
    inner_bottom = max(min(top + side, height), inner_top + 1)
    inner = image[inner_top:inner_bottom, inner_left:inner_right]
    # Resized before it is padded: a huge box on a small picture must not allocate the huge square.
    scale = size / side
    pad_left, pad_top = round((inner_left - left) * scale), round((inner_top - top) * scale)
    pad_left, pad_top = min(max(pad_left, 0), size - 1), min(max(pad_top, 0), size - 1)
    inner_width = min(max(round((inner_right - inner_left) * scale), 1), size - pad_left)
    inner_height = min(max(round((inner_bottom - inner_top) * scale), 1), size - pad_top)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized = cv2.resize(inner, (inner_width, inner_height), interpolation=interpolation)
    return cv2.copyMakeBorder(
        resized, pad_top, size - pad_top - inner_height, pad_left, size - pad_left - inner_width, cv2.BORDER_REPLICATE
    ).astype(np.uint8, copy=False)


def to_input(crop: Image, preprocessing: Preprocessing) -> NDArray[np.float32]:
    """Scale pixels as the network wants them: uint8 (..., 3) to float32 of the same shape."""
    return crop.astype(np.float32) * np.float32(preprocessing.scale) + np.float32(preprocessing.offset)


def face_input(image: Image, box: Box, preprocessing: Preprocessing, size: int) -> NDArray[np.float32]:
    """The network's input for one face: `crop_face`, then `to_input`; float32 (size, size, 3)."""
    return to_input(crop_face(image, box, preprocessing.crop_margin, size), preprocessing)
