"""A face that may be shown: NASA's portrait of Eileen Collins (public domain), as scikit-image ships it.

`python -m server.training.portrait static/pictures` draws the picture that the models page measures with, masked, and
the bare one that the demo begins with.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from skimage import data

from server.drawing import drawn_mask
from server.vision.messages import Box, Image

FACE = Box(178, 66, 95, 112)
"""The face in both portraits, from hairline to chin, in pixels (boxed by hand)."""

LANDMARKS = ((201, 102), (246, 103), (226, 128), (206, 142), (243, 142))
"""Eyes, nose tip and mouth corners in the order of `Detection.landmarks`, in pixels (by hand)."""


def portrait() -> Image:
    """The bare face: (512, 512, 3), uint8, RGB, a fresh copy."""
    return np.array(data.astronaut(), dtype=np.uint8)  # type: ignore[no-untyped-call]


def masked_portrait() -> Image:
    """The same with a surgical mask drawn on, from the bridge of the nose to under the chin."""
    colour, share = drawn_mask()
    return np.round(portrait() * (1 - share) + colour * share).astype(np.uint8)


if __name__ == "__main__":
    for name, image in (("portrait.webp", masked_portrait()), ("portrait-bare.webp", portrait())):
        Pillow.fromarray(image).save(Path(sys.argv[1]) / name, quality=80, method=6)
