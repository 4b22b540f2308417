"""Heat maps glow where the answer was decided, and nowhere else."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from server.vision.heatmap import STEPS, heated, seen_square, sensitivity
from server.vision.messages import Box

FACE = Box(60, 40, 80, 100)


class LooksAt:
    """A classifier that says mask as far as one place of the picture is white."""

    card = SimpleNamespace(preprocessing=SimpleNamespace(crop_margin=1.3))

    def __init__(self, x: int, y: int) -> None:
        self.spot = slice(y - 4, y + 4), slice(x - 4, x + 4)

    def classify(self, image, boxes):
        white = float(image[self.spot].mean()) / 255
        return [{"with_mask": white, "without_mask": 1 - white} for _ in boxes]


def picture(x: int, y: int) -> np.ndarray:
    image = np.zeros((200, 220, 3), np.uint8)
    image[y - 4 : y + 4, x - 4 : x + 4] = 255
    return image


@pytest.mark.parametrize(("x", "y"), [(70, 60), (100, 90), (130, 140)])
def test_the_place_that_decides_is_found(x: int, y: int):
    lost = sensitivity(LooksAt(x, y), picture(x, y), FACE, "with_mask")
    row, column = np.unravel_index(np.argmax(lost), lost.shape)
    square = seen_square(FACE, 1.3)
    assert square.x + (column + 0.5) / STEPS * square.width == pytest.approx(x, abs=0.11 * square.width)
    assert square.y + (row + 0.5) / STEPS * square.height == pytest.approx(y, abs=0.11 * square.height)
    assert lost.max() > 4, "from all but certain to the other label"
    assert sensitivity(LooksAt(x, y), picture(x, y), FACE, "without_mask") == pytest.approx(-lost, abs=1e-4)


def test_the_picture_handed_in_is_left_alone():
    image = picture(100, 90)
    before = image.copy()
    lost = sensitivity(LooksAt(100, 90), image, FACE, "with_mask")
    heated(image, seen_square(FACE, 1.3), lost)
    assert (image == before).all()


@pytest.mark.parametrize("square", [Box(50, 30, 130, 130), Box(-40, -60, 130, 130), Box(150, 150, 130, 130)])
def test_only_what_decided_glows_even_at_the_edge(square: Box):
    image = np.full((200, 220, 3), 90, np.uint8)
    lost = np.zeros((STEPS, STEPS), np.float32)
    middle = STEPS // 2
    lost[middle - 1 : middle + 1, middle - 1 : middle + 1] = 0.2
    changed = (heated(image, square, lost) != 90).any(axis=2)
    assert changed[int(square.y + 65) % 200, int(square.x + 65) % 220] == (
        0 <= square.y + 65 < 200 and 0 <= square.x + 65 < 220
    )
    rows, columns = np.nonzero(changed)
    assert rows.min() >= square.y + 30
    assert columns.max() <= square.x + 100
    assert (heated(image, square, np.zeros_like(lost)) == 90).all()
