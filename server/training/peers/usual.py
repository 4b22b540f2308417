"""The field's usual frame path, for side-by-side measurement only: OpenCV's SSD, then Keras `model.predict`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import keras
import numpy as np

from server.training.peers.ssd import MEAN, SIDE, read_network


def usual_path(peers: Path) -> Callable[[bytes], int]:
    """A function from a JPEG to the number of faces classified.

    As in the most copied project (chandrikadeb7/Face-Mask-Detection): SSD ResNet-10 at 300x300 over
    confidence .5, each face at 224x224 through MobileNetV2 with its dense head by `model.predict`. The head's
    weights are random: they do not change the time. peers: folder with `opencv_face_detector_uint8.pb`.
    Raises PeersMissingError.
    """
    ssd = read_network(peers)
    classifier = _classifier()

    def run(jpeg: bytes) -> int:
        frame = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        height, width = frame.shape[:2]
        ssd.setInput(cv2.dnn.blobFromImage(frame, 1.0, (SIDE, SIDE), MEAN))
        faces = []
        for row in ssd.forward()[0, 0]:
            if row[2] <= 0.5:
                continue
            left, top, right, bottom = (row[3:7] * [width, height, width, height]).astype(int)
            face = frame[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
            face = cv2.resize(cv2.cvtColor(face, cv2.COLOR_BGR2RGB), (224, 224))
            faces.append(keras.applications.mobilenet_v2.preprocess_input(face.astype(np.float32)))
        if faces:
            classifier.predict(np.array(faces), batch_size=32, verbose=0)
        return len(faces)

    return run


def _classifier() -> keras.Model:
    base = keras.applications.MobileNetV2(input_shape=(224, 224, 3), include_top=False, weights=None)
    head = keras.layers.Flatten()(keras.layers.AveragePooling2D((7, 7))(base.output))
    head = keras.layers.Dropout(0.5)(keras.layers.Dense(128, activation="relu")(head))
    return keras.Model(base.input, keras.layers.Dense(2, activation="softmax")(head))
