"""Batches: every face in its place, and fed to the network exactly as serving feeds it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image as Pictures

from server.training import batches as batches_module
from server.training import recipes
from server.training.batches import PlainBatches, TrainingBatches, one_hot, prior_shift
from server.training.dataset import box_of, read_faces, read_window, split_rows
from server.training.portrait import portrait
from server.vision.classifiers.litert import LiteRTClassifier
from server.vision.frame import decode
from server.vision.messages import LABELS

RECIPE = recipes.load("mobilenetv2").model_copy(update={"input_size": 48, "batch_size": 4})
STILL = RECIPE.model_copy(update={"augmentation": recipes.Augmentation()})


@pytest.fixture
def rows(made_up_faces: Path) -> pd.DataFrame:
    return split_rows(read_faces(made_up_faces), "train")


class Listening(LiteRTClassifier):
    """Serving's classifier, with a network that only notes what it is fed."""

    def __init__(self, recipe: recipes.Recipe) -> None:
        self.card = SimpleNamespace(
            labels=recipe.labels, preprocessing=recipe.preprocessing, input_size=recipe.input_size
        )
        self.fed: list[np.ndarray] = []

    def run(self, face: np.ndarray) -> np.ndarray:
        self.fed.append(face)
        return np.full(3, 1 / 3, np.float32)


def served(paths: list[str], rows: pd.DataFrame) -> np.ndarray:
    """What the network is fed when these files are sent to the server."""
    classifier = Listening(RECIPE)
    for path, row in zip(paths, rows.itertuples(), strict=True):
        classifier.classify(decode(Path(path).read_bytes()), [box_of(row)])
    return np.stack(classifier.fed)


def test_plain_batches_hold_every_face_once_in_order(rows: pd.DataFrame):
    batches = PlainBatches(rows, RECIPE, batch_size=8)
    parts = [batches[index] for index in range(len(batches))]
    assert [len(inputs) for inputs, _targets in parts] == [8, 8, 5]
    assert (np.concatenate([targets for _inputs, targets in parts]) == one_hot(rows, RECIPE.labels)).all()


def test_training_and_serving_feed_the_network_alike(rows: pd.DataFrame):
    """From the file's bytes to the last bit of the network's input: scoring, training and serving agree."""
    expected = served(list(rows.path), rows)
    (scored, _targets) = PlainBatches(rows, RECIPE)[0]
    assert scored.dtype == expected.dtype == np.float32
    assert (scored == expected).all()

    batches = TrainingBatches(rows, STILL, seed=0)
    order = batches._order()
    trained = np.concatenate([batches[index][0] for index in range(len(batches))])
    assert (trained == expected[order[: len(trained)]]).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_are_read_alike(tmp_path: Path, orientation: int):
    """The training's reader and the server's give the same pixels, turned as the camera says."""
    exif = Pictures.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "photo.jpg"
    Pictures.fromarray(portrait()[:200, :300]).save(path, quality=90, exif=exif)
    pixels = read_window(str(path))
    assert pixels.shape == ((200, 300, 3) if orientation <= 4 else (300, 200, 3))
    assert (pixels == decode(path.read_bytes())).all()


def test_targets_follow_the_labels_of_the_recipe(rows: pd.DataFrame):
    targets = one_hot(rows, LABELS[::-1])
    assert targets.dtype == np.float32
    assert [LABELS[::-1][place] for place in targets.argmax(axis=1)] == list(rows.label)


def test_an_epoch_holds_whole_batches_of_faces_with_their_own_labels(rows: pd.DataFrame, monkeypatch):
    seen: list[str] = []
    original = batches_module.augmented_crop

    def noted(window, box, label, *others):
        seen.append(label)
        return original(window, box, label, *others)

    monkeypatch.setattr(batches_module, "augmented_crop", noted)
    batches = TrainingBatches(rows, RECIPE, seed=1)
    assert len(batches) == len(rows) // 4 == 5
    targets = np.concatenate([batches[index][1] for index in range(len(batches))])
    assert seen == [RECIPE.labels[place] for place in targets.argmax(axis=1)]


def test_what_is_drawn_over_a_face_never_changes_its_label(rows: pd.DataFrame):
    covered = RECIPE.model_copy(update={"augmentation": recipes.Augmentation(occluder=1)})
    plain, drawn = TrainingBatches(rows, STILL, seed=2), TrainingBatches(rows, covered, seed=2)
    for index in range(len(plain)):
        assert (plain[index][1] == drawn[index][1]).all()
        assert not (plain[index][0] == drawn[index][0]).all()


def test_alike_classes_are_all_seen_once(rows: pd.DataFrame):
    assert sorted(TrainingBatches(rows, RECIPE, seed=3)._order()) == list(range(len(rows)))


def test_the_shift_undoes_the_balance():
    """Drawn with the balance, a label's logit is too high by the logarithm of how much too often it was drawn."""
    rows = pd.DataFrame({"label": ["with_mask"] * 900 + ["without_mask"] * 400 + ["incorrect"] * 100})
    for balance in (0.0, 0.5, 1.0):
        recipe = RECIPE.model_copy(update={"balance": balance})
        drawn = np.array([900.0, 400.0, 100.0]) ** (1 - balance)
        restored = drawn * np.exp(prior_shift(rows, recipe))
        assert restored / restored.sum() == pytest.approx(np.array([900, 400, 100]) / 1400)
        assert max(prior_shift(rows, recipe)) == 0
