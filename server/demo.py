"""What the demo on the live page shows: `python -m server.demo FOLDER` makes its two pictures, without scikit-image.

The page itself makes a film of them, `static/js/demo.js`: no format of film plays in every browser, pictures do.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from server.drawing import drawn_mask

PORTRAIT = Path(__file__).parents[1] / "static" / "pictures" / "portrait-bare.webp"


def make(folder: Path) -> None:
    """Write `portrait.webp`, the bare face, and `mask.webp`, the mask alone where it lies on it, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "portrait.webp").write_bytes(PORTRAIT.read_bytes())
    colour, share = drawn_mask()
    layer = np.concatenate([colour, 255 * share], axis=2).round().astype(np.uint8)
    Pillow.fromarray(layer).save(folder / "mask.webp", quality=90, method=6)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
