"""What is taken for a face is learned from, unless somebody else sees a face there too."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from server.training.onepass import pictures, recipe
from server.training.onepass.false_finds import LEAST_SCORE, with_false_finds
from server.training.onepass.sources import CLEAR, Source, Sources
from server.training.onepass.targets import Truth
from server.vision.messages import Box, Detection

RECIPE = recipe.load("onepass")
NOTHING = np.empty((0, 4), np.float32)


class Finds:
    def __init__(self, *boxes: Box, score: float = 0.0) -> None:
        self.boxes, self.score = boxes, score

    def detect(self, image: np.ndarray, min_score: float) -> list[Detection]:
        assert image.shape[:2] == (100, 200)
        return [Detection(box, max(min_score, self.score)) for box in self.boxes]


def scene(folder: Path) -> Source:
    """A face at the left, and something of one blue at the right."""
    picture = np.zeros((100, 200, 3), np.uint8)
    picture[40:70, 150:180] = (255, 0, 0)
    cv2.imwrite(str(folder / "scene.png"), picture)
    return Source(str(folder / "scene.png"), Truth(np.array([[10, 10, 40, 40]], np.float32), [1], NOTHING))


def test_of_false_finds_those_count_that_nobody_else_sees(tmp_path: Path):
    known = scene(tmp_path)
    first = Finds(Box(12, 12, 30, 30), Box(150, 40, 30, 30), Box(80, 20, 30, 30), Box(100, 80, 8, 8))
    (found,) = with_false_finds([known], first, Finds(Box(82, 24, 30, 30)))
    assert found.mistaken.tolist() == [pytest.approx([150, 40, 180, 70, LEAST_SCORE])]
    assert found.truth.ignored.tolist() == [[80, 20, 110, 50]]
    assert found.truth.boxes.tolist() == known.truth.boxes.tolist()
    assert 0 < LEAST_SCORE < 0.5
    (same,) = with_false_finds([known], Finds(Box(12, 12, 30, 30)), Finds())
    assert same is known


def test_a_share_of_the_cuts_shows_them_whole(tmp_path: Path):
    (found,) = with_false_finds([scene(tmp_path)], Finds(Box(150, 40, 30, 30), score=CLEAR), Finds())
    only = RECIPE.model_copy(
        update={
            "pictures": RECIPE.pictures.model_copy(update={"mistaken": 1.0, "near": 0.0}),
            "augmentation": RECIPE.augmentation.model_copy(update={"rotation": 0}),
        }
    )
    window = Source(found.path, found.truth)
    sources = Sources([found], [window], 3, 0.5)
    for draw in (pictures.cut_of_scene, pictures.collage):
        for seed in range(4):
            picture, _ = draw(sources, only, 288, 384, np.random.default_rng(seed))
            rows, columns = np.nonzero(picture[..., 2].astype(int) - picture[..., 0] > 100)
            assert len(rows) > 100
            assert np.ptp(columns) >= np.ptp(rows) * 0.9  # not cut off at a side
    without = only.model_copy(update={"pictures": only.pictures.model_copy(update={"mistaken": 0.0})})
    (unclear,) = with_false_finds([scene(tmp_path)], Finds(Box(150, 40, 30, 30), score=CLEAR - 0.01), Finds())
    for known, how in ((sources, without), (Sources([unclear], [window], 3, 0.5), only)):
        _, truth = pictures.cut_of_scene(known, how, 288, 384, np.random.default_rng(0))
        assert len(truth.boxes) == 1
