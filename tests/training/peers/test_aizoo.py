from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from server.training.peers import PeersMissingError
from server.training.peers.aizoo import anchors, decode, load
from server.training.portrait import FACE, masked_portrait, portrait

SHARED = Path(__file__).parents[4] / "shared" / "peers"
MIDDLE = 4 * (33 * 33 + 17 * 17) + 4 * (4 * 9 + 4)
"""The first anchor of the middle cell of the grid of 9: square, .16 of the picture."""


def outputs(**scores: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Offsets of 0, and scores of 0 but for the anchors named a<offset from MIDDLE>."""
    offsets, all_scores = np.zeros((5972, 4), np.float32), np.zeros((5972, 2), np.float32)
    for name, score in scores.items():
        all_scores[MIDDLE + int(name[1:])] = score
    return offsets, all_scores


def test_the_anchors_are_those_that_the_network_was_trained_with() -> None:
    assert anchors().shape == (5972, 4)
    assert anchors()[0] == pytest.approx([0.5 / 33, 0.5 / 33, 0.04, 0.04])
    assert anchors()[4] == pytest.approx([1.5 / 33, 0.5 / 33, 0.04, 0.04])
    assert anchors()[MIDDLE + 1] == pytest.approx([0.5, 0.5, 0.22, 0.22])
    assert anchors()[MIDDLE + 2] == pytest.approx([0.5, 0.5, 0.12598, 0.20320], abs=1e-5)
    assert anchors()[MIDDLE + 3] == pytest.approx([0.5, 0.5, 0.10369, 0.24689], abs=1e-5)


def test_an_anchor_is_moved_and_stretched() -> None:
    offsets, scores = outputs(a0=(0.2, 0.6))
    offsets[MIDDLE] = [5, -2.5, 5 * np.log(2), 0]
    (face,) = decode(offsets, scores, 200, 100, 0.5)
    # The middle moves by 5 x .1 x .16 to the right and 2.5 x .1 x .16 up; the width is doubled.
    box = face.box
    assert (box.x, box.y, box.width, box.height) == pytest.approx((0.42 * 200, 0.38 * 100, 0.32 * 200, 0.16 * 100))
    assert face.score == pytest.approx(0.6)
    assert face.probabilities == {"with_mask": pytest.approx(0.25), "without_mask": pytest.approx(0.75)}


def test_of_overlapping_faces_the_surest_stays_whatever_its_label() -> None:
    offsets, scores = outputs(a0=(0.9, 0), a1=(0, 0.8), a8=(0, 0.7))  # a8: two cells to the right
    faces = decode(offsets, scores, 100, 100, 0.5)
    assert [face.score for face in faces] == pytest.approx([0.9, 0.7])


def test_low_scores_are_left_out() -> None:
    assert decode(*outputs(a0=(0.4, 0.3)), 100, 100, 0.5) == []
    assert len(decode(*outputs(a0=(0.4, 0.3)), 100, 100, 0.4)) == 1


def test_missing_weights_say_where_they_are_looked_for(tmp_path: Path) -> None:
    with pytest.raises(PeersMissingError, match=r"aizoo_face_mask_detection\.tflite is missing: name their folder"):
        load(tmp_path)


@pytest.mark.data
def test_the_real_one_sees_a_face_and_its_mask() -> None:
    if not (SHARED / "aizoo_face_mask_detection.tflite").is_file():
        pytest.skip("the peers' weights (shared/peers) do not lie beside the repository")
    network = load(SHARED)
    for picture, label in ((portrait(), "without_mask"), (masked_portrait(), "with_mask")):
        (face,) = network.detect(picture, 0.5)
        assert face.box.iou(FACE) > 0.5
        assert face.probabilities is not None
        assert face.probabilities[label] > 0.5
