"""Training pictures show faces where they say that faces are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from server.training.dataset import read_faces, split_rows
from server.training.made_up import write_made_up, write_scenes
from server.training.onepass import pictures, recipe, sources
from server.training.onepass.targets import Truth, clipped
from server.training.scenes import read_scenes

RECIPE = recipe.load("onepass")
PLAIN = RECIPE.model_copy(
    update={
        "augmentation": RECIPE.augmentation.model_copy(update={"rotation": 0, "occluder": 0}),
        "pictures": RECIPE.pictures.model_copy(update={"cut_off": 0, "behind": 0}),
    }
)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> sources.Sources:
    folder = write_scenes(write_made_up(tmp_path_factory.mktemp("made-up"), 24), 4)
    scenes = sources.of_scenes(read_scenes(folder / "scenes" / "train.json"), folder / "scenes", RECIPE.labels)
    windows = sources.of_faces(split_rows(read_faces(folder), "train"), RECIPE.labels)
    return sources.Sources(scenes, windows, 3, 0.5)


@pytest.mark.parametrize("draw", [pictures.cut_of_scene, pictures.mosaic, pictures.collage])
def test_boxes_lie_on_faces(known: sources.Sources, draw):
    seen = 0
    for seed in range(6):
        picture, truth = draw(known, PLAIN, 288, 384, np.random.default_rng(seed))
        assert picture.shape == (288, 384, 3)
        assert len(truth.labels) == len(truth.boxes)
        assert (truth.boxes >= 0).all()
        assert (truth.boxes <= (384, 288, 384, 288)).all()
        for left, top, right, bottom in truth.boxes:
            if right - left < 20 or not (0.7 < (right - left) / (bottom - top) < 1.4):
                continue
            # A drawn face: its eyes are the darkest there, a little above the middle.
            face = picture[round(top) : round(bottom), round(left) : round(right)].min(axis=2)
            face = cv2.GaussianBlur(cv2.resize(face, (64, 64), interpolation=cv2.INTER_AREA), (0, 0), 1.5)
            row = int(np.argmin(face[10:44, 8:56].min(axis=1))) + 10
            assert 14 <= row <= 40
            seen += 1
    assert seen > 6


@pytest.mark.parametrize("draw", [pictures.cut_of_scene, pictures.collage])
def test_near_faces_fill_a_third_of_the_height_and_more(known: sources.Sources, draw):
    near = PLAIN.model_copy(update={"pictures": PLAIN.pictures.model_copy(update={"near": 1.0})})
    largest = []
    for seed in range(12):
        _, truth = draw(known, near, 288, 384, np.random.default_rng(seed))
        sides = truth.boxes[:, 2:] - truth.boxes[:, :2]
        width, height = sides[sides.max(axis=1).argmax()]
        assert 0.7 < width / height < 1.4  # it lies whole in the picture
        largest.append(height)
    # The drawn faces have 60 px, and none is enlarged more than three times.
    assert min(largest) > 0.75 * 288 / 3
    assert max(largest) > 0.55 * 288


@pytest.mark.parametrize("face", [0, 1])
def test_a_hand_before_a_face_of_a_scene_covers_that_face_alone(face: int):
    scene = np.full((120, 200, 3), 180, np.uint8)
    # One of them stands at the picture's edge.
    truth = Truth(np.array([[2, 0, 42, 44], [120, 40, 160, 84]], np.float32), [1, 1], np.zeros((0, 4), np.float32))
    drawn = pictures.occluded(scene, truth, face, RECIPE, np.random.default_rng(1))
    assert (scene == 180).all()
    changed = (drawn != scene).any(axis=2)
    left, top, right, bottom = truth.boxes[face].astype(int)
    assert changed[(top + bottom) // 2 : bottom, left:right].mean() > 0.3
    other = truth.boxes[1 - face].astype(int)
    assert not changed[other[1] : other[3], other[0] : other[2]].any()


def test_a_picture_depends_on_its_seed_alone(known: sources.Sources):
    first, second, other = (
        pictures.training_picture(known, RECIPE, 288, 384, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert (first[0] == second[0]).all()
    assert (first[1].boxes == second[1].boxes).all()
    assert not np.array_equal(first[0], other[0])


def test_placed_keeps_every_point_at_its_place():
    image = np.zeros((50, 60, 3), np.uint8)
    image[20:30, 10:20] = 255
    box = np.array([[10, 20, 20, 30]], np.float32)
    for scale in (0.5, 1, 2.5):
        picture, truth = pictures.placed(image, Truth(box, [0], box[:0]), scale, (7, -5), 100, 120)
        rows, columns = np.nonzero(picture[..., 0] > 200)
        left, top, right, bottom = truth.boxes[0]
        assert [columns.min(), rows.min()] == pytest.approx([left, top], abs=1)
        assert [columns.max() + 1, rows.max() + 1] == pytest.approx([right, bottom], abs=1)


def test_a_face_cut_in_half_or_too_small_is_not_learned_and_not_denied():
    boxes = np.array([[-30, 0, 10, 40], [50, 50, 90, 90], [10, 60, 16, 66]], np.float32)
    cut = clipped(Truth(boxes, [0, 1, 2], boxes[:0]), 100, 100)
    assert cut.labels == [1, 2]
    assert cut.ignored.tolist() == [[0, 0, 10, 40]]
    small = pictures.learnable(cut, 9)
    assert small.labels == [1]
    assert len(small.ignored) == 2


def test_turned_takes_the_boxes_along():
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[20:30, 60:70] = 255
    box = np.array([[60, 20, 70, 30]], np.float32)
    after, truth = pictures.turned(picture, Truth(box, [0], box[:0]), 20)
    rows, columns = np.nonzero(after[..., 0] > 200)
    assert [columns.mean() + 0.5, rows.mean() + 0.5] == pytest.approx(
        (truth.boxes[0, :2] + truth.boxes[0, 2:]) / 2, abs=0.7
    )


def test_a_face_is_drawn_that_is_large_enough_if_there_is_one():
    boxes = np.array([[0, 0, 9, 9], [0, 0, 50, 40]], np.float32)
    scene = sources.Source("", Truth(boxes, [0, 0], np.zeros((0, 4), np.float32)))
    drawn = sources.Sources([scene], [scene], 3, 0.5)
    rng = np.random.default_rng(0)
    of_any_size = [drawn.scene(rng)[1] for _ in range(200)]
    assert 60 < sum(of_any_size) < 140
    assert sum(drawn.scene(rng, 45)[1] for _ in range(200)) > 190
    assert {drawn.scene(rng, 60)[1] for _ in range(50)} == {0, 1}  # none is: any of them


def test_rare_labels_are_drawn_more_often():
    def source(label: int) -> sources.Source:
        return sources.Source("", Truth(np.array([[0, 0, 1, 1]], np.float32), [label], np.zeros((0, 4), np.float32)))

    many = [source(0)] * 90 + [source(2)] * 10
    rng = np.random.default_rng(0)
    for balance, share in ((0, 0.1), (0.5, 0.25), (1, 0.5)):
        drawn = sources.Sources(many, many, 3, balance)
        labels = [drawn.window(rng).truth.labels[0] for _ in range(2000)]
        assert np.mean(np.array(labels) == 2) == pytest.approx(share, abs=0.03)
