"""Near-copies are joined, strangers are not, and no group crosses a split."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from server.training.made_up import FACE_PX, WINDOW_PX, drawn_face
from server.training.own.near_copies import contradictions, fingerprints, groups, split
from server.training.own.windows import window
from server.training.portrait import FACE, masked_portrait, portrait
from server.vision.messages import Box, Image
from tests.training.own.conftest import scene

DRAWN = Box((WINDOW_PX - FACE_PX) / 2, (WINDOW_PX - FACE_PX) / 2, FACE_PX, FACE_PX)


def stranger(number: int) -> np.ndarray:
    """The fingerprints of a drawn face before a background of its own."""
    rng = np.random.default_rng(number)
    return fingerprints(*window(drawn_face("with_mask", rng, scene(number, WINDOW_PX, WINDOW_PX)), DRAWN))


def of_portrait(image: Image, box: Box = FACE) -> np.ndarray:
    return fingerprints(*window(image, box))


def half() -> np.ndarray:
    return of_portrait(
        cv2.resize(portrait(), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), FACE.scaled(0.5, 0.5)
    )


def compressed() -> np.ndarray:
    return of_portrait(
        cv2.imdecode(cv2.imencode(".jpg", portrait(), [cv2.IMWRITE_JPEG_QUALITY, 30])[1], cv2.IMREAD_COLOR)
    )


def mirrored() -> np.ndarray:
    image = np.ascontiguousarray(portrait()[:, ::-1])
    return of_portrait(image, Box(image.shape[1] - FACE.x - FACE.width, FACE.y, FACE.width, FACE.height))


def brighter() -> np.ndarray:
    return of_portrait(np.clip(portrait() * 1.3, 0, 255).astype(np.uint8))


def found_a_little_beside() -> np.ndarray:
    return of_portrait(portrait(), Box(FACE.x + 2, FACE.y - 2, FACE.width, FACE.height + 2))


@pytest.mark.parametrize("copy", [half, compressed, mirrored, brighter, found_a_little_beside])
def test_a_near_copy_is_in_the_group(copy: Callable[[], np.ndarray]):
    prints = np.stack([of_portrait(portrait()), stranger(1), copy(), stranger(2)])
    first, other, second, another = groups(prints)
    assert first == second
    assert len({first, other, another}) == 3


@pytest.mark.parametrize("copy", [compressed, mirrored, brighter])
def test_the_same_picture_with_another_label_is_a_contradiction(copy: Callable[[], np.ndarray]):
    prints = np.stack([of_portrait(portrait()), stranger(1), copy(), stranger(2)])
    assert contradictions(prints, ["with_mask", "with_mask", "incorrect", "incorrect"]) == [(0, 2)]
    assert contradictions(prints, ["with_mask", "incorrect", "with_mask", "incorrect"]) == []


def test_the_same_person_with_and_without_a_mask_is_one_scene_and_no_contradiction():
    prints = np.stack([of_portrait(portrait()), of_portrait(masked_portrait())])
    assert len(set(groups(prints))) == 1
    assert contradictions(prints, ["without_mask", "with_mask"]) == []


def test_near_copies_of_near_copies_are_joined():
    prints = np.stack([scene_print(bits) for bits in (0, 60, 120, 240)])
    assert groups(prints).tolist() == [0, 0, 0, 1]


def scene_print(bits: int) -> np.ndarray:
    """Fingerprints of which the first so many bits are set, the mirror image's all the others."""
    prints = np.zeros((4, 256), np.float32)
    prints[::2, :bits] = 1
    prints[1::2, 1::2] = 1
    return prints


def test_splits_keep_groups_whole_and_labels_even():
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(200), rng.integers(1, 4, 200))
    labels = np.where(rng.random(200) < 0.3, "with_mask", "without_mask")[group]
    chosen = split(labels, group)
    assert all(len(set(chosen[group == number])) == 1 for number in range(200))
    for label in ("with_mask", "without_mask"):
        shares = {name: (chosen[labels == label] == name).mean() for name in ("train", "val", "test")}
        assert shares == {"train": pytest.approx(0.714, abs=0.05)} | dict.fromkeys(
            ("val", "test"), pytest.approx(0.143, abs=0.05)
        )
    assert (chosen == split(labels, group)).all()
    assert (chosen != split(labels, group, seed=2)).any()


def test_one_huge_group_is_learned_from():
    """Half an hour of film of one person, and nine others."""
    group = np.array([0] * 200 + list(range(1, 10)) + list(range(10, 60)))
    labels = np.array(["with_mask"] * 209 + ["without_mask"] * 50)
    chosen = split(labels, group)
    assert set(chosen[:200]) == {"train"}
    for name in ("val", "test"):
        assert set(labels[chosen == name]) == {"with_mask", "without_mask"}
