"""Results as JSON, in the contract's form; numbers rounded to what they mean."""

from __future__ import annotations

from typing import Any

from server.vision.messages import Face, Result
from server.vision.tracker import Tracked


def face_json(face: Face) -> dict[str, Any]:
    """A face: its box in fractions of the picture (5 decimals: a hundredth of a pixel), probabilities to 4."""
    box = {side: round(getattr(face.box, side), 5) for side in ("x", "y", "width", "height")}
    answer: dict[str, Any] = {"box": box, "score": round(face.score, 4), "label": face.label}
    if face.reason is not None:
        answer["reason"] = face.reason
    answer["probabilities"] = {label: round(value, 4) for label, value in face.probabilities.items()}
    return answer


def tracked_json(tracked: Tracked) -> dict[str, Any]:
    """A stream's face: with the number of its track, and whether its label is settled."""
    return face_json(tracked.face) | {"track": tracked.track, "settled": tracked.settled}


def result_json(result: Result) -> dict[str, Any]:
    """A result; timings in milliseconds."""
    return {
        "model": result.model,
        "detector": result.detector,
        "width": result.width,
        "height": result.height,
        "faces": [face_json(face) for face in result.faces],
        "timing_ms": {stage: round(value, 2) for stage, value in result.timing_ms.items()},
    }
