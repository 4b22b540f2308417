"""When a one-stage model says *not sure*: chosen on the scenes `val`, as they are and made ever worse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from server.training import thresholds
from server.training.dataset import read_window
from server.training.degradation import BLURS, GAINS, blurred, darkened
from server.training.onepass.score import CHOSEN_ON
from server.training.scene_finders import Finder
from server.training.scenes import Scene, match
from server.vision.classifiers.card import Thresholds
from server.vision.messages import Box, Image
from server.vision.quality import sharpness_and_brightness

MORE_RIGHT_THAN_WRONG = 0.5
"""What is right more often than wrong is said. A face that is found was seen: of those found in blurred scenes the
least sharp are named as rightly as the others, unlike those of a classifier, which is shown whatever a box holds. And
the hundredth that classifiers doubt is two or three of the few faces of `val`, whose least confidence is no measure."""
EACH = 3
"""Every third scene is made worse: at fifteen levels that is enough."""

Alter = Callable[[Image, Box], Image]


def choose_thresholds(find: Finder, scenes: Sequence[Scene], folder: Path, labels: Sequence[str]) -> Thresholds:
    """Thresholds for what `find` finds, as those of classifiers (`thresholds.py`) but by `MORE_RIGHT_THAN_WRONG`.

    find: from a picture's bytes to finds at the working score. folder: of the scenes' pictures.
    """
    as_they_are = pd.DataFrame(record for scene in scenes for record in _found(find, scene, folder, labels))
    chosen = thresholds.choose(
        as_they_are,
        labels,
        _worse(find, [blurred(share) for share in BLURS], scenes, folder, labels),
        _worse(find, [darkened(gain) for gain in GAINS], scenes, folder, labels),
        MORE_RIGHT_THAN_WRONG,
    )
    large = as_they_are[as_they_are.original_face_px >= CHOSEN_ON]
    confidence = large[[f"p_{label}" for label in labels]].max(axis=1)
    enough = thresholds.needed(confidence, thresholds.right(large, labels), MORE_RIGHT_THAN_WRONG)
    return chosen.model_copy(update={"min_confidence": min(chosen.min_confidence, round(enough, 4))})


def _worse(
    find: Finder, alterations: Sequence[Alter], scenes: Sequence[Scene], folder: Path, labels: Sequence[str]
) -> pd.DataFrame:
    """The faces found in some of the scenes, altered in every one of these ways."""
    return pd.DataFrame(
        record
        for alter in alterations
        for scene in scenes[::EACH]
        for record in _found(find, scene, folder, labels, alter)
    )


def _found(
    find: Finder, scene: Scene, folder: Path, labels: Sequence[str], alter: Alter | None = None
) -> Iterator[dict[str, Any]]:
    """A row of a `predict` table for each of a scene's faces that are found; altered by what suits its largest face."""
    image = read_window(str(folder / scene.file))
    if alter is not None and scene.faces:
        image = alter(image, max((face.box for face in scene.faces), key=lambda box: box.size))
    finds = find(cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes())
    for index, number in match(scene, finds).items():
        truth = scene.faces[number]
        sharpness, brightness = sharpness_and_brightness(image, finds[index].box)
        yield {
            "truth": truth.label,
            "original_face_px": truth.box.size,
            **{f"p_{label}": finds[index].probabilities[label] for label in labels},
            "sharpness": sharpness,
            "brightness": brightness,
            "turn": np.nan,
        }
