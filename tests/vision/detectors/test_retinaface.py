from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from server.training.portrait import masked_portrait, portrait
from server.vision import detectors
from server.vision.detectors.retinaface import MEAN_BGR, RetinaFace, prior_boxes, read_weights
from server.vision.messages import Box, Image


def two_faces() -> Image:
    """A picture whose sides are no multiples of the network's strides, with a near and a far face."""
    far = cv2.resize(masked_portrait()[:300], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    picture = cv2.copyMakeBorder(portrait()[:403], 0, 0, 0, far.shape[1] + 3, cv2.BORDER_REPLICATE)
    picture[: far.shape[0], -far.shape[1] :] = far
    return picture


def test_agrees_with_the_package_that_carries_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    package = pytest.importorskip("retinaface")
    # It takes 127 from red where the network was trained with 123.
    monkeypatch.setattr(sys.modules["retinaface.preprocess"], "MEAN", np.array(MEAN_BGR, np.int16))
    image = two_faces()
    theirs = sorted(package.detect_faces(image, score_threshold=0.5), key=lambda face: face.x)
    ours = sorted(detectors.load("retinaface-full").detect(image, 0.5), key=lambda face: face.box.x)
    assert len(ours) == len(theirs) == 2
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.score == pytest.approx(other.score, abs=1e-4)
        whole = np.array([mine.box.x, mine.box.y, mine.box.width, mine.box.height])
        # The package cuts pixels down to integers.
        assert np.abs(whole - [other.x, other.y, other.width, other.height]).max() <= 1
        assert mine.landmarks is not None
        assert np.abs(mine.landmarks - [(point.x, point.y) for point in other.landmarks]).max() <= 1


def test_nothing_is_noted_for_its_maker(tmp_path: Path) -> None:
    """ONNX Runtime from 1.29 on keeps a data base of what it runs under the home folder and sends it off."""
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    for name in ("CI", "GITHUB_ACTIONS", "ORT_DISABLE_TELEMETRY"):  # these alone would keep it quiet
        environment.pop(name, None)
    code = "from server.vision import detectors; detectors.load('retinaface-640')"
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=Path(__file__).parents[3], check=True)
    assert not list(tmp_path.rglob("*"))


def test_priors_by_hand() -> None:
    priors = prior_boxes(40, 64)
    assert len(priors) == 2 * (8 * 5 + 4 * 3 + 2 * 2)
    assert priors[:3].tolist() == [[4, 4, 16, 16], [4, 4, 32, 32], [12, 4, 16, 16]]
    assert priors[2 * 8].tolist() == [4, 12, 16, 16]  # second row of cells
    assert priors[2 * 8 * 5].tolist() == [8, 8, 64, 64]
    assert priors[-1].tolist() == [48, 48, 512, 512]


class Session:
    """Records what the network is fed."""

    def __init__(self, weights: bytes) -> None:
        from onnxruntime import InferenceSession

        self.inner = InferenceSession(weights, providers=["CPUExecutionProvider"])
        self.shapes: list[tuple[int, ...]] = []

    def run(self, names: None, feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        self.shapes.append(feed["input"].shape)
        outputs: list[np.ndarray] = self.inner.run(names, feed)
        return outputs


@pytest.mark.parametrize(
    ("longest", "enlarge", "height", "width", "fed"),
    [
        (320, True, 480, 640, (240, 320)),
        (320, True, 640, 480, (320, 240)),
        (320, True, 120, 160, (240, 320)),
        (320, False, 120, 160, (120, 160)),
        (320, False, 480, 640, (240, 320)),
        (320, True, 240, 320, (240, 320)),
        (320, True, 2, 4000, (1, 320)),
    ],
)
def test_the_longest_side_is_brought_to_size(
    monkeypatch: pytest.MonkeyPatch, longest: int, enlarge: bool, height: int, width: int, fed: tuple[int, int]
) -> None:
    detector = RetinaFace(read_weights(), longest, enlarge)
    session = Session(read_weights())
    monkeypatch.setattr(detector, "_session", session)
    detector.detect(np.zeros((height, width, 3), np.uint8), 0.5)
    assert session.shapes == [(1, 3, *fed)]


def test_enlarging_finds_the_far_face() -> None:
    small = cv2.resize(masked_portrait(), None, fx=0.11, fy=0.11, interpolation=cv2.INTER_AREA)
    face = Box(178, 66, 95, 112).scaled(0.11, 0.11)
    weights = read_weights()
    (found,) = RetinaFace(weights, 320, enlarge=True).detect(small, 0.5)
    assert found.box.iou(face) > 0.6
    assert RetinaFace(weights, 320, enlarge=False).detect(small, 0.5) == []
