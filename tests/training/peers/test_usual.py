"""The field's usual way, rebuilt for comparison: what it feeds and what it counts."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from server.benchmarks.by_faces import FACES
from server.benchmarks.picture import camera_jpeg
from server.training.peers import PeersMissingError, usual
from server.training.peers.usual import usual_path

SHARED = Path(__file__).parents[4] / "shared" / "peers"
FILES = ("opencv_face_detector_uint8.pb", "opencv_face_detector.pbtxt")


class Detector:
    """OpenCV's SSD: rows of (picture, class, confidence, left, top, right, bottom)."""

    def __init__(self, *faces: tuple[float, ...]) -> None:
        self.faces, self.blob = faces, np.empty(0)

    def setInput(self, blob: np.ndarray) -> None:  # noqa: N802 - OpenCV's name
        self.blob = blob

    def forward(self) -> np.ndarray:
        return np.array([[[(0, 1, *face) for face in self.faces]]], np.float32).reshape(1, 1, -1, 7)


class Classifier:
    def __init__(self) -> None:
        self.batches: list[np.ndarray] = []

    def predict(self, faces: np.ndarray, batch_size: int, verbose: int) -> None:
        self.batches.append(faces)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).touch()
    return tmp_path


@pytest.fixture
def classifier(monkeypatch: pytest.MonkeyPatch) -> Classifier:
    classifier = Classifier()
    monkeypatch.setattr(usual, "_classifier", lambda: classifier)
    return classifier


def counter(monkeypatch: pytest.MonkeyPatch, folder: Path, detector: Detector):
    monkeypatch.setattr(cv2.dnn, "readNetFromTensorflow", lambda *_files: detector)
    return usual_path(folder)


def jpeg(picture: np.ndarray) -> bytes:
    """An RGB picture as a JPEG."""
    return cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()


def test_faces_over_half_are_classified_in_one_batch(monkeypatch, folder: Path, classifier: Classifier):
    red = np.zeros((120, 160, 3), np.uint8)
    red[:60, :80, 0] = 255
    detector = Detector((0.9, 0, 0, 0.5, 0.5), (0.51, 0.5, 0.5, 1.2, 1.2), (0.5, 0, 0, 1, 1), (0.1, 0, 0, 1, 1))
    assert counter(monkeypatch, folder, detector)(jpeg(red)) == 2
    assert detector.blob.shape == (1, 3, 300, 300)
    (faces,) = classifier.batches
    assert faces.shape == (2, 224, 224, 3)
    # RGB, -1 to 1: the first face is pure red, the second, cut off at the picture's edge, black.
    assert faces[0, 100, 100] == pytest.approx([1, -1, -1], abs=0.05)
    assert faces[1].max() == pytest.approx(-1, abs=0.1)


def test_without_a_face_nothing_is_classified(monkeypatch, folder: Path, classifier: Classifier):
    assert counter(monkeypatch, folder, Detector((0.2, 0, 0, 1, 1)))(camera_jpeg()) == 0
    assert not classifier.batches


@pytest.mark.parametrize("gone", FILES)
def test_missing_weights_say_where_they_are_looked_for(folder: Path, gone: str):
    (folder / gone).unlink()
    with pytest.raises(PeersMissingError, match=f"{FILES[0]} and its .pbtxt are missing: name their folder with --pe"):
        usual_path(folder)


@pytest.mark.data
@pytest.mark.parametrize("faces", FACES)
def test_the_real_one_sees_the_benchmarks_faces(classifier: Classifier, faces: int):
    if not (SHARED / FILES[0]).is_file():
        pytest.skip("the peers' weights (shared/peers) do not lie beside the repository")
    assert usual_path(SHARED)(camera_jpeg(faces)) == faces
