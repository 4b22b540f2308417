"""A second opinion on faces that a one-stage model is not sure of: a classifier looks closer at these alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from server.vision.classifiers import Classifier
from server.vision.messages import Box, Image

Answer = Mapping[str, float]


MOST = 4
"""Of a picture's faces: a crowd seen badly must not cost what one pass was to save."""


def doubtful(answers: Sequence[Answer], below: float) -> list[int]:
    """Which answers, the first `MOST`, have no label of at least this probability."""
    return [number for number, answer in enumerate(answers) if max(answer.values(), default=0.0) < below][:MOST]


def confirmed(
    image: Image, boxes: Sequence[Box], answers: Sequence[Answer], numbers: Sequence[int], classifier: Classifier
) -> list[Answer]:
    """The answers, with the classifier's in place of those of these numbers where it is surer.

    boxes: in pixels of `image`, one an answer.
    """
    best = list(answers)
    second = classifier.classify(image, [boxes[number] for number in numbers])
    for number, answer in zip(numbers, second, strict=True):
        best[number] = max(best[number], answer, key=lambda one: max(one.values(), default=0.0))
    return best
