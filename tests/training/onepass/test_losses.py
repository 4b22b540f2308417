"""The loss is least where faces are found, fitted and named."""

from __future__ import annotations

import numpy as np
import pytest

from server.training.onepass.losses import loss, overlaps
from server.training.onepass.targets import UNKNOWN, Truth, targets
from server.vision.detectors.onepass import cells

HEIGHT, WIDTH = 96, 128
BOX = (40.0, 30.0, 72.0, 62.0)
WHERE = cells(HEIGHT, WIDTH)


def wanted(label: int = 1, ignored: np.ndarray | None = None) -> np.ndarray:
    nothing = np.zeros((0, 4), np.float32)
    return targets(Truth(np.array([BOX], np.float32), [label], nothing if ignored is None else ignored), HEIGHT, WIDTH)


def perfect(target: np.ndarray) -> np.ndarray:
    """Answers (cells, 8) that are sure and right."""
    answers = np.zeros((len(WHERE), 8), np.float32)
    reach = np.concatenate([WHERE[:, :2] - BOX[:2], np.array(BOX[2:]) - WHERE[:, :2]], axis=1) / WHERE[:, 2:]
    answers[:, :4] = np.log(np.maximum(reach, 1e-3))
    face = target[:, 4] == 1
    answers[:, 4] = np.where(face, 12, -12)
    answers[:, 5:] = -8
    answers[face, 5 + int(max(target[:, 5].max(), 0))] = 8
    return answers


def measured(target: np.ndarray, answers: np.ndarray) -> float:
    return float(loss(WHERE, 2.0, 1.0)(target[None], answers[None]))


def test_it_is_nothing_for_the_right_answer_and_more_for_each_wrong_one():
    target = wanted()
    right = perfect(target)
    assert measured(target, right) == pytest.approx(0, abs=1e-3)
    face = np.flatnonzero(target[:, 4] == 1)
    for column, value in ((0, right[face[0], 0] + 1), (4, -12), (6, -8)):
        wrong = right.copy()
        wrong[face[0], column] = value
        assert measured(target, wrong) > 0.01, column
    false = right.copy()
    false[np.flatnonzero(target[:, 4] == 0)[0], 4] = 12
    assert measured(target, false) > 0.1


def test_what_is_ignored_and_what_nobody_can_name_teaches_nothing():
    region = np.array([[0, 0, 30, 30]], np.float32)
    target = wanted(ignored=region)
    answers = perfect(target)
    answers[target[:, 4] == -1, 4] = 12
    assert measured(target, answers) == pytest.approx(0, abs=1e-3)
    unnamed = wanted(UNKNOWN)
    answers = perfect(unnamed)
    answers[:, 5:] = np.random.default_rng(0).normal(0, 5, (len(WHERE), 3))
    assert measured(unnamed, answers) == pytest.approx(0, abs=1e-3)


def test_a_picture_without_faces_has_a_loss():
    empty = targets(Truth(np.zeros((0, 4), np.float32), [], np.zeros((0, 4), np.float32)), HEIGHT, WIDTH)
    assert np.isfinite(measured(empty, perfect(wanted())))


def test_overlaps_are_those_of_the_formula():
    one, other = np.array([[0, 0, 2, 2], [0, 0, 1, 1]], np.float32), np.array([[1, 1, 3, 3], [2, 0, 3, 1]], np.float32)
    iou, giou = overlaps(one, other)
    assert np.asarray(iou) == pytest.approx([1 / 7, 0], abs=1e-5)
    assert np.asarray(giou) == pytest.approx([1 / 7 - 2 / 9, -1 / 3], abs=1e-5)
