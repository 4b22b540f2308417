"""A surgical mask for the portrait that may be shown (see `training/portrait.py`), drawn with OpenCV alone."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 512
"""Pixels of the portrait's sides."""

_EDGE = (
    (181, 121), (203, 117), (225, 110), (248, 118), (268, 124),
    (266, 150), (254, 170), (226, 181), (198, 171), (184, 150),
)  # fmt: skip
_STRAPS = (((181, 121), (175, 112)), ((184, 150), (176, 126)), ((268, 124), (273, 112)), ((266, 150), (272, 126)))
_CLOTH, _FOLD, _STRAP = (150, 190, 214), (118, 158, 184), (236, 238, 240)
_FINE = 4  # drawn at four times the size and shrunk: soft edges, as a camera would see them


def drawn_mask() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where it lies on the portrait: its colours (512, 512, 3), RGB, 0 to 255, and how much it covers (512, 512, 1)."""
    side = SIDE * _FINE
    paint = np.full((side, side, 3), _CLOTH, np.uint8)
    cover = np.zeros((side, side), np.uint8)
    cv2.fillPoly(cover, [_points(_EDGE)], 255)
    for y in (132, 144, 156):
        pleat = ((176, y - 3), (200, y + 2), (224, y + 4), (248, y + 2), (272, y - 3))
        cv2.polylines(paint, [_points(pleat)], False, _FOLD, 6)
    for strap in _STRAPS:
        cv2.polylines(cover, [_points(strap)], False, 255, 8)
        cv2.polylines(paint, [_points(strap)], False, _STRAP, 12)
    # Darker towards the cheeks, as on a rounded face.
    off_centre = np.abs(np.arange(side) / _FINE - 224) / 50
    shade = 1 - 0.25 * np.clip(off_centre, 0, 1) ** 2
    colour = cv2.resize(paint * shade[:, np.newaxis], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    share = cv2.resize(cover / 255, (SIDE, SIDE), interpolation=cv2.INTER_AREA)[..., np.newaxis]
    return colour, share


def _points(corners: tuple[tuple[int, int], ...]) -> np.ndarray:
    return np.array(corners, np.int32) * _FINE
