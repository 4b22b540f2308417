"""The portrait that the models page measures with is the one that our code draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from server.training.portrait import FACE, masked_portrait, portrait

PICTURE = Path(__file__).parents[2] / "static" / "pictures" / "portrait.webp"


def test_the_page_s_portrait_is_what_our_code_draws():
    with Pillow.open(PICTURE) as opened:
        shown = np.asarray(opened.convert("RGB"), np.int16)
    drawn = masked_portrait()
    assert shown.shape == drawn.shape
    assert np.abs(shown - drawn).mean() < 4, "draw it again: python -m server.training.portrait"
    mask = np.s_[round(FACE.y + 0.6 * FACE.height) : round(FACE.y + FACE.height), 190:262]
    assert np.abs(shown - drawn)[mask].mean() < 6 < np.abs(shown - portrait())[mask].mean(), "with the mask"


def test_the_page_s_portrait_is_small():
    assert PICTURE.stat().st_size <= 40_000
