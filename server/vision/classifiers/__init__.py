"""Mask classifiers: face crops to probabilities. A model is a folder under `models/`, found by its card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from server.vision.classifiers.card import Card
from server.vision.messages import Box, Image


class Classifier(Protocol):
    """Says how faces wear their masks."""

    card: Card

    def classify(self, image: Image, boxes: Sequence[Box]) -> list[Mapping[str, float]]:
        """One mapping of label to probability (0 to 1, adding up to 1) a box; boxes in pixels of `image`."""
