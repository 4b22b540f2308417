from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from server.training.peers import PeersMissingError
from server.training.portrait import portrait
from server.training.scene_finders import NO_CLASSIFIER, detector_info, finder, load, naming
from server.vision.detectors import UnknownDetector, infos


@pytest.fixture(scope="module")
def crowd() -> bytes:
    """The portrait in two sizes, and noise that looks a little like faces here and there."""
    picture = np.random.default_rng(0).integers(0, 256, (768, 768, 3), np.uint8)
    picture = cv2.GaussianBlur(picture, (0, 0), 6)
    for place, side in ((0, 512), (512, 256)):
        picture[place : place + side, place : place + side] = cv2.resize(portrait(), (side, side))
    return cv2.imencode(".jpg", picture[..., ::-1])[1].tobytes()


@pytest.mark.parametrize("detector", [info.name for info in infos()])
def test_searching_lower_leaves_what_lies_above(crowd: bytes, detector: str) -> None:
    """So one search serves average precision, any threshold, and the figures at the working one."""
    info = detector_info(detector, Path())
    working = info.min_score
    high, low = (finder(info, NO_CLASSIFIER, least, Path(), Path())(crowd) for least in (working, 0.005))
    assert [find for find in low if find.score >= working] == high
    assert high
    assert len(low) > len(high) or detector == "haar"


def test_a_peer_that_names_faces_needs_no_classifier() -> None:
    aizoo, ssd, haar = (detector_info(name, Path()) for name in ("peer:aizoo", "peer:ssd", "haar"))
    assert naming(aizoo, "vgg16") == naming(aizoo, None) == "own"
    assert naming(aizoo, NO_CLASSIFIER) == NO_CLASSIFIER
    assert naming(ssd, "vgg16") == naming(haar, "vgg16") == "vgg16"
    assert naming(ssd, None) == naming(haar, None) == "mobilenetv2"


def test_whose_detector_a_name_is(tmp_path: Path) -> None:
    haar = load(detector_info("haar", tmp_path), tmp_path, tmp_path)
    assert haar.detect(np.zeros((480, 640, 3), np.uint8), 0.3) == []
    with pytest.raises(PeersMissingError, match="name their folder with --peers"):
        load(detector_info("peer:aizoo", tmp_path), tmp_path, tmp_path)


def test_peers_are_none_of_the_detectors_that_serve() -> None:
    assert detector_info("peer:ssd", Path()).name == "peer:ssd"
    assert not [info for info in infos() if info.name.startswith("peer:")]
    with pytest.raises(UnknownDetector, match="no peer is called 'peer:yolo'; there are peer:ssd, peer:aizoo"):
        detector_info("peer:yolo", Path())
