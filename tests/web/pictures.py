"""Pictures for tests of the web: bright patches on black, which the stand-in detector takes for faces."""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image as Pictures

WIDTH, HEIGHT = 160, 80
LARGE, SMALL = (80, 20, 48, 40), (16, 8, 16, 16)
"""The patches: left, top, width, height."""


def encoded(kind: str = "JPEG", orientation: int | None = None, **options: Any) -> bytes:
    """The picture with both patches as a file. orientation: as EXIF has it."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for left, top, width, height in (SMALL, LARGE):
        pixels[top : top + height, left : left + width] = 255
    if orientation:
        options["exif"] = Pictures.Exif()
        options["exif"][0x0112] = orientation
    file = BytesIO()
    Pictures.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that says how large it is and holds no more."""
    file = BytesIO()
    Pictures.new("L", (1, 1)).save(file, "PNG")
    head = bytearray(file.getvalue())
    head[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    head[29:33] = zlib.crc32(head[12:29]).to_bytes(4, "big")
    return bytes(head)
