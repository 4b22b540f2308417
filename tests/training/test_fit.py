"""Fitting: balance, seeds, and going on after an interruption."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from server.training import batches as batches_module
from server.training import fit as fit_module
from server.training import recipes
from server.training.batches import TrainingBatches
from server.training.dataset import read_faces, split_rows
from server.training.loop import logged, stale

RECIPE = recipes.load("mobilenetv2").model_copy(
    update={"input_size": 32, "batch_size": 4, "epochs": 3, "freeze_batch_norm": False}
)


def tiny_network(recipe: recipes.Recipe, _weights: str | None) -> keras.Model:
    picture = keras.Input((recipe.input_size, recipe.input_size, 3))
    features = keras.layers.Conv2D(8, 3, strides=4, activation="relu")(picture)
    features = keras.layers.Dropout(0.1)(keras.layers.GlobalAveragePooling2D()(features))
    return keras.Model(picture, keras.layers.Dense(len(recipe.labels))(features))


@pytest.fixture
def parts(made_up_faces: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[pd.DataFrame, pd.DataFrame]:
    monkeypatch.setattr(fit_module, "build", tiny_network)
    rows = read_faces(made_up_faces)
    return split_rows(rows, "train"), split_rows(rows, "val")


def test_an_interrupted_training_ends_like_an_uninterrupted_one(parts, tmp_path: Path, monkeypatch):
    train, val = parts
    for name in ("whole", "broken"):
        (tmp_path / name).mkdir()
    whole = fit_module.fit(RECIPE, train, val, None, tmp_path / "whole", seed=3)

    original = TrainingBatches.__getitem__

    def pulled_plug(self: TrainingBatches, index: int):
        if self.epoch == 2 and index == 1:
            raise KeyboardInterrupt
        return original(self, index)

    monkeypatch.setattr(TrainingBatches, "__getitem__", pulled_plug)
    with pytest.raises(BaseException):  # noqa: B017, PT011 - TensorFlow wraps it
        fit_module.fit(RECIPE, train, val, None, tmp_path / "broken", seed=3)
    assert len(pd.read_csv(tmp_path / "broken" / "log.csv")) == 2
    monkeypatch.setattr(TrainingBatches, "__getitem__", original)
    resumed = fit_module.fit(RECIPE, train, val, None, tmp_path / "broken", seed=3)

    logs = [pd.read_csv(tmp_path / name / "log.csv") for name in ("whole", "broken")]
    assert list(logs[1].epoch) == [0, 1, 2]
    # Dropout's draws after the restart differ; what is fed and how it is learned does not.
    assert logs[1].val_loss.to_numpy() == pytest.approx(logs[0].val_loss.to_numpy(), abs=0.05)
    for ours, theirs in zip(resumed.get_weights(), whole.get_weights(), strict=True):
        assert ours == pytest.approx(theirs, abs=0.05)


def test_what_learned_in_16_bits_is_given_back_in_32(parts, tmp_path: Path):
    train, val = parts
    recipe = RECIPE.model_copy(update={"precision": "mixed_bfloat16", "epochs": 1})
    model = fit_module.fit(recipe, train, val, None, tmp_path, seed=3)
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"
    again = fit_module.fit(recipe, train, val, None, tmp_path, seed=3)
    assert all((a == b).all() for a, b in zip(model.get_weights(), again.get_weights(), strict=True))


def test_a_finished_training_is_only_loaded(parts, tmp_path: Path, monkeypatch):
    train, val = parts
    first = fit_module.fit(RECIPE, train, val, None, tmp_path, seed=3)
    monkeypatch.setattr(keras.Model, "fit", lambda *_a, **_k: pytest.fail("trained again"))
    again = fit_module.fit(RECIPE, train, val, None, tmp_path, seed=3)
    assert all((a == b).all() for a, b in zip(first.get_weights(), again.get_weights(), strict=True))


def test_batches_depend_on_seed_and_epoch_alone(parts):
    train, _val = parts
    first, second = TrainingBatches(train, RECIPE, seed=1), TrainingBatches(train, RECIPE, seed=1)
    assert (first[2][0] == second[2][0]).all()
    second.epoch = 1
    assert not (first[2][0] == second[2][0]).all()


@pytest.mark.parametrize(("balance", "shares"), [(0, (0.9, 0.1)), (1, (0.5, 0.5)), (0.5, (0.75, 0.25))])
def test_balance_draws_rare_labels_more_often(monkeypatch, balance: float, shares: tuple[float, float]):
    rows = pd.DataFrame({"label": ["with_mask"] * 900 + ["incorrect"] * 100})
    batches = TrainingBatches(rows, RECIPE.model_copy(update={"balance": balance}), seed=0)
    drawn = rows.label.iloc[batches._order()].value_counts(normalize=True)
    assert (drawn.with_mask, drawn.incorrect) == pytest.approx(shares, abs=0.01)


def test_inputs_lie_in_the_networks_range(parts):
    inputs, targets = TrainingBatches(parts[0], RECIPE, seed=1)[0]
    assert inputs.shape == (4, 32, 32, 3)
    assert inputs.dtype == np.float32
    assert inputs.min() >= -1 - 1e-6
    assert inputs.max() <= 1 + 1e-6
    assert (targets.sum(axis=1) == 1).all()
    assert batches_module.one_hot(parts[0], RECIPE.labels).shape == (21, 3)


def test_on_two_classes_all_three_losses_are_one_number():
    rng = np.random.default_rng(0)
    targets = np.eye(2, dtype=np.float32)[rng.integers(0, 2, 50)]
    logits = rng.normal(0, 3, (50, 2)).astype(np.float32)
    kinds = ("categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy")
    losses = [
        float(
            np.mean(fit_module._loss(RECIPE.model_copy(update={"loss": kind, "label_smoothing": 0}))(targets, logits))
        )
        for kind in kinds
    ]
    assert losses == pytest.approx([losses[0]] * 3, rel=1e-4)


@pytest.mark.parametrize(
    ("accuracies", "patience", "is_stale"),
    [
        ([], 2, False),
        ([0.5, 0.9, 0.8], 2, False),
        ([0.5, 0.9, 0.8, 0.9], 2, True),
        ([0.9, 0.1, 0.1, 0.1], None, False),
    ],
)
def test_patience_counts_the_epochs_since_the_first_best(accuracies, patience, is_stale):
    assert stale(accuracies, patience) is is_stale


@pytest.mark.parametrize(("best_by", "best"), [("val_accuracy", max), ("val_loss", min)])
def test_the_epoch_kept_is_the_best_by_the_recipes_measure(parts, tmp_path: Path, best_by: str, best):
    train, val = parts
    recipe = RECIPE.model_copy(update={"best_by": best_by, "learning_rate": 0.2, "epochs": 4})
    model = fit_module.fit(recipe, train, val, None, tmp_path, seed=5)
    expected = best(epoch[best_by] for epoch in logged(tmp_path))
    found = model.evaluate(fit_module.PlainBatches(val, recipe), return_dict=True, verbose=0)
    assert found[best_by.removeprefix("val_")] == pytest.approx(expected, rel=1e-3)


def test_a_stale_training_ends_early_and_stays_ended(parts, tmp_path: Path, monkeypatch):
    train, val = parts
    recipe = RECIPE.model_copy(
        update={"epochs": 12, "patience": 1, "schedule": "constant", "optimizer": "sgd", "learning_rate": 1e-12}
    )
    fit_module.fit(recipe, train, val, None, tmp_path, seed=3)
    assert len(logged(tmp_path)) == 2
    monkeypatch.setattr(keras.Model, "fit", lambda *_a, **_k: pytest.fail("trained again"))
    fit_module.fit(recipe, train, val, None, tmp_path, seed=3)
