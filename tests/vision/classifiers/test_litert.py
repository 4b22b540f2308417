"""The classifier that serves, on faces that may be shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.training.portrait import FACE, masked_portrait, portrait
from server.vision.classifiers.litert import load_classifier
from server.vision.messages import Box

MODEL = Path(__file__).parents[3] / "models" / "mobilenetv2"


@pytest.mark.parametrize(("picture", "label"), [(portrait, "without_mask"), (masked_portrait, "with_mask")])
def test_the_portrait_is_told_from_the_masked_portrait(picture, label: str):
    (probabilities,) = load_classifier(MODEL).classify(picture(), [FACE])
    assert max(probabilities, key=probabilities.__getitem__) == label
    assert sum(probabilities.values()) == pytest.approx(1, abs=1e-4)


def test_faces_of_one_picture_are_answered_in_order():
    classifier = load_classifier(MODEL)
    boxes = [FACE, Box(300, 300, 80, 80), Box(FACE.x + 5, FACE.y, FACE.width, FACE.height)]
    together = classifier.classify(portrait(), boxes)
    assert together == [classifier.classify(portrait(), [box])[0] for box in boxes]


def test_no_faces_no_answers():
    assert load_classifier(MODEL).classify(portrait(), []) == []
