"""Masks drawn on a bare face cover what they should, however they are worn."""

from __future__ import annotations

import numpy as np
import pytest

from server.training.drawn_masks import LABEL, WEARINGS, draw_mask
from server.training.landmarks import FaceMesh
from server.training.portrait import FACE, LANDMARKS, portrait
from server.vision.messages import Box

NOSE_TIP, MOUTH, CHIN, FOREHEAD = 4, 13, 152, 151
COVERED = {"on": {NOSE_TIP, MOUTH}, "nose_out": {MOUTH}, "chin": {CHIN}, "one_ear": set()}
FREE = {"on": {FOREHEAD}, "nose_out": {NOSE_TIP, FOREHEAD}, "chin": {NOSE_TIP, MOUTH}, "one_ear": {NOSE_TIP, MOUTH}}


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    found = FaceMesh().find(portrait(), FACE)
    assert found is not None
    return found


def changed(points: np.ndarray, wearing: str, seed: int) -> set[int]:
    """At which of the four points the mask is seen."""
    drawn = draw_mask(portrait(), points, wearing, np.random.default_rng(seed)).astype(int)
    far = np.abs(drawn - portrait()).max(axis=2)
    places = {point: np.rint(points[point]).astype(int) for point in (NOSE_TIP, MOUTH, CHIN, FOREHEAD)}
    return {point for point, (x, y) in places.items() if far[y - 1 : y + 2, x - 1 : x + 2].mean() > 25}


def test_points_lie_where_a_person_puts_them(points: np.ndarray):
    left_eye, right_eye = points[[33, 133]].mean(axis=0), points[[362, 263]].mean(axis=0)
    found = [left_eye, right_eye, points[NOSE_TIP], points[61], points[291]]
    assert np.array(found) == pytest.approx(np.array(LANDMARKS), abs=7)


def test_no_points_where_there_is_no_face():
    assert FaceMesh().find(portrait(), Box(10, 380, 80, 80)) is None


@pytest.mark.parametrize("wearing", WEARINGS)
def test_it_covers_what_this_way_of_wearing_it_covers(points: np.ndarray, wearing: str):
    for seed in range(8):
        seen = changed(points, wearing, seed)
        assert seen >= COVERED[wearing], seed
        assert not seen & FREE[wearing], seed


def test_only_a_mask_over_nose_and_mouth_is_worn_rightly():
    assert {wearing for wearing in WEARINGS if LABEL[wearing] == "with_mask"} == {"on"}


def test_the_picture_given_is_left_alone_and_the_seed_decides(points: np.ndarray):
    window = portrait()
    first, second = (draw_mask(window, points, "on", np.random.default_rng(5)) for _ in range(2))
    assert (window == portrait()).all()
    assert (first == second).all()
    assert (first != draw_mask(window, points, "on", np.random.default_rng(6))).any()
