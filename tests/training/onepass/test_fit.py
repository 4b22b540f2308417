"""A detector learns, and an interrupted training goes on."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from server.training.dataset import read_faces, split_rows
from server.training.made_up import write_made_up, write_scenes
from server.training.onepass import fit as fit_module
from server.training.onepass import recipe, sources
from server.training.onepass.batches import PictureBatches
from server.training.onepass.score import Score
from server.training.scenes import Scene, read_scenes
from server.vision.messages import Detection
from tests.training.onepass.tiny import network

RECIPE = recipe.load("onepass").model_copy(
    update={
        "input_size": 128,
        "batch_size": 2,
        "pictures_an_epoch": 4,
        "epochs": 3,
        "learning_rate": 0.02,
        "averaged": 0.8,
    }
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[sources.Sources, list[Scene], Path]:
    folder = write_scenes(write_made_up(tmp_path_factory.mktemp("made-up"), 24), 3)
    train, val = (read_scenes(folder / "scenes" / f"{split}.json") for split in ("train", "val"))
    scenes = sources.of_scenes(train, folder / "scenes", RECIPE.labels)
    windows = sources.of_faces(split_rows(read_faces(folder), "train"), RECIPE.labels)
    return sources.Sources(scenes, windows, 3, RECIPE.balance), val, folder / "scenes"


def test_an_interrupted_training_ends_like_an_uninterrupted_one(data, tmp_path: Path, monkeypatch):
    known, val, pictures = data
    monkeypatch.setattr(fit_module, "build", network)
    # The last epoch is the best: its weights are an average over all steps, of before the interruption too.
    monkeypatch.setattr(Score, "on_epoch_end", lambda _score, epoch, logs: logs.update(val_end_to_end=epoch))
    for name in ("whole", "broken"):
        (tmp_path / name).mkdir()
    whole = fit_module.fit(RECIPE, known, val, pictures, None, tmp_path / "whole", seed=3)

    original = PictureBatches.__getitem__

    def pulled_plug(self: PictureBatches, index: int):
        if self.epoch == 2:
            raise KeyboardInterrupt
        return original(self, index)

    monkeypatch.setattr(PictureBatches, "__getitem__", pulled_plug)
    with pytest.raises(BaseException):  # noqa: B017, PT011 - TensorFlow wraps it
        fit_module.fit(RECIPE, known, val, pictures, None, tmp_path / "broken", seed=3)
    monkeypatch.setattr(PictureBatches, "__getitem__", original)
    resumed = fit_module.fit(RECIPE, known, val, pictures, None, tmp_path / "broken", seed=3)

    logs = [pd.read_csv(tmp_path / name / "log.csv") for name in ("whole", "broken")]
    assert list(logs[1].epoch) == [0, 1, 2]
    assert logs[1].loss.to_numpy() == pytest.approx(logs[0].loss.to_numpy(), rel=2e-2)
    for ours, theirs in zip(resumed.get_weights(), whole.get_weights(), strict=True):
        assert ours == pytest.approx(theirs, abs=0.05)


class Seen:
    """A detector that finds what is told, in pixels of every scene."""

    def __init__(self, *faces: Detection) -> None:
        self.detect = lambda _image, _min_score: list(faces)


def test_an_epochs_score_counts_what_is_missed_false_and_misnamed(data):
    _, val, folder = data
    scene = val[0]

    def face(number: int, label: str) -> Detection:
        return Detection(scene.faces[number].box, 0.9, probabilities={label: 1.0})

    labels = [face.label for face in scene.faces]
    right = [face(number, label) for number, label in enumerate(labels)]
    swapped = [face(0, labels[0]), face(1, labels[2]), face(2, labels[1])]
    for faces, found, named, right_of_three in (
        (right, 1, pytest.approx(1), 3),
        (right[:1], pytest.approx(1 / 3, abs=0.01), pytest.approx(1 / 3, abs=0.01), 1),
        (swapped, 1, pytest.approx(1 / 3, abs=0.01), 1),
        ([], 0, 0, 0),
    ):
        logs: dict[str, float] = {}
        Score(partial(Seen, *faces), [scene], folder, 0.5).on_epoch_end(0, logs)
        assert logs == {"val_found": found, "val_named": named, "val_end_to_end": pytest.approx(right_of_three / 3)}


def test_pictures_depend_on_seed_and_epoch_alone(data):
    first, second = (PictureBatches(data[0], RECIPE, seed=1) for _ in range(2))
    assert (first[1][0] == second[1][0]).all()
    assert (first[1][1] == second[1][1]).all()
    second.epoch = 1
    assert not np.array_equal(first[1][0], second[1][0])


def test_a_network_may_begin_where_another_training_ended(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(fit_module, "build", network)
    first = network(3)
    first.save_weights(tmp_path / "best.weights.h5")
    with pytest.raises(OSError, match="cannot be opened"):  # nothing says that it is a training of this network
        fit_module.begun_network(RECIPE, str(tmp_path / "best.weights.h5"), np.zeros)
    (tmp_path / "run.json").write_text(json.dumps({"recipe": {"kind": "one-stage"}}))
    second = fit_module.begun_network(RECIPE, str(tmp_path / "best.weights.h5"), np.zeros)
    for ours, theirs in zip(second.get_weights(), first.get_weights(), strict=True):
        assert (ours == theirs).all()
