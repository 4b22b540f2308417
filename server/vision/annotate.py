"""Drawing results on pictures for people: brackets, word, shape and certainty, as the page draws them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from server.vision.messages import Face, Image

WORDS = {"with_mask": "mask", "without_mask": "no mask", "incorrect": "worn incorrectly", "unsure": "not sure"}
COLOURS = {
    "with_mask": (61, 220, 151),
    "without_mask": (255, 122, 107),
    "incorrect": (255, 184, 77),
    "unsure": (169, 184, 214),
}
_OUTLINE = (18, 20, 23)
# Corners of the sign on a unit square: tick, cross, exclamation mark and question mark are drawn inside.
_SIGNS = {
    "with_mask": [(0.5 + 0.5 * np.cos(a), 0.5 + 0.5 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 24)],
    "without_mask": [
        (0.5 + 0.54 * np.cos(a), 0.5 + 0.54 * np.sin(a)) for a in np.linspace(np.pi / 8, 2 * np.pi + np.pi / 8, 9)
    ],
    "incorrect": [(0.5, 0), (1, 0.95), (0, 0.95)],
    "unsure": [(0.03, 0.03), (0.97, 0.03), (0.97, 0.97), (0.03, 0.97)],
}
_STROKES = {
    "with_mask": [[(0.26, 0.52), (0.44, 0.7), (0.75, 0.32)]],
    "without_mask": [[(0.3, 0.3), (0.7, 0.7)], [(0.7, 0.3), (0.3, 0.7)]],
    "incorrect": [[(0.5, 0.3), (0.5, 0.62)], [(0.5, 0.76), (0.5, 0.82)]],
    "unsure": [
        [(0.34, 0.36), (0.38, 0.24), (0.5, 0.19), (0.63, 0.25), (0.65, 0.38), (0.5, 0.5), (0.5, 0.62)],
        [(0.5, 0.76), (0.5, 0.82)],
    ],
}


def annotated(image: Image, faces: Sequence[Face]) -> Image:
    """A copy of a picture with its faces marked: (height, width, 3), uint8, RGB."""
    canvas = Pictures.fromarray(image)
    draw = ImageDraw.Draw(canvas)
    line = max(2, round(min(canvas.size) / 240))
    # Small faces first: what is in front, and larger, stays readable.
    for face in reversed(faces):
        _brackets(draw, face, canvas.size, line)
        _plate(draw, face, canvas.size, line)
    return np.array(canvas)


def _brackets(draw: ImageDraw.ImageDraw, face: Face, size: tuple[int, int], line: int) -> None:
    box = face.box.scaled(*size)
    right, bottom, arm = box.x + box.width, box.y + box.height, 0.25 * min(box.width, box.height)
    for x, across in ((box.x, arm), (right, -arm)):
        for y, down in ((box.y, arm), (bottom, -arm)):
            corner = [(x + across, y), (x, y), (x, y + down)]
            draw.line(corner, fill=_OUTLINE, width=line + 2, joint="curve")
            draw.line(corner, fill=COLOURS[face.label], width=line, joint="curve")


def _plate(draw: ImageDraw.ImageDraw, face: Face, size: tuple[int, int], line: int) -> None:
    """Sign, word and certainty under the face, or above it where there is no room; inside the picture."""
    box = face.box.scaled(*size)
    height = 11 * line
    font = ImageFont.load_default(6.2 * line)
    text = WORDS[face.label]
    if face.reason is None:
        text += f"  {face.probabilities[face.label]:.0%}"
    width = height + draw.textlength(text, font=font) + 3 * line
    x = min(max(box.x + box.width / 2 - width / 2, 0), max(size[0] - width, 0))
    below, above = box.y + box.height + 2 * line, box.y - 2 * line - height
    y = below if below + height <= size[1] else max(above, 0)
    draw.rounded_rectangle((x, y, x + width, y + height), radius=2 * line, fill=_OUTLINE)
    left, top, side = x + 2 * line, y + 2 * line, height - 4 * line
    sign = [(left + px * side, top + py * side) for px, py in _SIGNS[face.label]]
    draw.polygon(sign, fill=COLOURS[face.label])
    for stroke in _STROKES[face.label]:
        points = [(left + px * side, top + py * side) for px, py in stroke]
        draw.line(points, fill=_OUTLINE, width=max(line * 3 // 4, 1), joint="curve")
    draw.text((x + height, y + height / 2), text, fill=COLOURS[face.label], font=font, anchor="lm")
