"""Photos of framed patches before backgrounds that differ, and a detector that takes the frames for faces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from server.training.own.prepare import LEAST
from server.vision.messages import Box, Detection, Image

Photograph = Callable[..., Path]


class Frames:
    """Takes what has a white frame for a face. asked: how many pictures it was shown."""

    def __init__(self) -> None:
        self.asked = 0

    def detect(self, image: Image, min_score: float) -> list[Detection]:
        self.asked += 1
        white = (image.min(axis=2) > 225).astype(np.uint8)
        boxes = cv2.connectedComponentsWithStats(white)[2][1:, :4]
        return [Detection(Box(*map(float, box)), 0.9) for box in boxes if min(box[2:]) > 8]


def scene(seed: int, width: int = 400, height: int = 300) -> Image:
    """A background of its own, nowhere white."""
    patches = np.random.default_rng(seed).integers(0, 200, (6, 6, 3)).astype(np.uint8)
    return cv2.resize(patches, (width, height), interpolation=cv2.INTER_LINEAR)


def faced(image: Image, *squares: tuple[int, int, int]) -> Image:
    """A copy with faces (x, y, side): white frames, in each something else."""
    image, seed = image.copy(), int(image.sum())
    for x, y, side in squares:
        image[y : y + side, x : x + side] = 255
        image[y + 3 : y + side - 3, x + 3 : x + side - 3] = scene(seed + x, side - 6, side - 6)
    return image


@pytest.fixture
def photograph(tmp_path: Path) -> Photograph:
    """Saves a picture below `tmp_path`/photos as PNG, unless its name says otherwise; returns its path."""

    def save(name: str, image: Image | Pillow.Image, **options: object) -> Path:
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (image if isinstance(image, Pillow.Image) else Pillow.fromarray(image)).save(path, **options)
        return path

    return save


@pytest.fixture
def photos(photograph: Photograph, tmp_path: Path) -> Path:
    """A folder with as many photos of each of two classes as are needed at least, one face each."""
    for number in range(LEAST):
        for label, seed in (("with_mask", number), ("without_mask", 1000 + number)):
            photograph(f"{label}/{number:02}.png", faced(scene(seed), (150, 100, 80)))
    return tmp_path / "photos"
