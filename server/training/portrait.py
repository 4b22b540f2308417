"""A face that may be shown: NASA's portrait of Eileen Collins (public domain), as scikit-image ships it.

`python -m server.training.portrait static/pictures/portrait.webp` draws the picture that the models page measures with.
"""

from __future__ import annotations

import sys

import cv2
import numpy as np
from PIL import Image as Pillow
from skimage import data

from server.vision.messages import Box, Image

FACE = Box(178, 66, 95, 112)
"""The face in both portraits, from hairline to chin, in pixels (boxed by hand)."""

LANDMARKS = ((201, 102), (246, 103), (226, 128), (206, 142), (243, 142))
"""Eyes, nose tip and mouth corners in the order of `Detection.landmarks`, in pixels (by hand)."""

_EDGE = (
    (181, 121), (203, 117), (225, 110), (248, 118), (268, 124),
    (266, 150), (254, 170), (226, 181), (198, 171), (184, 150),
)  # fmt: skip
_STRAPS = (((181, 121), (175, 112)), ((184, 150), (176, 126)), ((268, 124), (273, 112)), ((266, 150), (272, 126)))
_CLOTH, _FOLD, _STRAP = (150, 190, 214), (118, 158, 184), (236, 238, 240)
_FINE = 4  # drawn at four times the size and shrunk: soft edges, as a camera would see them


def portrait() -> Image:
    """The bare face: (512, 512, 3), uint8, RGB, a fresh copy."""
    return np.array(data.astronaut(), dtype=np.uint8)  # type: ignore[no-untyped-call]


def masked_portrait() -> Image:
    """The same with a surgical mask drawn on, from the bridge of the nose to under the chin."""
    image = portrait()
    height, width = image.shape[0] * _FINE, image.shape[1] * _FINE
    paint = np.full((height, width, 3), _CLOTH, np.uint8)
    cover = np.zeros((height, width), np.uint8)
    cv2.fillPoly(cover, [_points(_EDGE)], 255)
    for y in (132, 144, 156):
        pleat = ((176, y - 3), (200, y + 2), (224, y + 4), (248, y + 2), (272, y - 3))
        cv2.polylines(paint, [_points(pleat)], False, _FOLD, 6)
    for strap in _STRAPS:
        cv2.polylines(cover, [_points(strap)], False, 255, 8)
        cv2.polylines(paint, [_points(strap)], False, _STRAP, 12)
    # Darker towards the cheeks, as on a rounded face.
    off_centre = np.abs(np.arange(width) / _FINE - 224) / 50
    shade = 1 - 0.25 * np.clip(off_centre, 0, 1) ** 2
    small = cv2.resize(paint * shade[:, np.newaxis], image.shape[1::-1], interpolation=cv2.INTER_AREA)
    share = cv2.resize(cover / 255, image.shape[1::-1], interpolation=cv2.INTER_AREA)[..., np.newaxis]
    return np.round(image * (1 - share) + small * share).astype(np.uint8)


def _points(corners: tuple[tuple[int, int], ...]) -> np.ndarray:
    return np.array(corners, np.int32) * _FINE


if __name__ == "__main__":
    Pillow.fromarray(masked_portrait()).save(sys.argv[1], quality=80, method=6)
