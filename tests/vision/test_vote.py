"""Words follow the evidence and do not flicker."""

from __future__ import annotations

import pytest

from server.vision.messages import UNSURE, Box, Face
from server.vision.vote import Vote

SMOOTHING, MARGIN = 0.2, 0.2


def face(label: str, p: float = 0.98) -> Face:
    rest = (1 - p) / 2
    winner = "with_mask" if label == UNSURE else label
    probabilities = dict.fromkeys(("with_mask", "without_mask", "incorrect"), rest) | {winner: p}
    return Face(Box(0.4, 0.4, 0.2, 0.2), 0.9, label, probabilities, "too_dark" if label == UNSURE else None)


def labels(said: str, frame_s: float = 1 / 15, smoothing: float = SMOOTHING) -> list[str]:
    """The vote after each frame; m: mask, n: no mask, i: incorrect, u: not sure."""
    names = {"m": "with_mask", "n": "without_mask", "i": "incorrect", "u": UNSURE}
    faces = [face(names[letter]) for letter in said]
    vote = Vote(faces[0], 0.0)
    heard = [vote.over(faces[0]).label]
    for number, each in enumerate(faces[1:], 1):
        vote.cast(each, number * frame_s, smoothing, MARGIN)
        heard.append(vote.over(each).label)
    return heard


@pytest.mark.parametrize("said", ["mmmmnmmmm", "mmmmmunmmm", "mnmnmnmnmnmn", "mmmuummmuum"])
def test_a_flicker_changes_nothing(said: str):
    assert set(labels(said)) == {"with_mask"}


@pytest.mark.parametrize("frames_a_second", [10, 15, 30])
def test_a_mask_taken_off_shows_within_300_ms(frames_a_second: int):
    heard = labels("m" * 3 * frames_a_second + "n" * frames_a_second, 1 / frames_a_second)
    shown = heard.index("without_mask") - 3 * frames_a_second  # frames after the first that shows it
    assert shown / frames_a_second <= 0.3
    assert set(heard[3 * frames_a_second + shown :]) == {"without_mask"}


def test_after_long_out_of_sight_the_new_frame_decides():
    vote = Vote(face("with_mask"), 0.0)
    vote.cast(face("incorrect"), 0.9, SMOOTHING, MARGIN)
    assert vote.over(face("incorrect")).label == "incorrect"


def test_without_smoothing_each_frame_speaks_for_itself():
    assert labels("mnuim", smoothing=0) == ["with_mask", "without_mask", UNSURE, "incorrect", "with_mask"]


def test_a_vote_for_not_sure_says_why_and_others_do_not():
    vote = Vote(face("with_mask"), 0.0)
    vote.cast(face(UNSURE), 1.0, SMOOTHING, MARGIN)
    sure = vote.over(face("with_mask"))
    assert (sure.label, sure.reason) == (UNSURE, "too_dark")
    vote.cast(face("with_mask"), 2.0, SMOOTHING, MARGIN)
    assert vote.over(face(UNSURE)).reason is None


def test_a_label_settles_and_a_change_unsettles_it():
    vote = Vote(face("with_mask"), 0.0)
    settled = []
    for number in range(1, 31):
        vote.cast(face("with_mask" if number < 15 else "without_mask"), number / 15, SMOOTHING, MARGIN)
        settled.append(vote.settled(SMOOTHING))
    assert settled[:5] == [False] * 5
    assert settled[6:14] == [True] * 8
    assert not any(settled[18:22])
    assert settled[-1]


def test_a_clock_that_stands_still_or_goes_back_harms_nothing():
    vote = Vote(face("with_mask"), 5.0)
    for at in (5.0, 4.0, 5.0):
        vote.cast(face("without_mask"), at, SMOOTHING, MARGIN)
    assert vote.over(face("without_mask")).label == "with_mask"
