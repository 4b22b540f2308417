"""How good a network is on whole pictures, through the code that serves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np

from server.training.average_precision import FACE, LEAST_SCORE, Scored, at, average_precisions
from server.training.scene_finders import detecting
from server.training.scenes import Scene, figures, lowest_threshold, table
from server.vision.detectors import Detector
from server.vision.messages import LABELS

LEAST = 0.2
"""No lower score is tried for the working threshold: below lie hundreds of finds a picture, nearly all false."""
CHOSEN_ON = 24
"""Size of the faces, in pixels, that the working threshold is chosen for. Scenes to learn and to choose from are 480 px
large: what has 24 px there has 32 before a camera of 640, and looks to the network as large."""


class Score(keras.callbacks.Callback):
    """Adds to an epoch's log what it is worth on scenes.

    `val_found`, `val_named`: average precision at an IoU of .5, faces of 24 px and more, of finding, and of finding
    and naming, the mean of all labels; they count every threshold alike. `val_end_to_end`: the share of faces of
    `CHOSEN_ON` px and more found and rightly named at the lowest threshold with this precision: what serving is like.

    detector: as the network is at the end of the epoch.
    """

    def __init__(
        self, detector: Callable[[], Detector], scenes: Sequence[Scene], folder: Path, precision: float
    ) -> None:
        super().__init__()
        self._detector = detector
        self._scenes, self._folder, self._precision = scenes, folder, precision

    def on_epoch_end(self, _epoch: int, logs: dict[str, float] | None = None) -> None:
        find = detecting(self._detector(), LEAST_SCORE, named=True)
        scored = [(scene, find((self._folder / scene.file).read_bytes())) for scene in self._scenes]
        _, _, of = average_precisions(scored)[0]
        if logs is not None:
            logs["val_found"] = of[FACE].half or 0.0
            logs["val_named"] = float(np.mean([of[label].half or 0.0 for label in LABELS]))
            logs["val_end_to_end"] = end_to_end(scored, self._precision)


def end_to_end(scored: Scored, precision: float) -> float:
    """Of faces of `CHOSEN_ON` px and more, at the lowest threshold with such a precision; 0 where none has it."""
    threshold = lowest_threshold(table(at(scored, LEAST)), precision, CHOSEN_ON, LEAST)
    if threshold is None:
        return 0.0
    return figures(table(at(scored, threshold)), CHOSEN_ON).end_to_end.value or 0.0
