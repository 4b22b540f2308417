"""From probabilities and quality to a label, or to an honest *not sure* with its reason."""

from __future__ import annotations

from collections.abc import Mapping

from server.vision.classifiers.card import Thresholds
from server.vision.messages import UNSURE, Box, Detection, Face, Image
from server.vision.quality import Quality, measure


def decide(image: Image, detection: Detection, probabilities: Mapping[str, float], thresholds: Thresholds) -> Face:
    """Label a face; its box in fractions of the picture, cut off at the picture's edges.

    Raises ValueError for a face wholly outside the picture.
    """
    label, reason = label_and_reason(measure(image, detection), probabilities, thresholds)
    return Face(to_fractions(detection.box, image), detection.score, label, probabilities, reason)


def label_and_reason(
    quality: Quality, probabilities: Mapping[str, float], thresholds: Thresholds
) -> tuple[str, str | None]:
    """The likeliest label and None, or `unsure` and why: what is most easily mended first."""
    reason = None
    if quality.face_px < thresholds.min_face_px:
        reason = "too_small"
    elif quality.brightness < thresholds.min_brightness:
        reason = "too_dark"
    elif quality.sharpness < thresholds.min_sharpness:
        reason = "too_blurred"
    elif quality.turn is not None and thresholds.max_turn is not None and quality.turn > thresholds.max_turn:
        reason = "turned_away"
    elif max(probabilities.values()) < thresholds.min_confidence:
        reason = "unclear"
    return (UNSURE if reason else max(probabilities, key=lambda label: probabilities[label])), reason


def to_fractions(box: Box, image: Image) -> Box:
    """A box in pixels as fractions of the picture, cut off at its edges."""
    height, width = image.shape[:2]
    left, top = max(box.x, 0.0), max(box.y, 0.0)
    right, bottom = min(box.x + box.width, width), min(box.y + box.height, height)
    return Box(left / width, top / height, (right - left) / width, (bottom - top) / height)
