"""What decided: where covering a face changes its answer (occlusion sensitivity, Zeiler, Fergus 2014)."""

from __future__ import annotations

import math
from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from server.vision.classifiers import Classifier
from server.vision.messages import Box, Image

STEPS = 14
PATCH = 0.22
"""Places across and down that are covered one by one; the cover's side as a share of the square looked at."""
_LEAST = 1e-12
_STRONGEST = 0.65  # opacity of the heat where covering changes most


def seen_square(box: Box, margin: float) -> Box:
    """The square around a face that a classifier with this crop margin looks at, in pixels of the picture."""
    side = box.size * margin
    return Box(box.x + box.width / 2 - side / 2, box.y + box.height / 2 - side / 2, side, side)


def sensitivity(classifier: Classifier, image: Image, box: Box, label: str) -> NDArray[np.float32]:
    """How much evidence for a label is lost when each place of a face is covered by its mean colour.

    Measured in log-odds, since a probability near 1 hides what is lost. box: the face in pixels of `image`. Returns
    float32 (STEPS, STEPS) over `seen_square`: positive where what is there speaks for the label, negative where it
    speaks against. It runs the network STEPS x STEPS times.
    """
    square = seen_square(box, classifier.card.preprocessing.crop_margin)
    (before,) = classifier.classify(image, [box])
    colour = _inside(image, square).reshape(-1, 3).mean(axis=0).round()
    lost = np.empty((STEPS, STEPS), np.float32)
    half = PATCH / 2 * square.width
    for row in range(STEPS):
        for column in range(STEPS):
            x = square.x + (column + 0.5) / STEPS * square.width
            y = square.y + (row + 0.5) / STEPS * square.height
            covered = image.copy()
            _inside(covered, Box(x - half, y - half, 2 * half, 2 * half))[:] = colour
            (after,) = classifier.classify(covered, [box])
            lost[row, column] = _log_odds(before, label) - _log_odds(after, label)
    return lost


def _log_odds(probabilities: Mapping[str, float], label: str) -> float:
    """From the other labels' sum rather than 1 - p: near 1 a float32 tells nothing apart, near 0 it does."""
    others = sum(p for name, p in probabilities.items() if name != label)
    return math.log(max(probabilities[label], _LEAST)) - math.log(max(others, _LEAST))


def heated(image: Image, square: Box, lost: NDArray[np.float32]) -> Image:
    """A copy of a picture with what speaks for the label glowing: (height, width, 3), uint8, RGB.

    square: what `lost` covers, in pixels. The strongest place of each map glows fully, so that faces whose answer
    nothing changes much can be read too; where nothing is lost at all nothing glows.
    """
    top = float(lost.max())
    shares = np.clip(lost / top, 0, 1) if top > 0 else np.zeros_like(lost)
    side = max(round(square.width), 1)
    shares = np.clip(cv2.resize(shares, (side, side), interpolation=cv2.INTER_CUBIC), 0, 1)
    glow = cv2.cvtColor(cv2.applyColorMap((shares * 255).astype(np.uint8), cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    canvas = image.copy()
    left, upper = round(square.x), round(square.y)
    inner_left, inner_upper = max(-left, 0), max(-upper, 0)
    under = canvas[max(upper, 0) : upper + side, max(left, 0) : left + side]
    part = slice(inner_upper, inner_upper + under.shape[0]), slice(inner_left, inner_left + under.shape[1])
    opacity = _STRONGEST * shares[part][..., np.newaxis]
    under[:] = np.rint(under * (1 - opacity) + glow[part] * opacity).astype(np.uint8)
    return canvas


def _inside(image: Image, box: Box) -> Image:
    """The part of a picture under a box, a view; at least a pixel."""
    height, width = image.shape[:2]
    left, upper = min(max(round(box.x), 0), width - 1), min(max(round(box.y), 0), height - 1)
    right, lower = max(round(box.x + box.width), left + 1), max(round(box.y + box.height), upper + 1)
    return image[upper:lower, left:right]
