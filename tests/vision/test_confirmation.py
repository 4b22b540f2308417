"""A second opinion counts where it is asked for and surer."""

from __future__ import annotations

import numpy as np

from server.vision.confirmation import confirmed, doubtful
from server.vision.messages import Box

ANSWERS = [{"a": 0.9, "b": 0.1}, {"a": 0.6, "b": 0.4}, {"a": 0.69, "b": 0.31}]


class Second:
    """Says of a box of such a width how sure it is of `b`."""

    def classify(self, image: np.ndarray, boxes: list[Box]) -> list[dict[str, float]]:
        return [{"a": 1 - box.width, "b": box.width} for box in boxes]


def test_who_is_doubtful():
    assert doubtful(ANSWERS, 0.7) == [1, 2]
    assert doubtful(ANSWERS, 0.6) == []
    assert doubtful([{}], 0.1) == [0]
    assert doubtful(ANSWERS[1:2] * 50, 0.7) == [0, 1, 2, 3]  # the first: of the faces found most surely


def test_the_surer_of_two_counts():
    boxes = [Box(0, 0, width, 1) for width in (0.99, 0.8, 0.65)]
    best = confirmed(np.zeros((4, 4, 3), np.uint8), boxes, ANSWERS, [1, 2], Second())  # type: ignore[arg-type]
    assert best == [ANSWERS[0], {"a": 1 - 0.8, "b": 0.8}, ANSWERS[2]]
