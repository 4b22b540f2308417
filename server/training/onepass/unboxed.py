"""Faces that nobody boxed: two strong detectors agree that they are faces, a classifier says what they wear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from server.training.onepass.sources import Source, to_box
from server.training.onepass.targets import UNKNOWN, Truth
from server.vision.classifiers import Classifier


def with_unboxed(scenes: Sequence[Source], classifier: Classifier, labels: Sequence[str], least: float) -> list[Source]:
    """The scenes with their ignored regions as faces; nothing is ignored any more.

    labels: of the network. least: how sure the classifier must be, 0 to 1, for its label to be learned; of the
    others only that they are faces.
    """
    return [_with_unboxed(scene, classifier, labels, least) if len(scene.truth.ignored) else scene for scene in scenes]


def _with_unboxed(scene: Source, classifier: Classifier, labels: Sequence[str], least: float) -> Source:
    known = scene.truth
    boxes = [to_box(place) for place in known.ignored]
    said = []
    for answer in classifier.classify(scene.read(), boxes):
        label = max(answer, key=answer.__getitem__)
        said.append(labels.index(label) if answer[label] >= least and label in labels else UNKNOWN)
    truth = Truth(np.concatenate([known.boxes, known.ignored]), [*known.labels, *said], known.ignored[:0])
    return replace(scene, truth=truth)
