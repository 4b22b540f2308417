"""How good a network is on whole pictures, through the code that serves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from server.training.average_precision import FACE, LEAST_SCORE, average_precisions
from server.training.scene_finders import detecting
from server.training.scenes import Scene
from server.vision.detectors import Detector
from server.vision.messages import LABELS


def network_of(model: keras.Model) -> Any:
    """A Keras network as serving calls one."""
    return lambda picture: keras.ops.convert_to_numpy(model(picture[None], training=False))[0]


class Score(keras.callbacks.Callback):
    """Adds to an epoch's log the average precision at an IoU of .5, faces of 24 px and more: of finding (`val_found`),
    and of finding and naming, the mean of all labels (`val_named`)."""

    def __init__(self, detector: Detector, scenes: Sequence[Scene], folder: Path) -> None:
        super().__init__()
        self._find = detecting(detector, LEAST_SCORE, named=True)
        self._scenes, self._folder = scenes, folder

    def on_epoch_end(self, _epoch: int, logs: dict[str, float] | None = None) -> None:
        scored = [(scene, self._find((self._folder / scene.file).read_bytes())) for scene in self._scenes]
        _, _, of = average_precisions(scored)[0]
        if logs is not None:
            logs["val_found"] = of[FACE].half or 0.0
            logs["val_named"] = float(np.mean([of[label].half or 0.0 for label in LABELS]))
