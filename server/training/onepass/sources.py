"""What training pictures are cut from: scenes with boxed faces, and windows with one face each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from server.training.dataset import box_of, read_window
from server.training.landmarks import FaceMesh
from server.training.onepass.targets import UNKNOWN, Truth
from server.training.scenes import Scene
from server.vision.detectors.suppression import Floats
from server.vision.messages import Box, Image

TRIES = 8
CLEAR = 0.25
"""The score of a false find from which on whole pictures show it more often; the second look learns from all."""


@dataclass(frozen=True, slots=True)
class Source:
    """A stored picture and what is known of it, in its own pixels.

    mistaken: boxes as `Truth` has them, and scores, (n, 5), of what a network took for faces there.
    """

    path: str
    truth: Truth
    mistaken: Floats = field(default_factory=lambda: np.empty((0, 5), np.float32))

    @property
    def box(self) -> Box:
        """Of its first face."""
        return to_box(self.truth.boxes[0])

    def read(self) -> Image:
        """Its pixels. Raises DataError."""
        return read_window(self.path)


class Sources:
    """Scenes and windows to draw from, rare labels more often than they occur.

    balance: 0, faces as they come, to 1, all labels alike; as in the classifiers' recipes. mesh: finds the points
    that masks are drawn along; no masks are drawn without one.
    """

    def __init__(
        self,
        scenes: Sequence[Source],
        windows: Sequence[Source],
        labels: int,
        balance: float,
        mesh: FaceMesh | None = None,
    ) -> None:
        self.scenes, self.windows = list(scenes), list(windows)
        self._mesh = mesh
        self._points: dict[str, NDArray[np.float32] | None] = {}
        self.faces = [
            (number, face)
            for number, scene in enumerate(self.scenes)
            for face, label in enumerate(scene.truth.labels)
            if label != UNKNOWN
        ]
        mistakes = [(scene, found) for scene in self.scenes for found in scene.mistaken]
        self.mistakes = sorted(mistakes, key=lambda mistake: -float(mistake[1][4]))
        self._clear = sum(float(found[4]) >= CLEAR for _, found in self.mistakes)
        self._of_scenes = _chances(
            [self.scenes[number].truth.labels[face] for number, face in self.faces], labels, balance
        )
        self._of_windows = _chances([window.truth.labels[0] for window in self.windows], labels, balance)

    def scene(self, rng: Generator, least: float = 0.0) -> tuple[Source, int]:
        """A scene, and which of its faces it was drawn for: one of at least so many pixels, if one soon turns up."""
        for _ in range(TRIES):
            number, face = self.faces[rng.choice(len(self.faces), p=self._of_scenes)]
            left, top, right, bottom = self.scenes[number].truth.boxes[face]
            if max(right - left, bottom - top) >= least:
                break
        return self.scenes[number], face

    def mistake(self, rng: Generator, least: float = 0.0, *, clear: bool) -> tuple[Source, Floats]:
        """A scene and the box (4,) in it of what was taken for a face, of at least so many pixels as `scene` has it.

        clear: by a score of `CLEAR` and more. There must be such `mistakes`.
        """
        for _ in range(TRIES):
            scene, found = self.mistakes[rng.integers(self._clear if clear else len(self.mistakes))]
            box = found[:4]
            if (box[2:] - box[:2]).max() >= least:
                break
        return scene, box

    @property
    def clear_mistakes(self) -> bool:
        """Whether there are any of a score of `CLEAR` and more."""
        return self._clear > 0

    def window(self, rng: Generator) -> Source:
        """A window with one face."""
        return self.windows[rng.choice(len(self.windows), p=self._of_windows)]

    def points(self, window: Source, pixels: Image) -> NDArray[np.float32] | None:
        """The points of a window's face as `landmarks.py` has them, where they can be found; looked for once."""
        if self._mesh is None:
            return None
        if window.path not in self._points:
            self._points[window.path] = self._mesh.find(pixels, window.box)
        return self._points[window.path]


def of_scenes(scenes: Sequence[Scene], folder: Path, labels: Sequence[str]) -> list[Source]:
    """Scenes as sources. folder: of their pictures."""
    return [
        Source(
            str(folder / scene.file),
            Truth(
                corners([face.box for face in scene.faces]),
                [labels.index(face.label) for face in scene.faces],
                corners(scene.ignored),
            ),
        )
        for scene in scenes
    ]


def of_faces(rows: pd.DataFrame, labels: Sequence[str]) -> list[Source]:
    """Rows of `faces.csv` as sources."""
    return [
        Source(row.path, Truth(corners([box_of(row)]), [labels.index(row.label)], corners([])))
        for row in rows.itertuples()
    ]


def corners(boxes: Sequence[Box]) -> NDArray[np.float32]:
    """Boxes (n, 4) as left, top, right, bottom."""
    found = [(box.x, box.y, box.x + box.width, box.y + box.height) for box in boxes]
    return np.array(found, np.float32).reshape(-1, 4)


def to_box(place: Floats) -> Box:
    """The box whose `corners` (4,) these are."""
    left, top, right, bottom = map(float, place)
    return Box(left, top, right - left, bottom - top)


def _chances(labels: Sequence[int], known: int, balance: float) -> NDArray[np.float64]:
    counts = np.bincount(labels, minlength=known)
    weights = counts[np.asarray(labels, int)].astype(float) ** -balance
    return weights / weights.sum()
