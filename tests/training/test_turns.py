"""Landmarks for labelled faces, from the detector that finds the same face."""

from __future__ import annotations

import numpy as np
import pytest

from server.training import turns
from server.training.portrait import FACE, LANDMARKS, portrait
from server.vision import detectors
from server.vision.messages import Box, Detection

IMAGE = np.zeros((100, 100, 3), np.uint8)
LABELLED = Box(20, 20, 40, 40)


def found(box: Box, first: float) -> Detection:
    """A detection whose landmarks can be told from others' by their first number."""
    return Detection(box, 0.9, np.full((5, 2), first, np.float32))


@pytest.mark.parametrize(
    ("detections", "first"),
    [
        ([], None),
        ([found(LABELLED, 1)], 1),
        ([found(Box(22, 18, 40, 44), 1)], 1),
        ([found(Box(60, 60, 30, 30), 1)], None),  # another's face
        ([found(Box(20, 20, 40, 15), 1)], None),  # overlaps by less than .4
        ([found(Box(70, 5, 20, 20), 1), found(Box(24, 24, 40, 40), 2), found(LABELLED, 3)], 3),
        ([Detection(LABELLED, 0.9)], None),  # a detector without landmarks
    ],
    ids=["none", "same", "near", "elsewhere", "too little", "the best of three", "no landmarks"],
)
def test_landmarks_of_the_face_that_lies_on_the_labelled_one(monkeypatch, detections, first: float | None):
    class Detector:
        def detect(self, image, min_score):
            return detections

    monkeypatch.setattr(detectors, "load", lambda name: Detector())
    given = turns.finder("any")(IMAGE, LABELLED)
    assert given.box == LABELLED, "the face is cut out by its label, whatever was found"
    assert (None if given.landmarks is None else given.landmarks[0, 0]) == first


def test_the_portraits_landmarks():
    landmarks = turns.finder()(portrait(), FACE).landmarks
    assert landmarks is not None
    assert np.abs(landmarks - np.array(LANDMARKS)).max() < 8
