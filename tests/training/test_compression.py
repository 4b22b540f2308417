"""Smaller weights that decide alike, or larger ones that do."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from server.training import compression, recipes
from server.training.compression import with_probabilities
from server.training.dataset import read_faces, split_rows

RECIPE = recipes.load("mobilenetv2-binary").model_copy(update={"input_size": 32})


@pytest.fixture
def val(made_up_faces: Path):
    rows = read_faces(made_up_faces)
    rows = rows[rows.label.isin(RECIPE.labels)]
    return split_rows(rows, "val")


@pytest.fixture
def network() -> keras.Model:
    keras.utils.set_random_seed(1)
    picture = keras.Input((32, 32, 3))
    features = keras.layers.Flatten()(keras.layers.Conv2D(16, 3, strides=2, activation="relu")(picture))
    logits = keras.layers.Dense(2)(keras.layers.Dense(64, "relu")(features))
    return keras.Model(picture, keras.layers.Softmax()(logits))


@pytest.mark.parametrize(
    ("large", "refused", "kind", "share"),
    [
        (1e9, [], "float16", 0.55),
        (0, [], "int8", 0.3),
        (0, ["int8"], "float16", 0.55),
        (0, ["int8", "float16"], "float32", 1),
    ],
)
def test_weights_are_as_small_as_keeps_the_decisions(
    network, val, monkeypatch, large: float, refused: list[str], kind: str, share: float
):
    monkeypatch.setattr(compression, "LARGE", large)
    sizes = {kind: len(compression.to_litert(network, kind)) for kind in ("int8", "float16", "float32")}
    spoilt = [sizes[kind] for kind in refused]
    monkeypatch.setattr(compression, "share_changed", lambda _served, weights, _val: float(len(weights) in spoilt))
    weights, found = compression.compressed(network, RECIPE, val)
    assert found == kind
    assert len(weights) <= share * sizes["float32"]


def test_probabilities_stay_finer_than_their_weights(network):
    faces = np.random.default_rng(0).uniform(-1, 1, (40, 32, 32, 3)).astype(np.float32)
    run = compression.runner(compression.to_litert(network, "int8"))
    answers = np.stack([run(face) for face in faces])
    assert answers == pytest.approx(np.asarray(network(faces)), abs=0.02)
    assert len({*answers[:, 0].round(6)}) > 30


def test_the_share_of_changed_decisions_is_counted(network, val):
    batches = compression.PlainBatches(val, RECIPE)
    weights = compression.to_litert(network)
    assert compression.share_changed(network, weights, batches) == 0
    kernel, bias = network.layers[-2].get_weights()
    network.layers[-2].set_weights([kernel[:, ::-1], bias[::-1]])
    assert compression.share_changed(network, weights, batches) == 1


def test_the_shift_moves_the_logits(network):
    faces = np.random.default_rng(0).uniform(-1, 1, (5, 32, 32, 3)).astype(np.float32)
    logits = keras.Model(network.input, network.layers[-2].output)
    served = with_probabilities(logits, [0.0, -1.5])
    expected = keras.ops.softmax(logits(faces) + np.array([0, -1.5], np.float32))
    assert np.asarray(served(faces)) == pytest.approx(np.asarray(expected), abs=1e-5)
