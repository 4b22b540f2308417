"""AIZOO's FaceMaskDetection: an SSD of 260 px that finds faces and says mask or no mask in one stage.

Anchors, decoding and suppression are those of its own `tensorflow_infer.py`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from server.training.peers import weights
from server.vision.detectors.suppression import group_by_overlap, top_candidates
from server.vision.messages import Box, Detection, Image

SIDE = 260
LABELS = ("with_mask", "without_mask")
"""The order of the network's scores; it knows no third."""
MAX_IOU = 0.4
GRIDS = {33: (0.04, 0.056), 17: (0.08, 0.11), 9: (0.16, 0.22), 5: (0.32, 0.45), 3: (0.64, 0.72)}
"""Cells a side to the anchors' sizes, in fractions of the picture."""
RATIOS = (0.62, 0.42)
"""Width to height of the first size's further anchors, beside the squares."""
CENTRE_VARIANCE, SIZE_VARIANCE = np.float32(0.1), np.float32(0.2)

Floats = NDArray[np.float32]


def load(folder: Path) -> AIZOO:
    """Raises PeersMissingError."""
    (path,) = weights(folder, "aizoo_face_mask_detection.tflite")
    return AIZOO(path)


class AIZOO:
    """Not safe for two threads at once."""

    def __init__(self, path: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_path=str(path), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        outputs = {details["shape"][-1]: details["index"] for details in self._interpreter.get_output_details()}
        self._offsets, self._scores = outputs[4], outputs[len(LABELS)]

    def detect(self, image: Image, min_score: float) -> list[Detection]:
        """Faces with a score of at least `min_score`, in no order; boxes in pixels of `image`."""
        pixels = cv2.resize(image, (SIDE, SIDE)).astype(np.float32) / np.float32(255)
        self._interpreter.set_tensor(self._input, pixels[None])
        self._interpreter.invoke()
        offsets, scores = (self._interpreter.get_tensor(index)[0] for index in (self._offsets, self._scores))
        height, width = image.shape[:2]
        return decode(offsets, scores, width, height, min_score)


@lru_cache
def anchors() -> Floats:
    """(5972, 4) as centre x, centre y, width, height in fractions of the picture; read-only."""
    grids = []
    for cells, (first, second) in GRIDS.items():
        centres = (np.arange(cells) + 0.5) / cells
        x, y = np.meshgrid(centres, centres)
        roots = np.sqrt(RATIOS)
        widths, heights = [first, second, *(first * roots)], [first, second, *(first / roots)]
        places = np.repeat(np.column_stack([x.ravel(), y.ravel()]), len(widths), axis=0)
        grids.append(np.hstack([places, np.tile(np.column_stack([widths, heights]), (cells * cells, 1))]))
    priors = np.concatenate(grids).astype(np.float32)
    priors.flags.writeable = False
    return priors


def decode(offsets: Floats, scores: Floats, width: int, height: int, min_score: float) -> list[Detection]:
    """The network's outputs, (5972, 4) and (5972, 2), as faces in a picture of `width` x `height` pixels."""
    best = scores.max(axis=1)
    kept = top_candidates(best, min_score)
    if not kept.size:
        return []
    found, priors = offsets[kept], anchors()[kept]
    middles = priors[:, :2] + found[:, :2] * CENTRE_VARIANCE * priors[:, 2:]
    halves = priors[:, 2:] * np.exp(found[:, 2:] * SIZE_VARIANCE) / 2
    corners = np.concatenate([middles - halves, middles + halves], axis=1)
    detections = []
    for group in group_by_overlap(corners, MAX_IOU):
        left, top, right, bottom = map(float, corners[group[0]])
        by_label = scores[kept[group[0]]]
        detections.append(
            Detection(
                Box(left, top, right - left, bottom - top).scaled(width, height),
                min(float(by_label.max()), 1.0),
                probabilities=dict(zip(LABELS, (by_label / by_label.sum()).tolist(), strict=True)),
            )
        )
    return detections
