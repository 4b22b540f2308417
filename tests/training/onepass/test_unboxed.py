"""Faces that nobody boxed are learned as faces, and named only where a classifier is sure."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from server.training.onepass.sources import Source
from server.training.onepass.targets import UNKNOWN, Truth
from server.training.onepass.unboxed import with_unboxed

LABELS = ("with_mask", "without_mask", "incorrect")


class Says:
    """A classifier that is the surer of `incorrect` the further right a face is."""

    def classify(self, image: np.ndarray, boxes: list) -> list[dict[str, float]]:
        assert image.shape == (60, 100, 3)
        return [{"with_mask": 1 - box.x / 100, "incorrect": box.x / 100} for box in boxes]


def test_a_label_is_learned_only_where_it_is_sure(tmp_path: Path):
    path = str(tmp_path / "scene.png")
    cv2.imwrite(path, np.zeros((60, 100, 3), np.uint8))
    boxed = np.array([[0, 0, 20, 20]], np.float32)
    unboxed = np.array([[50, 10, 60, 20], [95, 10, 99, 20]], np.float32)
    plain = Source(path, Truth(boxed, [1], boxed[:0]))
    found, same = with_unboxed([Source(path, Truth(boxed, [1], unboxed)), plain], Says(), LABELS, 0.9)
    assert found.truth.labels == [1, UNKNOWN, 2]
    assert found.truth.boxes.tolist() == [*boxed.tolist(), *unboxed.tolist()]
    assert len(found.truth.ignored) == 0
    assert same is plain
