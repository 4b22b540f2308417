"""What one pass is not sure of is looked at again."""

from __future__ import annotations

import numpy as np
import pytest

from server.vision.classifiers.card import Preprocessing, SecondLookInfo
from server.vision.detectors.second_look import MOST, SecondLook
from server.vision.messages import Box, Detection

INFO = SecondLookInfo(
    below=0.7,
    input_size=32,
    preprocessing=Preprocessing(crop_margin=2, scale=1 / 255, offset=0),
    sha256="0" * 64,
)


def brightness(seen: list[np.ndarray]):
    """A network to which bright is a face."""

    def network(picture: np.ndarray) -> float:
        assert picture.shape == (32, 32, 3)
        seen.append(picture)
        return float(picture.mean())

    return network


def found(*scores: float) -> list[Detection]:
    return [Detection(Box(20 * number + 5, 5, 10, 10), score) for number, score in enumerate(scores)]


def test_both_opinions_count_where_the_first_is_doubtful():
    image = np.zeros((20, 60, 3), np.uint8)
    image[:, 20:40] = 255
    seen: list[np.ndarray] = []
    look = SecondLook(INFO, brightness(seen))
    assert look.scores(image, found(0.8, 0.64, 0.6)) == pytest.approx([0.8, 0.8, 0])
    assert len(seen) == 2
    assert seen[0].min() == 1  # cut out twice as large as its box, and no larger


def test_a_crowd_is_not_looked_at_without_end():
    seen: list[np.ndarray] = []
    scores = np.linspace(0.69, 0.4, MOST + 5).tolist()
    after = SecondLook(INFO, brightness(seen)).scores(np.zeros((20, 300, 3), np.uint8), found(*scores))
    assert len(seen) == MOST
    assert after == pytest.approx([0] * MOST + scores[MOST:])


@pytest.mark.parametrize("least", [0.01, 0.05, 0.2, 0.5, 0.9])
def test_nothing_is_overlooked_that_may_end_above_what_is_asked_for(least: float):
    look = SecondLook(INFO, lambda _: 1.0)
    first = look.least(least)
    assert first <= least
    image = np.zeros((20, 20, 3), np.uint8)
    for score in (0.12, 0.25, 0.36, 0.5, 0.8):
        (after,) = look.scores(image, found(score))
        assert after < least or score >= first
