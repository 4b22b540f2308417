"""Who is who from frame to frame: one stream's faces, each with a number that stays and a vote over time.

A find that is hardly a face is held back until it has stayed for a moment, so that no box flashes up for one frame.
That a new track needs a higher score than one followed already is ByteTrack's idea (Zhang et al. 2022).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.vision.limits import MAX_FACES
from server.vision.messages import Box, Face
from server.vision.vote import Vote

MOST_TRACKS = 2 * MAX_FACES
"""That are remembered; the pairs to compare stay bounded whatever comes."""
MEMORY = 1.0
"""Seconds that a face may be out of sight and still be the same one when it comes back where it was expected."""
LEAST_IOU = 0.1
MOST_APART = 1.0
"""Of boxes that hardly overlap (a quick step at few frames a second), the centres' distance in box sides."""
SURE = 0.65
"""Score from which a new face is shown at once. In validation scenes 94 % or more of each detector's near faces reach
it (onepass, RetinaFace 640, BlazeFace back), and 10 of their 25 false finds."""
HELD_BACK = 0.2
"""Seconds after the last frame without it until a less sure one is shown too, at most the smoothing: at five frames a
second, or where each frame is to be answered for itself, at once."""
_LIKE_SIZE = 1.6
_NEW_SHARE = 0.5  # of a velocity, what the newest step says


@dataclass(frozen=True, slots=True)
class Tracked:
    """A face of a stream. face: its label is the vote's. track: its number. settled: whether the label stands."""

    face: Face
    track: int
    settled: bool


class _Track:
    """A face over time: where it was, how it moves (fractions of the picture a second), what is said of it.

    absent: when the last frame without it was taken. number: 0 while it is held back.
    """

    def __init__(self, face: Face, at: float, absent: float) -> None:
        self.box, self.at, self.absent = face.box, at, absent
        self.number = 0
        self.velocity = (0.0, 0.0)
        self.vote = Vote(face, at)

    def believed(self, face: Face, smoothing: float) -> bool:
        """Whether it is a face beyond doubt, or was there long enough. Where no time passes nothing is held back."""
        return face.score >= SURE or not 0 < self.at - self.absent < min(HELD_BACK, smoothing)

    def expected(self, at: float) -> Box:
        """Where the face should be now, at constant velocity."""
        passed = at - self.at
        x, y = (place + speed * passed for place, speed in zip(_centre(self.box), self.velocity, strict=True))
        return Box(x - self.box.width / 2, y - self.box.height / 2, self.box.width, self.box.height)

    def see(self, face: Face, at: float, smoothing: float, margin: float) -> None:
        passed = at - self.at
        if passed > 0:
            steps = zip(_centre(face.box), _centre(self.box), self.velocity, strict=True)
            x, y = (speed + _NEW_SHARE * ((now - before) / passed - speed) for now, before, speed in steps)
            self.velocity = (x, y)
        self.box, self.at = face.box, at
        self.vote.cast(face, at, smoothing, margin)


class Tracker:
    """Follows the faces of one stream; not to be shared between threads.

    smoothing, margin: of each face's vote, see `Vote`; they may change while it runs.
    """

    def __init__(self, smoothing: float, margin: float) -> None:
        self.smoothing, self.margin = smoothing, margin
        self._tracks: list[_Track] = []
        self._numbers = 0
        self._last = -math.inf

    def update(self, faces: Sequence[Face], at: float) -> list[Tracked]:
        """The faces of a frame, in their order, each with its track, without those held back.

        Those after `MAX_FACES` are new each time. at: seconds of a clock that never goes back, when the frame was
        taken.
        """
        before, self._last = self._last, at
        self._tracks = [track for track in self._tracks if at - track.at <= MEMORY][-MOST_TRACKS:]
        of_face = {face: track for track, face in self._pairs(faces[:MAX_FACES], at)}
        # One that is held back must be there in every frame.
        seen = set(of_face.values())
        self._tracks = [track for track in self._tracks if track.number or track in seen]
        shown = []
        for number, face in enumerate(faces):
            track = of_face.get(number)
            if track is None:
                track = _Track(face, at, before)
                if number < MAX_FACES:
                    self._tracks.append(track)
            else:
                track.see(face, at, self.smoothing, self.margin)
            if not track.number and track.believed(face, self.smoothing):
                self._numbers += 1
                track.number = self._numbers
            if track.number:
                shown.append(Tracked(track.vote.over(face), track.number, track.vote.settled(self.smoothing)))
        return shown

    def _pairs(self, faces: Sequence[Face], at: float) -> Iterator[tuple[_Track, int]]:
        """Tracks and the numbers of their faces, the best fit first; each at most once."""
        if not (faces and self._tracks):
            return
        fits = _fits([track.expected(at) for track in self._tracks], [face.box for face in faces])
        best_first = np.argsort(-fits, axis=None, kind="stable")[: np.count_nonzero(np.isfinite(fits))]
        tracks, taken = set[int](), set[int]()
        for place, number in zip(*(axis.tolist() for axis in np.unravel_index(best_first, fits.shape)), strict=True):
            if place not in tracks and number not in taken:
                tracks.add(place)
                taken.add(number)
                yield self._tracks[place], number


def _fits(expected: Sequence[Box], boxes: Sequence[Box]) -> NDArray[np.float64]:
    """How well each box fits each place where one was expected, (expected, boxes).

    Their IoU, or below 0 by distance where they hardly overlap; minus infinity where a box is another's.
    """
    there, here = _corners(expected)[:, None], _corners(boxes)[None]
    sides = np.clip(np.minimum(there[..., 2:], here[..., 2:]) - np.maximum(there[..., :2], here[..., :2]), 0, None)
    shared, area, areas = sides.prod(-1), _area(there), _area(here)
    iou = shared / (area + areas - shared)
    steps = (here[..., :2] + here[..., 2:] - there[..., :2] - there[..., 2:]) / 2 / (there[..., 2:] - there[..., :2])
    apart, ratio = np.hypot(steps[..., 0], steps[..., 1]), np.sqrt(areas / area)
    near = (apart <= MOST_APART) & (ratio >= 1 / _LIKE_SIZE) & (ratio <= _LIKE_SIZE)
    return np.where(iou >= LEAST_IOU, iou, np.where(near, -apart, -np.inf))


def _corners(boxes: Sequence[Box]) -> NDArray[np.float64]:
    """(n, 4): left, top, right, bottom."""
    return np.array([(box.x, box.y, box.x + box.width, box.y + box.height) for box in boxes], np.float64)


def _area(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((corners[..., 2:] - corners[..., :2]).prod(-1))


def _centre(box: Box) -> tuple[float, float]:
    return box.x + box.width / 2, box.y + box.height / 2
