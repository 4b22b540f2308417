"""The network's form, and what it begins with."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from server.training.onepass import recipe
from server.training.onepass.network import build
from server.vision.detectors.onepass import cells

RECIPE = recipe.load("onepass")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole MobileNetV2's weights, with channels of unlike strength."""
    model = keras.applications.MobileNetV2((64, 64, 3), include_top=False, weights=None)
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.1, 1, array.shape) for array in layer.get_weights()])
    path = tmp_path_factory.mktemp("weights") / "whole.weights.h5"
    model.save_weights(path)
    return path


def test_it_answers_for_every_cell_whatever_the_picture_is():
    model = build(3, None, **RECIPE.network)
    assert model.count_params() < 2_000_000
    for height, width in ((96, 128), (128, 96)):
        assert model(np.zeros((2, height, width, 3), np.float32)).shape == (2, len(cells(height, width)), 8)


def test_at_full_width_the_backbone_is_mobilenetv2(whole: Path):
    picture = np.random.default_rng(1).uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32)
    reference = keras.applications.MobileNetV2((64, 64, 3), include_top=False, weights=None)
    reference.load_weights(whole)
    layer = "block_13_expand_BN"
    expected = keras.Model(reference.input, reference.get_layer(layer).output)(picture)
    ours = build(3, str(whole))
    found = keras.Model(ours.input, ours.get_layer(layer).output)(picture)
    assert np.asarray(found) == pytest.approx(np.asarray(expected), rel=1e-3, abs=1e-4)


def test_a_narrower_block_keeps_its_strongest_channels(whole: Path):
    reference = keras.applications.MobileNetV2((64, 64, 3), include_top=False, weights=None)
    reference.load_weights(whole)
    gains = reference.get_layer("block_1_depthwise_BN").get_weights()[0]
    projection = reference.get_layer("block_1_project").get_weights()[0][0, 0]
    kept = np.sort(np.argsort(-np.abs(gains) * np.linalg.norm(projection, axis=1))[:32])
    narrow = build(3, str(whole), widths={"1": 32})
    assert (narrow.get_layer("block_1_depthwise_BN").get_weights()[0] == gains[kept]).all()
    assert (narrow.get_layer("block_1_project").get_weights()[0][0, 0] == projection[kept]).all()
    assert narrow.get_layer("block_2_expand").get_weights()[0].shape[-1] == 144
