"""Hand-like, cup-like and scarf-like shapes drawn on faces.

The complaint that users of every mask checker have first is that a hand over the mouth counts as a mask.
A bare face with something over its mouth stays bare; masked faces get the same shapes beside the mask.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from server.vision.messages import Box, Image

_SHARPER = 4  # drawn on a canvas this many times finer, in fixed point, for smooth edges


def draw_occluder(window: Image, box: Box, *, over_mouth: bool, rng: Generator) -> Image:
    """Draw one random shape on a face; returns a new picture.

    over_mouth: over the mouth (and often the nose); else over forehead, eye, cheek's edge or chin's edge,
    small enough to leave a mask to be seen.
    """
    size = box.size
    middle = np.array([box.x + box.width / 2, box.y + box.height / 2])
    if over_mouth:
        centre = middle + np.array([rng.normal(0, 0.06), rng.uniform(0.12, 0.34)]) * size
        kind = rng.choice(["hand", "fist", "cup", "scarf", "phone"], p=[0.45, 0.15, 0.15, 0.15, 0.1])
    else:
        side = rng.choice([-1, 1])
        spots = [(side * 0.15, -0.45), (side * 0.32, -0.2), (side * 0.6, 0.15), (side * 0.55, 0.4)]
        centre = middle + np.array(spots[rng.integers(len(spots))]) * size
        size *= 0.6
        kind = rng.choice(["hand", "fist", "cup", "phone"], p=[0.5, 0.2, 0.2, 0.1])
    mask = _SHAPES[kind](window.shape[:2], centre, size, rng)
    colour = skin_colour(window, box, rng) if kind in ("hand", "fist") else rng.uniform(10, 245, 3)
    paint = _texture(window.shape[:2], colour, size, rng, striped=kind == "scarf" and rng.random() < 0.6)
    if kind in ("hand", "fist"):
        paint *= _finger_shade(mask, size)[..., None]
    soft = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), max(0.004 * size, 0.4))[..., None]
    # A thin shadow under the edge: without it every drawing looks pasted, and is learned as such.
    shadow = 1 - 0.35 * cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), 0.03 * size + 0.5)[..., None]
    return np.clip(window * shadow * (1 - soft) + paint * soft, 0, 255).astype(np.uint8)


def skin_colour(window: Image, box: Box, rng: Generator) -> np.ndarray:
    """The face's own skin, from between eyes and hairline, varied a little: float64 (3,), 0 to 255."""
    top, bottom = int(box.y + 0.12 * box.height), int(box.y + 0.55 * box.height)
    left, right = int(box.x + 0.25 * box.width), int(box.x + 0.75 * box.width)
    patch = window[max(top, 0) : max(bottom, 1), max(left, 0) : max(right, 1)].reshape(-1, 3)
    if not len(patch):
        return rng.uniform(60, 220, 3)
    brightness = patch.sum(axis=1)
    # The brighter half: leaves out hair, brows and glasses.
    skin = np.median(patch[brightness >= np.median(brightness)], axis=0)
    return np.clip(skin * rng.uniform(0.75, 1.15) * rng.uniform(0.94, 1.06, 3), 5, 250)


def _texture(shape: tuple[int, ...], colour: np.ndarray, size: float, rng: Generator, *, striped: bool) -> np.ndarray:
    """A colour with soft light and dark patches, and stripes or folds if asked: float32 (height, width, 3)."""
    height, width = shape
    patches = rng.normal(0, 1, (max(height // 24, 2), max(width // 24, 2))).astype(np.float32)
    light = 1 + rng.uniform(0.03, 0.12) * cv2.resize(patches, (width, height), interpolation=cv2.INTER_CUBIC)
    if striped:
        across = np.arange(width)[None, :] * rng.uniform(-1, 1) + np.arange(height)[:, None]
        light = light * (1 + rng.uniform(0.05, 0.25) * np.sin(across * 2 * np.pi / (size * rng.uniform(0.04, 0.2))))
    return (light[..., None] * colour).astype(np.float32)


def _finger_shade(mask: np.ndarray, size: float) -> np.ndarray:
    """Darker towards a shape's own edges, as round fingers are: float32 (height, width), .6 to 1."""
    depth = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 3)
    return np.clip(0.62 + depth / (0.06 * size + 1), 0.62, 1).astype(np.float32)


def _fixed(point: np.ndarray) -> tuple[int, int]:
    return (round(point[0] * 2**_SHARPER), round(point[1] * 2**_SHARPER))


def _capsule(mask: np.ndarray, start: np.ndarray, end: np.ndarray, radius: float) -> None:
    """A rounded stroke: a finger."""
    cv2.line(mask, _fixed(start), _fixed(end), 255, max(int(radius * 2), 1), cv2.LINE_AA, _SHARPER)


def _hand(shape: tuple[int, ...], centre: np.ndarray, size: float, rng: Generator) -> np.ndarray:
    """Four fingers side by side over the centre, a palm behind them, mostly a thumb."""
    mask = np.zeros(shape, np.uint8)
    angle = rng.uniform(-0.6, 0.6) + rng.choice([0, np.pi / 2, -np.pi / 2, np.pi], p=[0.3, 0.3, 0.3, 0.1])
    along = np.array([np.sin(angle), -np.cos(angle)])  # from the palm to the finger tips
    beside = np.array([along[1], -along[0]]) * rng.choice([-1, 1])
    radius = size * rng.uniform(0.055, 0.085)
    spread = rng.uniform(0, 0.18)
    gap = radius * rng.uniform(1.85, 2.3)
    for finger, length in enumerate((0.38, 0.44, 0.42, 0.33)):
        place = finger - 1.5
        direction = along + beside * spread * place
        root = centre + beside * gap * place - along * size * 0.18
        _capsule(mask, root, root + direction * size * length * rng.uniform(0.85, 1.1), radius)
    palm = centre - along * size * 0.32
    _capsule(mask, palm - beside * gap, palm + beside * gap, size * 0.2)
    _capsule(mask, palm, palm - along * size * 0.9, size * rng.uniform(0.14, 0.2))
    if rng.random() < 0.7:
        root = palm + beside * gap * 2
        _capsule(mask, root, root + (along * 0.5 + beside * rng.uniform(0.1, 0.7)) * size * 0.35, radius * 1.1)
    return mask


def _fist(shape: tuple[int, ...], centre: np.ndarray, size: float, rng: Generator) -> np.ndarray:
    """A closed hand with its forearm below."""
    mask = np.zeros(shape, np.uint8)
    radius = size * rng.uniform(0.08, 0.1)
    for knuckle in (-1.5, -0.5, 0.5, 1.5):
        top = centre + np.array([knuckle * radius * 1.7, rng.uniform(-0.03, 0.03) * size])
        _capsule(mask, top - np.array([0, radius]), top + np.array([0, radius * 1.5]), radius)
    lean = rng.uniform(-0.6, 0.6)
    _capsule(
        mask,
        centre + np.array([0, radius * 2]),
        centre + np.array([lean, 1.0]) * size,
        size * rng.uniform(0.13, 0.18),
    )
    return mask


def _cup(shape: tuple[int, ...], centre: np.ndarray, size: float, rng: Generator) -> np.ndarray:
    """A beaker, a little tapered, tilted."""
    mask = np.zeros(shape, np.uint8)
    wide, tall = size * rng.uniform(0.16, 0.3), size * rng.uniform(0.25, 0.4)
    taper = rng.uniform(0.7, 1)
    corners = np.array([[-wide, -tall], [wide, -tall], [wide * taper, tall], [-wide * taper, tall]])
    return _polygon(mask, corners, centre, rng.uniform(-0.4, 0.4))


def _phone(shape: tuple[int, ...], centre: np.ndarray, size: float, rng: Generator) -> np.ndarray:
    """A flat slab at any angle."""
    mask = np.zeros(shape, np.uint8)
    wide, tall = size * rng.uniform(0.14, 0.22), size * rng.uniform(0.3, 0.42)
    corners = np.array([[-wide, -tall], [wide, -tall], [wide, tall], [-wide, tall]])
    return _polygon(mask, corners, centre, rng.uniform(-np.pi / 2, np.pi / 2))


def _scarf(shape: tuple[int, ...], centre: np.ndarray, size: float, rng: Generator) -> np.ndarray:
    """A wrap from beyond one cheek to beyond the other, down past the chin, with an uneven rim.

    Wider and lower than a mask and without a mask's outline: it hangs over the neck and the picture's edge.
    """
    mask = np.zeros(shape, np.uint8)
    across = np.linspace(-0.9, 0.9, 9)
    rim = -rng.uniform(0.02, 0.16) + 0.08 * across**2 + rng.normal(0, 0.02, 9) + rng.uniform(-0.12, 0.12) * across
    upper = np.stack([across, rim], axis=1)
    lower = np.array([[0.9, 1.2], [-0.9, 1.2]])
    return _polygon(mask, np.concatenate([upper, lower]) * size, centre, 0)


def _polygon(mask: np.ndarray, corners: np.ndarray, centre: np.ndarray, angle: float) -> np.ndarray:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = np.round((corners @ turn.T + centre) * 2**_SHARPER).astype(np.int32)
    cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, _SHARPER)
    return mask


_SHAPES = {"hand": _hand, "fist": _fist, "cup": _cup, "phone": _phone, "scarf": _scarf}
