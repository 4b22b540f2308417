"""Masks drawn on bare faces, worn in every way: rightly, nose out, under the chin, hanging from one ear.

A face that is known both bare and masked teaches the mask and not the photo's style; and masks worn incorrectly are
rare in photos. Points of the face as in `landmarks.py`.
"""

from __future__ import annotations

from typing import Literal, get_args

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from server.vision.messages import Image

Points = NDArray[np.float32]
Wearing = Literal["on", "nose_out", "chin", "one_ear"]
WEARINGS: tuple[Wearing, ...] = get_args(Wearing)
LABEL = {"on": "with_mask", "nose_out": "incorrect", "chin": "incorrect", "one_ear": "incorrect"}

# From one ear to the other along the jaw.
_JAW = (93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323)
# The upper rim from the right side of the jaw's line back to the left, each through the face's middle.
_RIM: dict[str, tuple[int, ...]] = {
    "on": (323, 347, 277, 351, 6, 122, 47, 118, 93),
    "nose_out": (361, 425, 391, 164, 165, 205, 132),
    "chin": (397, 418, 199, 194, 172),
}
# Where straps begin at the mask, and the ear that they go to.
_STRAPS = (((93, 132), 234), ((323, 361), 454))
_FINE = 2


def draw_mask(window: Image, points: Points, wearing: Wearing, rng: Generator) -> Image:
    """A new picture with a random mask on the face.

    points: (468, 2) as x, y in pixels of `window`.
    """
    height, width = window.shape[:2]
    across = points[454] - points[234]
    size = float(np.linalg.norm(across))
    outline = _hanging(points, rng) if wearing == "one_ear" else _outline(points, wearing, rng)
    cover = np.zeros((height * _FINE, width * _FINE), np.uint8)
    cv2.fillPoly(cover, [_fixed(outline)], 255, cv2.LINE_AA, 4)
    paint = _cloth((height, width), points, size, rng)
    thickness = max(round(size * rng.uniform(0.012, 0.03) * _FINE), 1)
    straps = np.zeros_like(cover)
    for begin, end in _straps(points, outline, wearing, rng):
        cv2.line(straps, _fixed(begin)[0], _fixed(end)[0], 255, thickness, cv2.LINE_AA, 4)
    share, thread = (
        cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
        for mask in (cover, straps)
    )
    # A soft shadow below the rim, and cloth darker where it turns away: without them it looks pasted.
    shadow = 1 - rng.uniform(0.1, 0.35) * cv2.GaussianBlur(share, (0, 0), 0.03 * size + 0.5)[..., None]
    inside = cv2.distanceTransform((share[..., 0] > 0.5).astype(np.uint8), cv2.DIST_L2, 3)[..., None]
    rounded = np.clip(rng.uniform(0.6, 0.85) + inside / (0.25 * size), 0, 1)
    light = _light(window, points)
    cloth = paint * rounded * light
    strap = rng.uniform(120, 255) * light
    below = window * shadow
    drawn = below * (1 - thread) + strap * thread
    drawn = drawn * (1 - share) + cloth * share
    return np.clip(drawn, 0, 255).astype(np.uint8)


def _outline(points: Points, wearing: Wearing, rng: Generator) -> Points:
    """A polygon (n, 2): the jaw from ear to ear, a little wider than the face, and the rim back."""
    jaw, rim = points[list(_JAW)], points[list(_RIM[wearing])]
    middle = points[list(_JAW)].mean(axis=0)
    down = points[152] - points[6]
    if wearing == "chin":
        jaw = jaw[3:-3] + down * rng.uniform(0.1, 0.3)
        rim = rim + down * rng.uniform(0.0, 0.08)
    else:
        jaw = middle + (jaw - middle) * rng.uniform(1.0, 1.12) + down * rng.uniform(-0.02, 0.06)
        start = rng.integers(0, 3)  # where beside the ear the cloth ends
        jaw = jaw[start : len(jaw) - start]
        rim = rim + down * (rng.uniform(-0.05, 0.08) if wearing == "on" else rng.uniform(-0.04, 0.04))
        rim = rim[1:-1] if start else rim
    return np.concatenate([jaw, rim]).astype(np.float32)


def _hanging(points: Points, rng: Generator) -> Points:
    """A polygon (4, 2): a mask that hangs down from one ear beside the cheek."""
    ear, other = (points[234], points[454]) if rng.random() < 0.5 else (points[454], points[234])
    inwards, down = other - ear, points[152] - points[6]
    lean = rng.uniform(-0.1, 0.1)
    along = down * rng.uniform(0.9, 1.3) + inwards * lean
    beside = inwards * rng.uniform(0.25, 0.4) - down * lean * 0.3
    top = ear + down * rng.uniform(0.1, 0.35) - inwards * rng.uniform(0.05, 0.2)
    return np.array([top, top + beside, top + beside + along, top + along], np.float32)


def _straps(points: Points, outline: Points, wearing: Wearing, rng: Generator) -> list[tuple[Points, Points]]:
    if wearing == "one_ear":
        ear = min((points[234], points[454]), key=lambda ear: float(np.linalg.norm(outline[0] - ear)))
        return [(outline[0], ear), (outline[1], ear)]
    if wearing == "chin":
        ends = (outline[0], points[234]), (outline[len(_JAW) - 7], points[454])
        return [end for end in ends if rng.random() < 0.7]
    return [(points[begin], points[ear]) for begins, ear in _STRAPS for begin in begins]


def _cloth(shape: tuple[int, int], points: Points, size: float, rng: Generator) -> NDArray[np.float32]:
    """Its colour without light: surgical blue and white most often, plain or black cloth, sometimes a pattern."""
    height, width = shape
    kind = rng.choice(["surgical", "white", "black", "plain"], p=[0.35, 0.25, 0.2, 0.2])
    colour = {
        "surgical": np.array([150, 190, 215]) + rng.normal(0, 15, 3),
        "white": np.full(3, rng.uniform(215, 250)) + rng.normal(0, 5, 3),
        "black": np.full(3, rng.uniform(15, 60)) + rng.normal(0, 4, 3),
        "plain": rng.uniform(20, 240, 3),
    }[kind]
    patches = rng.normal(0, 1, (max(height // 16, 2), max(width // 16, 2))).astype(np.float32)
    uneven = 1 + rng.uniform(0.02, 0.08) * cv2.resize(patches, (width, height), interpolation=cv2.INTER_CUBIC)
    paint = np.asarray(uneven[..., None] * colour, np.float32)
    down = (points[152] - points[6]) / max(float(np.linalg.norm(points[152] - points[6])), 1e-3)
    along = np.arange(width)[None, :] * down[0] + np.arange(height)[:, None] * down[1]
    if kind in ("surgical", "white") and rng.random() < 0.7:  # pleats
        period = size * rng.uniform(0.12, 0.2)
        paint *= 1 - rng.uniform(0.05, 0.18) * (np.mod(along, period) < 0.2 * period)[..., None]
    elif rng.random() < 0.4:
        turned = along * rng.uniform(-1, 1) + np.arange(width)[None, :] * rng.uniform(0.3, 1)
        waves = np.sin(2 * np.pi * turned / (size * rng.uniform(0.05, 0.25)))
        paint += rng.uniform(-90, 90, 3) * (waves[..., None] > rng.uniform(-0.3, 0.6))
    return np.clip(paint, 0, 255).astype(np.float32)


def _light(window: Image, points: Points) -> float:
    """How bright the face is: a mask in shade is dark too. .25 to 1.1."""
    left, top = np.clip(points.min(axis=0), 0, None).astype(int)
    right, bottom = points.max(axis=0).astype(int) + 1
    face = window[top:bottom, left:right]
    return float(np.clip(np.percentile(face, 75) / 170, 0.25, 1.1)) if face.size else 1.0


def _fixed(points: Points) -> NDArray[np.int32]:
    """Points for OpenCV's drawing on the finer canvas, in its fixed point of four bits."""
    return np.round(np.atleast_2d(points) * _FINE * 16).astype(np.int32)
