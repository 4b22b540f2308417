"""The benchmark's pictures show what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.benchmarks.by_faces import FACES
from server.benchmarks.picture import camera_jpeg, camera_picture
from server.training.peers import aizoo
from server.vision.messages import Frame
from server.vision.pipeline import standard

MODELS = Path(__file__).parents[2] / "models"
PEERS = Path(__file__).parents[3] / "shared" / "peers"


@pytest.mark.parametrize("detector", ["blazeface-back", "retinaface-640"])
@pytest.mark.parametrize("faces", FACES)
def test_so_many_bare_faces_at_640x480(detector: str, faces: int):
    result = standard(MODELS, "mobilenetv2", detector).run(Frame(camera_jpeg(faces), client="test"))
    assert (result.width, result.height) == (640, 480)
    assert [face.label for face in result.faces] == ["without_mask"] * faces


@pytest.mark.data
@pytest.mark.parametrize("faces", FACES)
def test_aizoo_sees_them_too(faces: int):
    if not (PEERS / "aizoo_face_mask_detection.tflite").is_file():
        pytest.skip("the peers' weights (shared/peers) do not lie beside the repository")
    assert len(aizoo.load(PEERS).detect(camera_picture(faces), 0.5)) == faces


def test_faces_stand_in_a_square():
    with pytest.raises(ValueError, match="got 5"):
        camera_picture(5)
