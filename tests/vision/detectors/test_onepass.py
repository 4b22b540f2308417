"""From a picture to the network's input, and from its answers to faces."""

from __future__ import annotations

import numpy as np
import pytest

from server.vision.classifiers.card import Preprocessing, SecondLookInfo
from server.vision.detectors.onepass import Onepass, cells, fitted, softmax
from server.vision.detectors.second_look import SecondLook
from server.vision.messages import Box

PLAIN = Preprocessing(crop_margin=1, scale=1 / 127.5, offset=-1)
LABELS = ("with_mask", "without_mask", "incorrect")


def answering(*faces: tuple[Box, float, tuple[float, float, float]], inputs: list | None = None):
    """A network that finds these faces, in pixels of its input, each in its nearest cell of every stride."""

    def network(picture: np.ndarray) -> np.ndarray:
        if inputs is not None:
            inputs.append(picture)
        where = cells(*picture.shape[:2])
        answers = np.full((len(where), 8), -9.0, np.float32)
        answers[:, :4] = 0
        for box, score, logits in faces:
            middle = (box.x + box.width / 2, box.y + box.height / 2)
            for stride in (8, 16, 32):
                near = np.flatnonzero(where[:, 2] == stride)
                cell = near[np.argmin(np.abs(where[near, :2] - middle).sum(axis=1))]
                x, y = where[cell, :2]
                edges = (x - box.x, y - box.y, box.x + box.width - x, box.y + box.height - y)
                answers[cell, :4] = np.log(np.array(edges) / stride)
                answers[cell, 4] = np.log(score / (1 - score))
                answers[cell, 5:] = logits
        return answers

    return network


def test_boxes_come_back_in_pixels_of_the_picture():
    image = np.zeros((480, 640, 3), np.uint8)
    (face,) = Onepass(answering((Box(60, 90, 60, 72), 0.9, (3, 0, 0))), LABELS, 384, PLAIN).detect(image, 0.5)
    assert (face.box.x, face.box.y) == pytest.approx((100, 150), abs=0.01)
    assert (face.box.width, face.box.height) == pytest.approx((100, 120), abs=0.01)
    assert face.score == pytest.approx(0.9)
    assert face.probabilities is not None
    assert list(face.probabilities.values()) == pytest.approx(softmax(np.array([3, 0, 0], np.float32)).tolist())


def test_many_answers_to_one_face_become_one_and_faces_side_by_side_stay_apart():
    network = answering((Box(40, 90, 50, 50), 0.9, (3, 0, 0)), (Box(120, 90, 50, 50), 0.7, (0, 3, 0)))
    faces = Onepass(network, LABELS, 384, PLAIN).detect(np.zeros((480, 640, 3), np.uint8), 0.5)
    assert sorted(face.score for face in faces) == pytest.approx([0.7, 0.9])
    assert Onepass(network, LABELS, 384, PLAIN).detect(np.zeros((480, 640, 3), np.uint8), 0.95) == []


def test_a_face_found_at_two_sizes_is_one():
    mouth = Box(64, 120, 32, 32)  # an eighth of the union with the face
    for small, large in ((0.7, 0.9), (0.9, 0.7)):
        network = answering((Box(40, 60, 90, 100), large, (3, 0, 0)), (mouth, small, (0, 3, 0)))
        (face,) = Onepass(network, LABELS, 384, PLAIN).detect(np.zeros((288, 384, 3), np.uint8), 0.5)
        assert face.score == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("shape", "sides", "inner"),
    [
        ((480, 640), (288, 384), (288, 384)),
        ((640, 480), (384, 288), (384, 288)),
        ((720, 1280), (256, 416), (234, 416)),
        ((100, 400), (160, 640), (160, 640)),
        ((50, 50), (320, 320), (320, 320)),
        ((1, 900), (32, 768), (1, 768)),
    ],
)
def test_a_picture_is_fitted_whatever_its_form_and_never_stretched(shape, sides, inner):
    image = np.full((*shape, 3), 200, np.uint8)
    picture, scale = fitted(image, 384)
    assert picture.shape == (*sides, 3)
    assert sides[0] * sides[1] <= 384 * 288
    assert scale == pytest.approx(min(inner[0] / shape[0], inner[1] / shape[1]), rel=0.02)
    assert (picture[: inner[0], : inner[1]] == 200).all()
    assert (picture[inner[0] :] == 127).all()
    assert (picture[:, inner[1] :] == 127).all()


def test_labels_are_averaged_over_what_is_merged():
    def network(picture: np.ndarray) -> np.ndarray:
        answers = answering((Box(40, 90, 64, 64), 0.8, (0, 0, 0)))(picture)
        found = np.flatnonzero(answers[:, 4] > 0)
        answers[found[0], 5:] = (9, 0, 0)
        answers[found[1:], 5:] = (0, 9, 0)
        return answers

    (face,) = Onepass(network, LABELS, 384, PLAIN).detect(np.zeros((480, 640, 3), np.uint8), 0.5)
    assert face.probabilities is not None
    assert face.probabilities["with_mask"] == pytest.approx(1 / 3, abs=0.01)
    assert face.probabilities["without_mask"] == pytest.approx(2 / 3, abs=0.01)


def test_a_second_look_takes_away_what_is_no_face_and_keeps_what_would_have_been_too_unsure():
    image = np.zeros((288, 384, 3), np.uint8)
    image[:, 192:] = 255
    network = answering(
        (Box(40, 90, 50, 50), 0.6, (3, 0, 0)),
        (Box(250, 90, 50, 50), 0.4, (0, 3, 0)),
        (Box(40, 200, 50, 50), 0.8, (0, 0, 3)),
    )
    info = SecondLookInfo(below=0.7, input_size=64, preprocessing=PLAIN, sha256="0" * 64)
    look = SecondLook(info, lambda seen: float(seen.mean() > 0))
    faces = Onepass(network, LABELS, 384, PLAIN, look).detect(image, 0.5)
    assert [face.score for face in faces] == pytest.approx([0.8, 0.4**0.5])
    assert [face.box.x for face in faces] == pytest.approx([40, 250], abs=0.01)
