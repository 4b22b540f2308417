from __future__ import annotations

import numpy as np
import pytest

from server.vision.detectors.suppression import MAX_CANDIDATES, group_by_overlap, top_candidates


@pytest.mark.parametrize(
    ("scores", "min_score", "kept"),
    [
        ([0.2, 0.9, 0.5], 0.5, [1, 2]),
        ([0.2, 0.9, 0.5], 0.0, [1, 2, 0]),
        ([0.2, 0.9, 0.5], 0.95, []),
        ([], 0.5, []),
    ],
)
def test_candidates_are_those_above_the_threshold_best_first(
    scores: list[float], min_score: float, kept: list[int]
) -> None:
    assert top_candidates(np.array(scores, np.float32), min_score).tolist() == kept


def test_a_threshold_of_zero_does_not_keep_everything() -> None:
    scores = np.linspace(0, 1, 5 * MAX_CANDIDATES, dtype=np.float32)
    kept = top_candidates(scores, 0.0)
    assert len(kept) == MAX_CANDIDATES
    assert scores[kept].min() == pytest.approx(0.8, abs=0.001)


A = (0, 0, 10, 10)
A_SHIFTED = (2, 0, 12, 10)  # IoU with A: 80 / 120
A_FURTHER = (5, 0, 15, 10)  # IoU with A: 50 / 150, with A_SHIFTED: 70 / 130
FAR = (40, 40, 50, 50)


@pytest.mark.parametrize(
    ("corners", "max_iou", "groups"),
    [
        ([], 0.4, []),
        ([A], 0.4, [[0]]),
        ([A, FAR], 0.4, [[0], [1]]),
        ([A, A_SHIFTED], 0.6, [[0, 1]]),
        ([A, A_SHIFTED], 0.7, [[0], [1]]),
        ([A, A], 1.0, [[0], [1]]),  # only *above* the limit is together
        ([A, A_SHIFTED, A_FURTHER], 0.4, [[0, 1], [2]]),  # the best alone decides, not its neighbours
        ([A_SHIFTED, A, FAR, A_FURTHER], 0.4, [[0, 1, 3], [2]]),
    ],
)
def test_boxes_join_the_best_that_they_overlap(
    corners: list[tuple[int, ...]], max_iou: float, groups: list[list[int]]
) -> None:
    boxes = np.array(corners, np.float32).reshape(-1, 4)
    assert [group.tolist() for group in group_by_overlap(boxes, max_iou)] == groups
