from __future__ import annotations

from server.vision.messages import Box, Face, Result
from server.web.answers import face_json, result_json

THIRD = 1 / 3


def test_a_face_with_numbers_rounded_to_what_they_mean():
    face = Face(Box(THIRD, THIRD, THIRD, THIRD), THIRD, "incorrect", {"incorrect": THIRD, "with_mask": 2 * THIRD})
    assert face_json(face) == {
        "box": {"x": 0.33333, "y": 0.33333, "width": 0.33333, "height": 0.33333},
        "score": 0.3333,
        "label": "incorrect",
        "probabilities": {"incorrect": 0.3333, "with_mask": 0.6667},
    }


def test_an_unsure_face_has_its_reason():
    face = Face(Box(0, 0, 1, 1), 1, "unsure", {"with_mask": 1.0}, "too_dark")
    assert list(face_json(face)) == ["box", "score", "label", "reason", "probabilities"]


def test_a_result():
    assert result_json(Result("tiny", "eyes", 640, 480, (), {"decode": THIRD, "total": 2})) == {
        "model": "tiny",
        "detector": "eyes",
        "width": 640,
        "height": 480,
        "faces": [],
        "timing_ms": {"decode": 0.33, "total": 2},
    }
