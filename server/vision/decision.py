"""From probabilities and quality to a label, or to an honest *not sure* with its reason."""

from __future__ import annotations

from collections.abc import Mapping

from server.vision.classifiers.card import Thresholds
from server.vision.messages import UNSURE, Box, Detection, Face, Image
from server.vision.quality import sharpness_and_brightness, turn


def decide(image: Image, detection: Detection, probabilities: Mapping[str, float], thresholds: Thresholds) -> Face:
    """Label a face; its box in fractions of the picture, cut off at the picture's edges.

    Raises ValueError for a face wholly outside the picture.
    """
    reason = doubt(image, detection, probabilities, thresholds)
    return Face(
        box=to_fractions(detection.box, image),
        score=detection.score,
        label=UNSURE if reason else max(probabilities, key=lambda label: probabilities[label]),
        probabilities=probabilities,
        reason=reason,
    )


def doubt(
    image: Image, detection: Detection, probabilities: Mapping[str, float], thresholds: Thresholds
) -> str | None:
    """Why a face cannot be labelled, most easily mended first; None if it can."""
    if detection.box.size < thresholds.min_face_px:
        return "too_small"
    sharpness, brightness = sharpness_and_brightness(image, detection.box)
    if brightness < thresholds.min_brightness:
        return "too_dark"
    if sharpness < thresholds.min_sharpness:
        return "too_blurred"
    if detection.landmarks is not None and turn(detection.landmarks) > thresholds.max_turn:
        return "turned_away"
    if max(probabilities.values()) < thresholds.min_confidence:
        return "unclear"
    return None


def to_fractions(box: Box, image: Image) -> Box:
    """A box in pixels as fractions of the picture, cut off at its edges."""
    height, width = image.shape[:2]
    left, top = max(box.x, 0.0), max(box.y, 0.0)
    right, bottom = min(box.x + box.width, width), min(box.y + box.height, height)
    return Box(left / width, top / height, (right - left) / width, (bottom - top) / height)
