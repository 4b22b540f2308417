"""A one-stage detector asked about single faces whose boxes are known, as classifiers are: so that they compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from server.training.average_precision import LEAST_SCORE
from server.training.evaluate import predict
from server.training.scenes import HIT_IOU
from server.vision.classifiers import Classifier
from server.vision.classifiers.card import Card
from server.vision.confirmation import confirmed, doubtful
from server.vision.detectors import Detector
from server.vision.messages import Box, Detection, Image


class NamedWhereKnown:
    """Says of a box what the detector says of the face that it finds there; all 0 where it finds none.

    second: who confirms doubtful faces, as the card says.
    """

    def __init__(self, detector: Detector, card: Card, second: Classifier | None = None) -> None:
        self.card = card
        self._detector, self._second = detector, second
        self._missed: dict[str, float] = dict.fromkeys(card.labels, 0.0)

    def classify(self, image: Image, boxes: Sequence[Box]) -> list[Mapping[str, float]]:
        """One mapping of label to probability a box; boxes in pixels of `image`."""
        found = self._detector.detect(image, LEAST_SCORE)
        answers = [self._there(box, found) for box in boxes]
        if self._second is None or self.card.confirmation is None:
            return answers
        seen = [number for number in doubtful(answers, self.card.confirmation.below) if sum(answers[number].values())]
        return confirmed(image, boxes, answers, seen, self._second)

    def _there(self, box: Box, found: Sequence[Detection]) -> Mapping[str, float]:
        face = max(found, key=lambda face: box.iou(face.box), default=None)
        if face is None or box.iou(face.box) < HIT_IOU:
            return self._missed
        return face.probabilities or self._missed


def say(detector: Detector, card: Card, second: Classifier | None, rows: pd.DataFrame, **how: Any) -> pd.DataFrame:
    """As `evaluate.predict`; a face that is missed counts as named wrong, all other labels alike."""
    table = predict(NamedWhereKnown(detector, card, second), rows, **how)
    missed = table[[f"p_{label}" for label in card.labels]].sum(axis=1) == 0
    for label in card.labels:
        table.loc[missed & (table.truth != label), f"p_{label}"] = 1 / (len(card.labels) - 1)
    return table
