"""Validation faces made ever worse, to learn how bad a picture may be before answers go wrong."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pandas as pd

from server.training.evaluate import predict
from server.vision.classifiers import Classifier
from server.vision.messages import Box, Image

BLURS = (0.02, 0.04, 0.06, 0.09, 0.13, 0.18, 0.25)
"""Standard deviations of a Gaussian blur, as shares of the face's size: from soft to no face at all."""
GAINS = (0.5, 0.3, 0.2, 0.14, 0.1, 0.07, 0.05, 0.03)
"""What the light is multiplied by."""
FACES = 400
_SEED = 1


def blurred(share: float) -> Callable[[Image, Box], Image]:
    """Blurs a picture by a share of the face's size."""
    return lambda image, box: cv2.GaussianBlur(image, (0, 0), share * box.size)


def darkened(gain: float) -> Callable[[Image, Box], Image]:
    """Takes light from a picture, and with it the shades that 8 bits then cannot tell apart."""
    return lambda image, _box: (image * gain).astype(np.uint8)


def degraded(classifier: Classifier, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`predict` tables of the same faces blurred and darkened, every level under the other.

    rows: faces to choose thresholds on; a sample of `FACES` of those of 32 px and more is taken.
    """
    large = rows[rows.original_face_px >= 32]
    sample = large.sample(min(len(large), FACES), random_state=_SEED)
    blurs = [predict(classifier, sample, alter=blurred(share)) for share in BLURS]
    gains = [predict(classifier, sample, alter=darkened(gain)) for gain in GAINS]
    return pd.concat(blurs, ignore_index=True), pd.concat(gains, ignore_index=True)
