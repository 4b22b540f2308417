"""The network's form, and what it begins with."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from server.training.onepass import recipe
from server.training.onepass.network import OUTPUTS, FusedNorm, build
from server.vision.detectors.onepass import cells

RECIPE = recipe.load("onepass")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[keras.Model, str]:
    """A whole MobileNetV2 with channels of unlike strength, and the file of its weights."""
    model = keras.applications.MobileNetV2((64, 64, 3), include_top=False, weights=None)
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.1, 1, array.shape) for array in layer.get_weights()])
    path = tmp_path_factory.mktemp("weights") / "whole.weights.h5"
    model.save_weights(path)
    return model, str(path)


def test_it_answers_for_every_cell_whatever_the_picture_is():
    model = build(3, None, **RECIPE.network)
    assert model.count_params() < 2_000_000
    for height, width in ((96, 128), (128, 96)):
        assert model(np.zeros((2, height, width, 3), np.float32)).shape == (2, len(cells(height, width)), 8)


def test_its_maps_say_what_its_answers_say():
    model = build(3, None, stem=8, channels=8, depth=1, widths={str(block): 8 for block in range(1, 15)})
    picture = np.random.default_rng(2).uniform(-1, 1, (1, 64, 96, 3)).astype(np.float32)
    outputs = [model.output, *(model.get_layer(name).output for name in OUTPUTS)]
    answers, *maps = keras.Model(model.input, outputs)(picture)
    flat = [np.asarray(found).reshape(-1, found.shape[-1]) for found in maps]
    rows = [np.concatenate(flat[scale : scale + 3], axis=1) for scale in range(0, len(flat), 3)]
    assert np.concatenate(rows) == pytest.approx(np.asarray(answers)[0], abs=1e-5)


def test_at_full_width_the_backbone_is_mobilenetv2(whole: tuple[keras.Model, str]):
    picture = np.random.default_rng(1).uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32)
    reference, weights = whole
    layer = "block_13_expand_BN"
    expected = keras.Model(reference.input, reference.get_layer(layer).output)(picture)
    ours = build(3, weights)
    found = keras.Model(ours.input, ours.get_layer(layer).output)(picture)
    assert np.asarray(found) == pytest.approx(np.asarray(expected), rel=1e-3, abs=1e-4)


def test_a_narrower_block_keeps_its_strongest_channels(whole: tuple[keras.Model, str]):
    reference, weights = whole
    gains = reference.get_layer("block_1_depthwise_BN").get_weights()[0]
    projection = reference.get_layer("block_1_project").get_weights()[0][0, 0]
    kept = np.sort(np.argsort(-np.abs(gains) * np.linalg.norm(projection, axis=1))[:32])
    narrow = build(3, weights, widths={"1": 32})
    assert (narrow.get_layer("block_1_depthwise_BN").get_weights()[0] == gains[kept]).all()
    assert (narrow.get_layer("block_1_project").get_weights()[0][0, 0] == projection[kept]).all()
    assert narrow.get_layer("block_2_expand").get_weights()[0].shape[-1] == 144


def test_the_fused_normalisation_learns_as_keras_s_own():
    rng = np.random.default_rng(4)
    maps = keras.ops.convert_to_tensor(rng.normal(1, 2, (4, 9, 7, 3)).astype(np.float32))
    norms = [kind(epsilon=1e-3, momentum=0.9) for kind in (FusedNorm, keras.layers.BatchNormalization)]
    start = [rng.uniform(0.5, 1.5, 3) for _ in range(4)]
    for norm in norms:
        norm.build(maps.shape)
        norm.set_weights(start)
    fused, plain = (np.asarray(norm(maps, training=True)) for norm in norms)
    assert fused == pytest.approx(plain, abs=1e-4)
    # The kernel keeps the variance of a sample, Keras that of the pixels seen: one pixel's part of it apart.
    for ours, theirs in zip(norms[0].get_weights(), norms[1].get_weights(), strict=True):
        assert ours == pytest.approx(theirs, rel=1 / (4 * 9 * 7))
    fused, plain = (np.asarray(norm(maps, training=False)) for norm in norms)
    assert fused == pytest.approx(plain, rel=0.02, abs=0.02)


def test_normalisation_that_is_held_learns_nothing():
    norm = FusedNorm()
    norm.build((None, None, None, 3))
    norm.trainable = False
    before = [array.copy() for array in norm.get_weights()]
    norm(np.random.default_rng(5).normal(1, 2, (4, 9, 7, 3)).astype(np.float32), training=True)
    for ours, theirs in zip(norm.get_weights(), before, strict=True):
        assert (ours == theirs).all()
