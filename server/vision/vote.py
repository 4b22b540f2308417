"""A face's label over time: words that follow the evidence and do not flicker."""

from __future__ import annotations

import math
from dataclasses import replace

from server.vision.messages import UNSURE, Face

SETTLED_AFTER = 2.0
"""A label is settled once it has stood for so many times the smoothing."""


class Vote:
    """Evidence that fades with its age, and a label that only clearly stronger evidence for another unseats.

    smoothing: seconds in which evidence fades to 37 %; 0 answers each frame for itself. margin: by how much of all
    evidence, 0 to 1, another label must lead. With a margin of .2 a clear change shows after .92 of the smoothing.
    """

    def __init__(self, face: Face, at: float) -> None:
        """face: as it was first seen, at `at` seconds of a clock that never goes back."""
        self._evidence = _says(face)
        self._label, self._reason = face.label, face.reason
        self._last = self._since = at

    def cast(self, face: Face, at: float, smoothing: float, margin: float) -> None:
        """Take in what a frame says of the face."""
        kept = math.exp(-max(at - self._last, 0.0) / smoothing) if smoothing > 0 else 0.0
        self._last = max(at, self._last)
        said = _says(face)
        self._evidence = {
            label: kept * self._evidence.get(label, 0.0) + (1 - kept) * said.get(label, 0.0)
            for label in self._evidence.keys() | said.keys()
        }
        leader = max(self._evidence, key=self._evidence.__getitem__) if smoothing > 0 else face.label
        lead = self._evidence[leader] - self._evidence.get(self._label, 0.0)
        if leader != self._label and (lead > margin or smoothing <= 0):
            self._label, self._since = leader, at
        if face.label == UNSURE:
            self._reason = face.reason

    def settled(self, smoothing: float) -> bool:
        """Whether the label has stood long enough to act on."""
        return self._last - self._since >= SETTLED_AFTER * smoothing

    def over(self, face: Face) -> Face:
        """The face with the label that the vote gives it, and the last reason where that is `unsure`."""
        return replace(face, label=self._label, reason=self._reason if self._label == UNSURE else None)


def _says(face: Face) -> dict[str, float]:
    """What a frame says of a face, 1 in all: an `unsure` face says nothing for any label."""
    return {UNSURE: 1.0} if face.label == UNSURE else dict(face.probabilities)
