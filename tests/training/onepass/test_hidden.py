"""Faces of which a part is hidden keep true boxes."""

from __future__ import annotations

import numpy as np
import pytest

from server.training.onepass.hidden import behind, cut_off
from server.training.onepass.targets import Truth, clipped
from server.vision.detectors.suppression import area

NOWHERE = np.empty((0, 4), np.float32)


def test_a_picture_ends_in_its_face_and_what_is_left_of_it_is_known():
    image = np.arange(120 * 160, dtype=np.uint32).reshape(120, 160, 1).repeat(3, 2).astype(np.uint8)
    boxes = np.array([[40, 30, 80, 80], [100, 30, 130, 60]], np.float32)
    sides = set()
    for seed in range(60):
        cut, truth, box = cut_off(image, Truth(boxes, [1, 0], NOWHERE), 0, np.random.default_rng(seed))
        height, width = cut.shape[:2]
        at_edges = [box[0] < 1, box[1] < 1, box[2] > width - 1, box[3] > height - 1]
        assert sum(at_edges) == 1
        side = at_edges.index(True)
        sides.add(side)
        seen = np.clip(box, 0, (width, height, width, height))
        assert 0.48 <= area(seen[None])[0] / area(boxes[:1])[0] <= 0.92
        assert truth.labels[0] == 1
        assert truth.boxes[0] == pytest.approx(seen)
        # The pixels are those that were there: where the picture begins follows from the box's far corner.
        x, y = (round(float(boxes[0][corner] - box[corner])) for corner in ((2, 3) if side < 2 else (0, 1)))
        assert (cut == image[y : y + height, x : x + width]).all()
    assert sides == {0, 1, 2, 3}


def test_a_picture_stays_whole_where_nothing_of_it_would_be_left():
    sliver = Truth(np.array([[0, 0, 1, 1]], np.float32), [0], NOWHERE)
    image = np.zeros((1, 1, 3), np.uint8)
    for seed in range(8):
        cut, truth, box = cut_off(image, sliver, 0, np.random.default_rng(seed))
        assert cut is image
        assert truth is sliver
        assert box.tolist() == [0, 0, 1, 1]


def test_a_face_stands_half_behind_a_head_and_both_boxes_lie_on_their_faces():
    image = np.full((180, 180, 3), 40, np.uint8)
    image[50:130, 60:120] = 90
    known = Truth(np.array([[60, 50, 120, 130]], np.float32), [0], NOWHERE)
    other = np.full((100, 100, 3), 160, np.uint8)
    other[25:75, 30:70] = 240
    head = np.array([30, 25, 70, 75], np.float32)
    beside = []
    for seed in range(40):
        drawn, truth = behind(image, known, other, head, 2, np.random.default_rng(seed))
        assert truth.boxes[0].tolist() == known.boxes[0].tolist()
        hidden = drawn[50:130, 60:120, 0] != 90
        assert 0.04 < hidden.mean() < 0.5
        if truth.labels == [0]:  # the head stands so far outside that its face is nobody's business
            assert len(truth.ignored) <= 1
            continue
        assert truth.labels == [0, 2]
        left, top, right, bottom = truth.boxes[1]
        rows, columns = np.nonzero(drawn[..., 0] > 230)
        found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert found == pytest.approx([left, top, right, bottom], abs=3)
        beside.append((left + right) / 2 < 90)
    assert {True, False} == set(beside)
    assert (image[50:130, 60:120] == 90).all()  # what was given is left as it was


def test_a_face_cut_in_half_is_not_learned_and_not_denied():
    boxes = np.array([[-30, 0, 10, 40], [50, 50, 90, 90]], np.float32)
    cut = clipped(Truth(boxes, [0, 1], boxes[:0]), 100, 100)
    assert cut.labels == [1]
    assert cut.ignored.tolist() == [[0, 0, 10, 40]]
