"""How good a network is on whole pictures, through the code that serves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

from server.training.dataset import read_window
from server.training.scenes import Find, Scene, false_finds, table
from server.vision.detectors.onepass import Onepass
from server.vision.messages import Detection

LEAST_SCORE = 0.05
SMALLEST = 32


def network_of(model: keras.Model) -> Any:
    """A Keras network as serving calls one."""
    return lambda picture: keras.ops.convert_to_numpy(model(picture[None], training=False))[0]


def to_find(detection: Detection) -> Find:
    probabilities = detection.probabilities or {}
    label = max(probabilities, key=probabilities.__getitem__, default=None)
    return Find(detection.box, detection.score, label, None, probabilities)


def found(detector: Onepass, scenes: Sequence[Scene], folder: Path) -> pd.DataFrame:
    """All true faces and finds, as `scenes.table` has them. folder: of the scenes' pictures."""
    return table(
        (scene, [to_find(each) for each in detector.detect(read_window(str(folder / scene.file)), LEAST_SCORE)])
        for scene in scenes
    )


def average_precision(rows: pd.DataFrame, smallest: float = SMALLEST, *, named: bool) -> float:
    """The area under recall and precision of faces of at least `smallest` pixels, 0 to 1.

    named: a find is right if it carries the true label too, which is what `end to end` means.
    """
    true = rows[["truth_width", "truth_height"]].max(axis=1) >= smallest
    hits = rows[true & rows["score"].notna()]
    wrong = rows[false_finds(rows, smallest)]
    right = (hits["label"] == hits["truth"]) if named else pd.Series(True, index=hits.index)
    if not right.any():
        return 0.0
    truth = np.concatenate([right.to_numpy(int), np.zeros(len(wrong), int)])
    scores = np.concatenate([hits["score"].to_numpy(), wrong["score"].to_numpy()])
    return float(average_precision_score(truth, scores) * right.sum() / true.sum())


class Score(keras.callbacks.Callback):
    """Adds to an epoch's log how well faces are found (`val_found`), and found and named (`val_end_to_end`)."""

    def __init__(self, detector: Onepass, scenes: Sequence[Scene], folder: Path) -> None:
        super().__init__()
        self._detector, self._scenes, self._folder = detector, scenes, folder

    def on_epoch_end(self, _epoch: int, logs: dict[str, float] | None = None) -> None:
        rows = found(self._detector, self._scenes, self._folder)
        if logs is not None:
            logs["val_found"] = average_precision(rows, named=False)
            logs["val_end_to_end"] = average_precision(rows, named=True)
