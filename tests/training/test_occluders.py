"""Hands, cups and scarves: over bare mouths, beside masks, and telling nothing by themselves."""

from __future__ import annotations

import numpy as np
import pytest

from server.training import augmentation, occluders
from server.training.augmentation import augmented_crop
from server.training.occluders import draw_occluder, skin_colour
from server.training.portrait import FACE, LANDMARKS, masked_portrait, portrait
from server.training.recipes import Augmentation, load
from server.vision.messages import LABELS, Box, Image

MOUTH = np.mean(LANDMARKS[3:], axis=0).astype(int)
ROUNDS = 60


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def changed(image: Image, *, over_mouth: bool, seed: int, least: int = 60) -> np.ndarray:
    """Where a drawing changes a picture clearly: bool (height, width)."""
    drawn = draw_occluder(image, FACE, over_mouth=over_mouth, rng=rng(seed))
    return np.abs(drawn.astype(int) - image).sum(axis=2) > least


def shares(image: Image, *, over_mouth: bool) -> np.ndarray:
    """The share of the lower face that each of many drawings covers."""
    left, top = int(FACE.x + 0.2 * FACE.width), int(FACE.y + 0.55 * FACE.height)
    lower = (slice(top, int(FACE.y + FACE.height)), slice(left, int(FACE.x + 0.8 * FACE.width)))
    return np.array([changed(image, over_mouth=over_mouth, seed=seed)[lower].mean() for seed in range(ROUNDS)])


def test_over_the_mouth_much_of_the_lower_face_goes_and_elsewhere_it_stays():
    over, beside = shares(portrait(), over_mouth=True), shares(portrait(), over_mouth=False)
    assert np.median(over) > 0.4
    assert np.median(beside) < 0.15
    assert (beside < 0.6).all()


def test_beside_a_mask_enough_of_it_is_left_to_be_seen():
    assert (shares(masked_portrait(), over_mouth=False) < 0.5).mean() > 0.9


@pytest.mark.parametrize(("label", "over_mouth"), [("without_mask", True), ("with_mask", False), ("incorrect", False)])
def test_only_bare_faces_are_covered_at_the_mouth(monkeypatch, label: str, over_mouth: bool):
    asked = []

    def noted(window, box, *, over_mouth, rng):
        asked.append(over_mouth)
        return window

    monkeypatch.setattr(augmentation, "draw_occluder", noted)
    for seed in range(10):
        augmented_crop(portrait(), FACE, label, 1.3, 64, Augmentation(occluder=1), rng(seed))
    assert asked == [over_mouth] * 10


def test_every_class_is_drawn_on_as_often(monkeypatch):
    """Were one class drawn on more often, the drawing itself would be learned as its mark."""
    drawn = dict.fromkeys(LABELS, 0)
    how = load("mobilenetv2").augmentation
    for label in LABELS:

        def counted(window, box, *, over_mouth, rng, label=label):
            drawn[label] += 1
            return window

        monkeypatch.setattr(augmentation, "draw_occluder", counted)
        for seed in range(40):
            augmented_crop(portrait()[:200, 100:300], FACE, label, 1.3, 32, how, rng(seed))
    assert len(set(drawn.values())) == 1
    assert 0 < drawn["with_mask"] < 40


def kinds(monkeypatch: pytest.MonkeyPatch, *, over_mouth: bool) -> set[str]:
    """The kinds of shapes drawn in many rounds."""
    seen: set[str] = set()

    def noting(name: str, shape):
        def drawn(*arguments):
            seen.add(name)
            return shape(*arguments)

        return drawn

    shapes = {name: noting(name, shape) for name, shape in occluders._SHAPES.items()}
    with monkeypatch.context() as patch:
        patch.setattr(occluders, "_SHAPES", shapes)
        for seed in range(ROUNDS):
            draw_occluder(portrait()[:220, 100:320], Box(78, 66, 95, 112), over_mouth=over_mouth, rng=rng(seed))
    return seen


def test_all_kinds_come_over_mouths_and_all_but_scarves_elsewhere(monkeypatch):
    assert kinds(monkeypatch, over_mouth=True) == {"hand", "fist", "cup", "phone", "scarf"}
    assert kinds(monkeypatch, over_mouth=False) == {"hand", "fist", "cup", "phone"}


@pytest.mark.parametrize("kind", sorted(occluders._SHAPES))
def test_every_shape_lies_where_it_is_put_and_grows_with_the_face(kind: str):
    def areas(size: float) -> list[int]:
        masks = [occluders._SHAPES[kind]((400, 400), np.array([200.0, 200.0]), size, rng(seed)) for seed in range(20)]
        for mask in masks:
            assert mask.shape == (400, 400)
            assert mask.dtype == np.uint8
            assert mask[170:231, 170:231].max() == 255, "it covers the place"
            assert (mask == 0).any(), "and leaves the picture's rest"
        return [int((mask > 127).sum()) for mask in masks]

    assert np.median(areas(100)) > 2.5 * np.median(areas(50))


def test_the_face_above_a_covered_mouth_stays_to_be_seen():
    eyes = np.mean(LANDMARKS[:2], axis=0).astype(int)
    hidden = [
        changed(portrait(), over_mouth=True, seed=seed)[eyes[1] - 5 : eyes[1] + 6, FACE_LEFT:FACE_RIGHT].mean()
        for seed in range(ROUNDS)
    ]
    assert np.mean(np.array(hidden) > 0.6) < 0.2


FACE_LEFT, FACE_RIGHT = int(FACE.x + 0.1 * FACE.width), int(FACE.x + 0.9 * FACE.width)


def test_the_same_seed_draws_the_same():
    first, second = (draw_occluder(portrait(), FACE, over_mouth=True, rng=rng(4)) for _ in range(2))
    assert (first == second).all()


def test_no_two_are_alike():
    masks = [changed(portrait(), over_mouth=True, seed=seed).tobytes() for seed in range(20)]
    assert len(set(masks)) == 20


@pytest.mark.parametrize("tone", [(60, 40, 30), (150, 110, 90), (230, 190, 170)])
def test_skin_is_the_faces_own_at_every_tone(tone: tuple[int, int, int]):
    window = np.zeros((100, 100, 3), np.uint8)
    window[20:80, 20:80] = tone
    window[38:42, 30:70] = 5  # brows and eyes
    for seed in range(10):
        assert skin_colour(window, Box(20, 20, 60, 60), rng(seed)) == pytest.approx(np.array(tone), rel=0.35)


def test_where_no_skin_is_seen_any_tone_will_do():
    colour = skin_colour(np.zeros((50, 50, 3), np.uint8), Box(400, 400, 20, 20), rng(0))
    assert colour.shape == (3,)
    assert ((colour >= 0) & (colour <= 255)).all()


@pytest.mark.parametrize("shape", [(8, 8), (1, 30), (30, 1), (300, 20)])
def test_windows_of_any_shape(shape: tuple[int, int]):
    for seed in range(6):
        drawn = draw_occluder(np.full((*shape, 3), 90, np.uint8), Box(0, 0, 20, 20), over_mouth=True, rng=rng(seed))
        assert drawn.shape == (*shape, 3)
