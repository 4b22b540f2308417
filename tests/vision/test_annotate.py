"""Marks on pictures."""

from __future__ import annotations

import numpy as np
import pytest

from server.vision.annotate import COLOURS, annotated
from server.vision.messages import LABELS, UNSURE, Box, Face

GROUND = np.full((300, 400, 3), 90, np.uint8)
PROBABILITIES = {"with_mask": 0.5, "without_mask": 0.3, "incorrect": 0.2}


MIDDLE = Box(0.25, 0.2, 0.25, 0.4)


def mark(label: str, box: Box = MIDDLE) -> np.ndarray:
    return annotated(GROUND, [Face(box, 0.9, label, PROBABILITIES, "unclear" if label == UNSURE else None)])


@pytest.mark.parametrize("label", [*LABELS, UNSURE])
def test_brackets_and_plate_take_the_labels_colour(label: str):
    drawn = mark(label)
    coloured = (drawn == COLOURS[label]).all(axis=2)
    assert coloured[60, 100:110].any(), "no bracket at the box's top left corner"
    assert coloured[182:].any(), "no plate under the box"
    assert (drawn[100:140, 140:160] == 90).all(), "the face itself must stay free"
    others = set(COLOURS.values()) - {COLOURS[label]}
    assert not any((drawn == other).all(axis=2).any() for other in others)


@pytest.mark.parametrize(
    "box", [Box(0, 0, 1, 1), Box(0.9, 0.9, 0.1, 0.1), Box(0, 0.95, 0.02, 0.05)], ids=["whole", "corner", "tiny"]
)
def test_at_the_edges_the_plate_stays_inside(box: Box):
    drawn = mark("with_mask", box)
    assert drawn.shape == GROUND.shape
    assert (drawn == COLOURS["with_mask"]).all(axis=2).sum() > 50


def test_the_picture_handed_in_stays_as_it_was():
    mark("with_mask")
    assert (GROUND == 90).all()
