"""Varied crops, and shapes drawn over mouths."""

from __future__ import annotations

import numpy as np
import pytest

from server.training.augmentation import augmented_crop, reframe
from server.training.occluders import draw_occluder, skin_colour
from server.training.portrait import FACE, LANDMARKS, portrait
from server.training.recipes import Augmentation, load
from server.vision.classifiers.preprocessing import crop_face
from server.vision.messages import Box

MOUTH = np.mean(LANDMARKS[3:], axis=0).astype(int)
STILL = Augmentation()


def test_without_any_variation_the_crop_is_the_serving_crop():
    crop = augmented_crop(portrait(), FACE, "without_mask", 1.3, 96, STILL, np.random.default_rng(0))
    assert (crop == crop_face(portrait(), FACE, 1.3, 96)).all()


@pytest.mark.parametrize("name", sorted(Augmentation.model_fields))
def test_every_variation_changes_the_picture(name: str):
    how = Augmentation(**{name: 1})
    crop = augmented_crop(portrait(), FACE, "without_mask", 1.3, 96, how, np.random.default_rng(3))
    plain = crop_face(portrait(), FACE, 1.3, 96)
    assert crop.shape == plain.shape
    assert crop.dtype == np.uint8
    assert np.abs(crop.astype(int) - plain).mean() > 1


def test_the_same_seed_gives_the_same_picture():
    how = load("mobilenetv2").augmentation
    first, second = (
        augmented_crop(portrait(), FACE, "with_mask", 1.3, 96, how, np.random.default_rng(5)) for _ in range(2)
    )
    assert (first == second).all()


def test_reframing_stays_within_its_bounds():
    how = Augmentation(framing_scale=0.2, framing_shift=0.1)
    box, rng = Box(100, 100, 80, 100), np.random.default_rng(0)
    for _ in range(200):
        moved = reframe(box, how, rng)
        assert 80 * np.exp(-0.2) <= moved.width <= 80 * np.exp(0.2)
        assert abs(moved.x + moved.width / 2 - 140) <= 10 + 1e-9
        assert abs(moved.y + moved.height / 2 - 150) <= 10 + 1e-9


def test_a_shape_over_the_mouth_covers_it_and_leaves_the_picture_alone():
    image = portrait()
    covered = 0
    for seed in range(40):
        drawn = draw_occluder(image, FACE, over_mouth=True, rng=np.random.default_rng(seed))
        difference = np.abs(drawn.astype(int) - image).sum(axis=2) > 20
        covered += difference[MOUTH[1] - 8 : MOUTH[1] + 9, MOUTH[0] - 12 : MOUTH[0] + 13].mean() > 0.5
    assert covered >= 32
    assert (image == portrait()).all()


def test_beside_a_mask_the_mouth_stays_free():
    image = portrait()
    free = 0
    for seed in range(40):
        drawn = draw_occluder(image, FACE, over_mouth=False, rng=np.random.default_rng(seed))
        difference = np.abs(drawn.astype(int) - image).sum(axis=2) > 40
        free += difference[MOUTH[1] - 8 : MOUTH[1] + 9, MOUTH[0] - 12 : MOUTH[0] + 13].mean() < 0.5
        assert difference.any()
    assert free >= 32


def test_hands_take_the_faces_own_skin():
    colour = skin_colour(portrait(), FACE, np.random.default_rng(0))
    assert colour[0] > colour[2], "the portrait's skin is more red than blue"


@pytest.mark.parametrize("box", [Box(-500, -500, 40, 40), Box(0, 0, 3, 3)])
def test_a_box_outside_or_tiny_does_not_break_the_drawing(box: Box):
    for seed in range(10):
        assert draw_occluder(portrait(), box, over_mouth=True, rng=np.random.default_rng(seed)).dtype == np.uint8
