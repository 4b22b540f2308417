"""A network begun with a shipped one's weights says what that one says, also where it is narrower."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from server.training.onepass.compression import to_litert
from server.training.onepass.fit import begun_network
from server.training.onepass.least_squares import Need, solved, strongest
from server.training.onepass.narrowing import narrowed
from server.training.onepass.network import BLOCKS, build
from server.training.onepass.recipe import load
from server.training.onepass.shipped import load_shipped, normalised
from server.vision.classifiers.card import CARD_FILE, WEIGHTS_FILE
from tests.vision.engine.conftest import tiny_card

SLIM = {"stem": 8, "channels": 8, "depth": 2, "widths": {str(block): 8 for block in range(1, len(BLOCKS) + 1)}}
WIDE = {**SLIM, "widths": {str(block): 12 for block in range(1, len(BLOCKS) + 1)}}
RNG = np.random.default_rng(4)
PICTURES = RNG.uniform(-1, 1, (4, 96, 64, 3)).astype(np.float32)


def lively(network: dict[str, object]) -> keras.Model:
    """A network whose normalisation and answers have values of their own, as learned ones have."""
    model = build(3, None, **network)  # type: ignore[arg-type]
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D) and layer.use_bias:
            layer.set_weights([layer.get_weights()[0], RNG.normal(size=layer.filters)])
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            spread = [RNG.uniform(0.5, 1.5, gamma.shape), RNG.normal(0.5, 0.5, beta.shape)]
            layer.set_weights([*spread, RNG.normal(0, 0.1, mean.shape), variance * RNG.uniform(0.2, 1)])
    return model


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return lively(SLIM)


@pytest.fixture(scope="module")
def file(model: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "whole"
    folder.mkdir()
    card = tiny_card("whole").model_copy(
        update={
            "kind": "one-stage",
            "min_score": 0.3,
            "labels": ("with_mask", "without_mask", "incorrect"),
            "training": {"recipe": {"network": SLIM}},
        }
    )
    (folder / CARD_FILE).write_text(card.model_dump_json(), encoding="utf-8")
    (folder / WEIGHTS_FILE).write_bytes(to_litert(model))
    return folder / WEIGHTS_FILE


def test_a_shipped_file_says_what_was_exported(model: keras.Model, file: Path):
    assert np.asarray(load_shipped(file)(PICTURES)) == pytest.approx(np.asarray(model(PICTURES)), abs=1e-4)


def test_a_file_of_whole_numbers_says_nearly_what_was_exported(model: keras.Model, file: Path, tmp_path: Path):
    (tmp_path / "whole").mkdir()
    (tmp_path / "whole" / CARD_FILE).write_bytes((file.parent / CARD_FILE).read_bytes())
    (tmp_path / "whole" / WEIGHTS_FILE).write_bytes(to_litert(model, PICTURES))
    ours, theirs = np.asarray(load_shipped(tmp_path / "whole" / WEIGHTS_FILE)(PICTURES)), np.asarray(model(PICTURES))
    apart = np.abs(ours - theirs).mean(axis=(0, 1)) / theirs.std(axis=(0, 1))
    assert (apart > 1e-5).any()
    assert apart.max() < 0.1


def test_normalisation_regains_its_statistics(file: Path):
    network = load_shipped(file)
    before = np.asarray(network(PICTURES))
    normalised(network, PICTURES)
    assert np.asarray(network(PICTURES)) == pytest.approx(before, abs=1e-3)
    # The first batch of a training is not a shock: its own statistics are those.
    assert np.asarray(network(PICTURES, training=True)) == pytest.approx(before, abs=2e-2)


def test_a_training_begins_with_a_shipped_file(model: keras.Model, file: Path):
    recipe = load("onepass").model_copy(update={"network": SLIM})
    begun = begun_network(recipe, str(file), lambda count: PICTURES[:count])
    assert np.asarray(begun(PICTURES)) == pytest.approx(np.asarray(model(PICTURES)), rel=0.05, abs=0.05)


def test_channels_that_say_nothing_are_not_missed():
    whole = lively(WIDE)
    for block in range(1, len(BLOCKS) + 1):
        project = whole.get_layer(f"block_{block}_project")
        (kernel,) = project.get_weights()
        kernel[:, :, RNG.permutation(12)[:4]] = 0
        project.set_weights([kernel])
    network = build(3, None, **{**SLIM, "widths": {**SLIM["widths"], "6": 12, "13": 12}})  # these are looked at twice
    narrowed(whole, network, PICTURES)
    assert np.asarray(network(PICTURES)) == pytest.approx(np.asarray(whole(PICTURES)), rel=0.05, abs=0.05)


def test_a_network_cannot_be_begun_with_a_narrower_one(model: keras.Model):
    with pytest.raises(ValueError, match="12 channels cannot be begun with 8"):
        narrowed(model, build(3, None, **WIDE), PICTURES)  # type: ignore[arg-type]


def test_of_channels_that_say_the_same_one_goes_and_the_other_speaks_for_both():
    maps = RNG.normal(size=(500, 4)).astype(np.float32)
    maps[:, 3] = maps[:, 1]
    wanted = maps @ np.array([[1.0], [2.0], [0.5], [3.0]], np.float32) + 7
    kept = strongest([Need(maps, wanted)], 3)
    assert sorted(kept) in ([0, 1, 2], [0, 2, 3])
    kernel, bias = solved(Need(maps[:, kept], wanted))
    assert sorted(kernel[0, 0, :, 0]) == pytest.approx([0.5, 1, 5], rel=1e-2)
    assert bias == pytest.approx([7], abs=1e-2)


def test_places_that_count_more_are_met_better():
    maps = np.linspace(-1, 1, 200, dtype=np.float32)[:, None]
    wanted, counting = np.abs(maps), np.where(maps[:, 0] > 0, 1.0, 1e-6).astype(np.float32)
    kernel, bias = solved(Need(maps, wanted, counting))
    assert (kernel.item(), bias.item()) == pytest.approx((1, 0), abs=1e-2)
