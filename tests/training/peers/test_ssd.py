from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from server.training.peers.ssd import SSD, load
from server.training.portrait import FACE, portrait

SHARED = Path(__file__).parents[4] / "shared" / "peers"


class Network:
    """Rows of (picture, class, score, left, top, right, bottom)."""

    def __init__(self, *faces: tuple[float, ...]) -> None:
        self.faces, self.blob = faces, np.empty(0)

    def setInput(self, blob: np.ndarray) -> None:  # noqa: N802 - OpenCV's name
        self.blob = blob

    def forward(self) -> np.ndarray:
        return np.array([[[(0, 1, *face) for face in self.faces]]], np.float32)


def test_corners_become_boxes_in_pixels() -> None:
    network = Network((0.9, 0.25, 0.5, 0.75, 1.5), (0.4, 0, 0, 1, 1), (0.8, 0.5, 0.5, 0.5, 0.6))
    red = np.zeros((120, 160, 3), np.uint8)
    red[..., 0] = 255
    (face,) = SSD(network).detect(red, 0.5)  # the second is not sure enough, the third has no width
    assert (face.box.x, face.box.y, face.box.width, face.box.height) == (40, 60, 80, 120)
    assert face.score == pytest.approx(0.9)
    # Blue, green, red, less their means.
    assert network.blob.shape == (1, 3, 300, 300)
    assert network.blob[0, :, 0, 0].tolist() == [-104, -117, 255 - 123]


@pytest.mark.data
def test_the_real_one_sees_the_portrait() -> None:
    if not (SHARED / "opencv_face_detector_uint8.pb").is_file():
        pytest.skip("the peers' weights (shared/peers) do not lie beside the repository")
    (face,) = load(SHARED).detect(portrait(), 0.5)
    assert face.box.iou(FACE) > 0.5
