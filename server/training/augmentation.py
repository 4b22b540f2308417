"""Varying training pictures so that the network learns the mask and not its photo's style.

Every variation touches every class with the same probability; what is drawn over a face differs only in
where it lies (`occluders.py`), so that the drawing itself tells nothing.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from server.training.occluders import draw_occluder
from server.training.recipes import Augmentation
from server.vision.classifiers.preprocessing import crop_face
from server.vision.messages import Box, Image


def augmented_crop(
    window: Image, box: Box, label: str, margin: float, size: int, how: Augmentation, rng: Generator
) -> Image:
    """A varied crop of a face: uint8 (size, size, 3).

    box: the face in pixels of `window`. The cut itself is `crop_face`, as in serving.
    """
    if rng.random() < how.occluder:
        window = draw_occluder(window, box, over_mouth=label == "without_mask", rng=rng)
    if rng.random() < how.flip:
        window = np.ascontiguousarray(window[:, ::-1])
        box = Box(window.shape[1] - box.x - box.width, box.y, box.width, box.height)
    window = rotate(window, box, rng.uniform(-how.rotation, how.rotation))
    box = reframe(box, how, rng)
    if rng.random() < how.low_resolution:
        # As in serving: a far face is cut out small, then enlarged.
        small = round(float(np.exp(rng.uniform(np.log(20), np.log(size * 0.7)))))
        crop = cv2.resize(crop_face(window, box, margin, small), (size, size), interpolation=cv2.INTER_LINEAR)
    else:
        crop = crop_face(window, box, margin, size)
    crop = recolour(crop, how, rng)
    if rng.random() < how.blur:
        crop = blur(crop, rng)
    if rng.random() < how.noise:
        crop = to_pixels(crop + rng.standard_normal(crop.shape, np.float32) * np.float32(rng.uniform(2, 14)))
    if rng.random() < how.jpeg:
        crop = recompress(crop, quality=int(rng.integers(20, 90)))
    return crop


def rotate(window: Image, box: Box, degrees: float) -> Image:
    """Turn a picture about the middle of the face; what comes in from outside repeats the edge."""
    if not degrees:
        return window
    height, width = window.shape[:2]
    turn = cv2.getRotationMatrix2D((box.x + box.width / 2, box.y + box.height / 2), degrees, 1)
    return cv2.warpAffine(window, turn, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def reframe(box: Box, how: Augmentation, rng: Generator) -> Box:
    """Move and scale a box as detectors differ in their idea of a face."""
    grow = float(np.exp(rng.uniform(-how.framing_scale, how.framing_scale)))
    across, down = rng.uniform(-how.framing_shift, how.framing_shift, 2) * box.size
    width, height = box.width * grow, box.height * grow
    return Box(box.x + (box.width - width) / 2 + across, box.y + (box.height - height) / 2 + down, width, height)


def recolour(crop: Image, how: Augmentation, rng: Generator) -> Image:
    """Vary brightness, contrast and colour cast; lay a shade over one side; drop the colour."""
    gain = 2 ** rng.uniform(-how.brightness, how.brightness)
    gains = gain * np.exp(rng.uniform(-how.colour_cast, how.colour_cast, 3))
    contrast = np.exp(rng.uniform(-how.contrast, how.contrast))
    mean = np.array(cv2.mean(crop)[:3], np.float32)
    # What a value becomes is the same all over the picture: looked up, not worked out at every pixel.
    becomes = ((np.arange(256, dtype=np.float32)[:, None] - mean) * contrast + mean) * gains.astype(np.float32)
    if rng.random() < how.shade:
        pixels = to_pixels(cv2.LUT(crop, becomes[None]) * shade(crop.shape[0], crop.shape[1], rng)[..., None])
    else:
        pixels = cv2.LUT(crop, to_pixels(becomes)[None])
    if rng.random() < how.grey:
        pixels = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return pixels


def shade(height: int, width: int, rng: Generator) -> np.ndarray:
    """A slope of light from 1 down to .3 to .8 across the picture in any direction: float32 (height, width)."""
    angle = rng.uniform(0, 2 * np.pi)
    across, down = (np.linspace(-1, 1, side, dtype=np.float32) for side in (width, height))
    slope = np.cos(angle) * across[None, :] + np.sin(angle) * down[:, None] + rng.uniform(-0.5, 0.5)
    darkest = rng.uniform(0.3, 0.8)
    return (darkest + (1 - darkest) / (1 + np.exp(-slope * rng.uniform(2, 8)))).astype(np.float32)


def blur(crop: Image, rng: Generator, most: float = 3.0) -> Image:
    """Blur as by a lens out of focus, or as by a movement in any direction.

    most: the largest standard deviation in pixels; a movement is four times as long at most.
    """
    if rng.random() < 0.5:
        return cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.6, most))
    length = int(rng.integers(3, round(4 * most) + 1))
    line = np.zeros((length, length), np.float32)
    line[length // 2] = 1
    turn = cv2.getRotationMatrix2D((length / 2 - 0.5, length / 2 - 0.5), rng.uniform(0, 180), 1)
    line = cv2.warpAffine(line, turn, (length, length))
    return cv2.filter2D(crop, -1, line / line.sum())


def recompress(crop: Image, quality: int) -> Image:
    """What JPEG makes of a picture at a quality of 0 to 100."""
    encoded = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    pixels: Image = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    return pixels


def to_pixels(values: np.ndarray) -> Image:
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)
