from __future__ import annotations

import cv2
import numpy as np
import pytest

from server.training.portrait import portrait
from server.vision.detectors import haar


def test_scores_keep_the_order_of_the_votes() -> None:
    votes = [-1e9, -3.0, 0.0, 3.0, 6.0, 1e9]
    scores = [haar.score_of(vote) for vote in votes]
    assert scores == sorted(scores)
    assert len(set(scores)) == len(scores)
    assert scores[3] == 0.5
    assert (scores[0], scores[-1]) == (pytest.approx(0), pytest.approx(1))


def test_an_opencv_without_cascades_is_named_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cv2, "data")  # as in OpenCV 5
    with pytest.raises(
        FileNotFoundError, match=r"haarcascade_frontalface_default\.xml; install opencv-python-headless"
    ):
        haar.load("frontalface_default")


def test_large_pictures_are_shrunk_before_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = haar.load("frontalface_default")
    searched = []

    class Cascade:
        def detectMultiScale3(self, grey: np.ndarray, **_: object) -> tuple[list, list, list]:  # noqa: N802 - OpenCV's
            searched.append(grey.shape)
            return [(10, 20, 30, 40)], [25], [5.0]

    monkeypatch.setattr(detector, "_cascade", Cascade())
    (face,) = detector.detect(cv2.resize(portrait(), (2560, 1280)), 0.5)
    assert searched == [(640, 1280)]
    assert (face.box.x, face.box.y, face.box.width, face.box.height) == (20, 40, 60, 80)
