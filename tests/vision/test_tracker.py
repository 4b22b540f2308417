"""Numbers stay with their faces: while they move, cross the picture, vanish for a moment, and while others come."""

from __future__ import annotations

import pytest

from server.vision.limits import MAX_FACES
from server.vision.messages import Box, Face
from server.vision.tracker import HELD_BACK, MEMORY, MOST_TRACKS, SURE, Tracker

FRAME = 1 / 15
DOUBTFUL = SURE - 0.01


def face(x: float, y: float = 0.4, size: float = 0.1, label: str = "with_mask", score: float = SURE) -> Face:
    other = "without_mask" if label == "with_mask" else "with_mask"
    return Face(Box(x - size / 2, y - size / 2, size, size), score, label, {label: 0.97, other: 0.03})


def tracker() -> Tracker:
    return Tracker(smoothing=0.2, margin=0.2)


def numbers(tracked: list) -> list[int]:
    return [each.track for each in tracked]


def test_a_face_that_moves_keeps_its_number():
    follow = tracker()
    seen = {numbers(follow.update([face(0.1 + 0.02 * n)], n * FRAME))[0] for n in range(40)}
    assert seen == {1}


def test_a_quick_one_is_expected_where_it_goes():
    """Half a face a frame: the boxes still overlap a little; then a frame is lost, and they do not."""
    follow = tracker()
    for n in (0, 1, 2, 3, 4, 6, 7, 9):
        assert numbers(follow.update([face(0.1 + 0.05 * n)], n * FRAME)) == [1]


def test_a_first_step_without_overlap_is_followed():
    follow = tracker()
    follow.update([face(0.3)], 0)
    assert numbers(follow.update([face(0.39)], 0.2)) == [1]


def test_two_that_pass_each_other_keep_theirs():
    follow = tracker()
    ways = [(0.2 + 0.02 * n, 0.8 - 0.02 * n) for n in range(31)]
    for n, (right, left) in enumerate(ways):
        tracked = follow.update([face(right, 0.4), face(left, 0.46)], n * FRAME)
        assert numbers(tracked) == [1, 2]


def test_the_order_of_the_faces_does_not_matter():
    follow = tracker()
    follow.update([face(0.2), face(0.8)], 0)
    assert numbers(follow.update([face(0.8), face(0.2)], FRAME)) == [2, 1]


def test_a_newcomer_gets_a_number_of_its_own():
    follow = tracker()
    follow.update([face(0.2)], 0)
    assert numbers(follow.update([face(0.6), face(0.2)], FRAME)) == [2, 1]


@pytest.mark.parametrize(("away", "number"), [(0.5 * MEMORY, 1), (1.5 * MEMORY, 2)])
def test_one_that_comes_back_soon_is_the_same(away: float, number: int):
    follow = tracker()
    follow.update([face(0.5)], 0)
    follow.update([], away / 2)
    assert numbers(follow.update([face(0.5)], away)) == [number]


def test_a_much_larger_or_far_face_is_another():
    follow = tracker()
    follow.update([face(0.3, size=0.05)], 0)
    assert numbers(follow.update([face(0.38, size=0.2)], FRAME)) == [2]
    assert numbers(follow.update([face(0.9, size=0.05)], 2 * FRAME)) == [3]


def test_numbers_are_never_used_again():
    follow = tracker()
    given = [numbers(follow.update([face(0.5)], n * 2 * MEMORY))[0] for n in range(5)]
    assert given == [1, 2, 3, 4, 5]


def test_a_doubtful_find_of_one_frame_is_not_shown():
    follow = tracker()
    follow.update([face(0.2)], 0)
    for n in range(1, 30):  # it comes and goes, and never stays
        ghost = [face(0.8, score=DOUBTFUL)] if n % 3 else []
        assert numbers(follow.update([face(0.2), *ghost], n * FRAME)) == [1]
    assert numbers(follow.update([face(0.2), face(0.5)], 30 * FRAME)) == [1, 2], "it used up a number"


def test_a_doubtful_face_that_stays_is_shown_and_stays_shown():
    follow = tracker()
    follow.update([], 0)
    shown = {n * FRAME: numbers(follow.update([face(0.5, score=DOUBTFUL)], n * FRAME)) for n in range(1, 30)}
    assert all(found == ([1] if at >= HELD_BACK else []) for at, found in shown.items())
    assert numbers(follow.update([], 30 * FRAME)) == []
    assert numbers(follow.update([face(0.5, score=DOUBTFUL)], 31 * FRAME)) == [1]


def test_a_doubtful_face_that_grows_sure_is_shown_at_once():
    follow = tracker()
    follow.update([], 0)
    assert numbers(follow.update([face(0.5, score=DOUBTFUL)], FRAME)) == []
    assert numbers(follow.update([face(0.5)], 2 * FRAME)) == [1]


@pytest.mark.parametrize(("passed", "smoothing"), [(0, 0.2), (HELD_BACK, 2), (2 * MEMORY, 2), (FRAME, 0)])
def test_nothing_is_held_back_where_frames_come_seldom_or_the_clock_stands_or_each_is_for_itself(
    passed: float, smoothing: float
):
    follow = Tracker(smoothing, margin=0.2)
    assert numbers(follow.update([face(0.2, score=DOUBTFUL)], 100)) == [1], "the first frame"
    assert numbers(follow.update([face(0.8, score=DOUBTFUL)], 100 + passed)) == [2]


def test_the_vote_is_the_tracks_own():
    follow = tracker()
    for n in range(10):
        follow.update([face(0.2), face(0.8, label="without_mask")], n * FRAME)
    tracked = follow.update([face(0.2, label="without_mask"), face(0.8, label="without_mask")], 10 * FRAME)
    assert [each.face.label for each in tracked] == ["with_mask", "without_mask"]
    assert [each.settled for each in tracked] == [True, True]
    assert tracked[0].face.probabilities["without_mask"] == 0.97, "probabilities stay the frame's own"


def test_nobody_is_nobody():
    assert tracker().update([], 0) == []


def test_memory_is_only_of_those_seen_lately():
    follow = tracker()
    for n in range(2000):
        follow.update([face(0.1 + 0.8 * (n * 0.37 % 1), 0.1 + 0.8 * (n * 0.61 % 1))], n * 0.2)
    assert len(follow._tracks) <= 7


def test_a_crowd_beyond_all_bounds_is_followed_as_far_as_the_bound():
    follow = tracker()
    crowd = [face(0.01 + 0.02 * (n % 49), 0.01 + 0.02 * (n // 49), 0.015) for n in range(2 * MAX_FACES)]
    first, second = (numbers(follow.update(crowd, n * FRAME)) for n in (0, 1))
    assert first == list(range(1, 2 * MAX_FACES + 1))
    assert second == [*range(1, MAX_FACES + 1), *range(2 * MAX_FACES + 1, 3 * MAX_FACES + 1)]


def test_memory_is_bounded_however_many_come_and_go():
    follow = tracker()
    for n in range(20):
        follow.update([face(0.01 + 0.97 * k / MAX_FACES, 0.05 * n, 0.004) for k in range(MAX_FACES)], n * 0.01)
    assert len(follow._tracks) <= MOST_TRACKS + MAX_FACES
