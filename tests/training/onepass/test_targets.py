"""Which cells answer for which face."""

from __future__ import annotations

import numpy as np
import pytest

from server.training.onepass.targets import FACE, IGNORED, NOTHING, Truth, targets
from server.vision.detectors.onepass import STRIDES, cells

HEIGHT, WIDTH = 288, 384
NONE = np.zeros((0, 4), np.float32)


def truth(*boxes: tuple[float, float, float, float], ignored: np.ndarray = NONE) -> Truth:
    return Truth(np.array(boxes, np.float32).reshape(-1, 4), list(range(len(boxes))), ignored)


def strides_of(wanted: np.ndarray) -> set[int]:
    return set(cells(HEIGHT, WIDTH)[wanted[:, 4] == FACE, 2].astype(int))


@pytest.mark.parametrize(
    ("size", "strides"), [(12, {8}), (27, {8}), (32, {8, 16}), (60, {16}), (80, {16, 32}), (120, {32}), (250, {32})]
)
def test_a_face_is_answered_for_where_its_size_suits(size: int, strides: set[int]):
    wanted = targets(truth((100, 20, 100 + size, 20 + size)), HEIGHT, WIDTH)
    assert strides_of(wanted) == strides
    assert (wanted[wanted[:, 4] == FACE][:, :4] == (100, 20, 100 + size, 20 + size)).all()


def test_only_cells_near_the_middle_and_inside_answer():
    where = cells(HEIGHT, WIDTH)
    wanted = targets(truth((100, 100, 160, 160)), HEIGHT, WIDTH)
    middles = where[wanted[:, 4] == FACE, :2]
    assert np.abs(middles - 130).max() <= 1.5 * 16
    assert len(middles) == 9


def test_of_two_faces_the_smaller_has_the_cell():
    wanted = targets(truth((100, 100, 160, 160), (110, 110, 150, 150)), HEIGHT, WIDTH)
    shared = wanted[(wanted[:, 4] == FACE) & (cells(HEIGHT, WIDTH)[:, 2] == 16)]
    assert (shared[:, 5] == 1).sum() >= 4


def test_nothing_is_asked_where_nobody_looked_but_of_faces_there():
    region = np.array([[90, 90, 200, 200]], np.float32)
    wanted = targets(truth((100, 100, 160, 160), ignored=region), HEIGHT, WIDTH)
    kinds = dict(zip(*np.unique(wanted[:, 4], return_counts=True), strict=True))
    assert kinds[FACE] == 9
    assert kinds[IGNORED] > 100
    outside = (cells(HEIGHT, WIDTH)[:, :2] > 200).any(axis=1)
    assert (wanted[outside, 4] == NOTHING).all()


def test_cells_are_those_of_the_maps_in_turn():
    where = cells(HEIGHT, WIDTH)
    assert len(where) == sum((HEIGHT // stride) * (WIDTH // stride) for stride in STRIDES)
    assert where[0].tolist() == [4, 4, 8]
    assert where[1].tolist() == [12, 4, 8]
    assert where[-1].tolist() == [WIDTH - 16, HEIGHT - 16, 32]
