"""The benchmark's picture shows what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.benchmarks.picture import camera_jpeg
from server.vision.messages import Frame
from server.vision.pipeline import standard

MODELS = Path(__file__).parents[2] / "models"


@pytest.mark.parametrize("detector", ["blazeface-back", "retinaface-640"])
def test_one_bare_face_at_640x480(detector: str):
    result = standard(MODELS, "mobilenetv2", detector).run(Frame(camera_jpeg(), client="test"))
    assert (result.width, result.height) == (640, 480)
    assert [face.label for face in result.faces] == ["without_mask"]
