"""Who is who from frame to frame: one stream's faces, each with a number that stays and a vote over time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.vision.messages import Box, Face
from server.vision.vote import Vote

MEMORY = 1.0
"""Seconds that a face may be out of sight and still be the same one when it comes back where it was expected."""
LEAST_IOU = 0.1
MOST_APART = 1.0
"""Of boxes that hardly overlap (a quick step at few frames a second), the centres' distance in box sides."""
_LIKE_SIZE = 1.6
_NEW_SHARE = 0.5  # of a velocity, what the newest step says


@dataclass(frozen=True, slots=True)
class Tracked:
    """A face of a stream. face: its label is the vote's. track: its number. settled: whether the label stands."""

    face: Face
    track: int
    settled: bool


class _Track:
    """A face over time: where it was, how it moves (fractions of the picture a second), what is said of it."""

    def __init__(self, number: int, face: Face, at: float) -> None:
        self.number, self.box, self.at = number, face.box, at
        self.velocity = (0.0, 0.0)
        self.vote = Vote(face, at)

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

    def update(self, faces: Sequence[Face], at: float) -> list[Tracked]:
        """The faces of a frame, in their order, each with its track.

        at: seconds of a clock that never goes back, when the frame was taken.
        """
        self._tracks = [track for track in self._tracks if at - track.at <= MEMORY]
        of_face = {face: track for track, face in self._pairs(faces, at)}
        for number, face in enumerate(faces):
            track = of_face.get(number)
            if track is None:
                self._numbers += 1
                track = of_face[number] = _Track(self._numbers, face, at)
                self._tracks.append(track)
            else:
                track.see(face, at, self.smoothing, self.margin)
        found = (of_face[number] for number in range(len(faces)))
        return [
            Tracked(track.vote.over(face), track.number, track.vote.settled(self.smoothing))
            for track, face in zip(found, faces, strict=True)
        ]

    def _pairs(self, faces: Sequence[Face], at: float) -> Iterator[tuple[_Track, int]]:
        """Tracks and the numbers of their faces, the best fit first; each at most once."""
        fits = [
            (fit, place, number)
            for place, expected in enumerate(track.expected(at) for track in self._tracks)
            for number, face in enumerate(faces)
            if (fit := _fit(expected, face.box)) is not None
        ]
        tracks, taken = set[int](), set[int]()
        for _, place, number in sorted(fits, reverse=True):
            if place not in tracks and number not in taken:
                tracks.add(place)
                taken.add(number)
                yield self._tracks[place], number


def _fit(expected: Box, box: Box) -> float | None:
    """How well a box fits where it was expected: their IoU, or below 0 by distance; None where it is another's."""
    iou = expected.iou(box)
    if iou >= LEAST_IOU:
        return iou
    (x, y), (to_x, to_y) = _centre(expected), _centre(box)
    apart = math.hypot((to_x - x) / expected.width, (to_y - y) / expected.height)
    ratio = math.sqrt(box.area / expected.area)
    return -apart if apart <= MOST_APART and 1 / _LIKE_SIZE <= ratio <= _LIKE_SIZE else None


def _centre(box: Box) -> tuple[float, float]:
    return box.x + box.width / 2, box.y + box.height / 2
