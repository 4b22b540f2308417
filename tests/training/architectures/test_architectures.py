"""The networks have the layers that their sources name, and take over weights where there are some."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pathlib import Path

import keras
import numpy as np
import pytest

from server.training import recipes
from server.training.architectures import alexnet, build, mobilenetv2, thesis_cnn, vgg16


def layers(model: keras.Model) -> Counter[str]:
    return Counter(type(layer).__name__ for layer in model.layers)


@pytest.mark.parametrize("name", recipes.names())
def test_every_recipe_builds_its_network(name: str):
    recipe = recipes.load(name)
    assert build(recipe, None).output_shape == (None, len(recipe.labels))


@pytest.mark.parametrize("architecture", ["alexnet", "mobilenetv2", "thesis_cnn", "vgg16"])
def test_every_network_learns_in_16_bits_and_answers_in_32(architecture: str):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = import_module(f"server.training.architectures.{architecture}").build(112, 2, 0.5, None)
    finally:
        keras.config.set_dtype_policy(before)
    model.compile("sgd", keras.losses.CategoricalCrossentropy(from_logits=True))
    pictures = np.random.default_rng(0).normal(0, 1, (2, 112, 112, 3)).astype(np.float32)
    assert np.isfinite(model.train_on_batch(pictures, np.eye(2, dtype=np.float32)))
    convolution = next(layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    assert (convolution.compute_dtype, convolution.variable_dtype) == ("bfloat16", "float32")
    assert model.predict_on_batch(pictures).dtype == np.float32


def test_alexnet_is_the_papers_with_narrower_dense_layers():
    model = alexnet.build(227, 2, 0.5, None)
    assert layers(model) >= Counter(Conv2D=5, MaxPooling2D=3, LocalResponseNormalization=2, Dense=3, Dropout=2)
    sizes = [layer.output.shape[1:] for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert sizes == [(55, 55, 96), (27, 27, 256), (13, 13, 384), (13, 13, 384), (13, 13, 256)]


def test_local_response_normalisation_follows_the_papers_formula():
    a = np.random.default_rng(0).normal(0, 30, (1, 2, 2, 8)).astype(np.float32)
    expected = np.empty_like(a)
    for i in range(8):
        neighbours = a[..., max(0, i - 2) : min(8, i + 3)]
        expected[..., i] = a[..., i] / (2 + 1e-4 * (neighbours**2).sum(-1)) ** 0.75
    assert np.asarray(alexnet.LocalResponseNormalization()(a)) == pytest.approx(expected, rel=1e-5)


def test_the_thesis_network_has_eleven_convolutions_four_pools_and_six_dense_layers():
    model = thesis_cnn.build(224, 2, 0.5, None)
    assert layers(model) >= Counter(Conv2D=11, AveragePooling2D=4, Dense=6, Dropout=1)
    sizes = [layer.output.shape[1] for layer in model.layers if isinstance(layer, keras.layers.AveragePooling2D)]
    assert sizes == [110, 52, 21, 8]


def test_vgg16_has_thirteen_convolutions_and_takes_over_keras_weights(tmp_path: Path):
    source = keras.applications.VGG16(include_top=False, weights=None)
    source.save_weights(tmp_path / "vgg16.weights.h5")
    model = vgg16.build(64, 2, 0.5, str(tmp_path / "vgg16.weights.h5"))
    assert layers(model) >= Counter(Conv2D=13, MaxPooling2D=5, Dense=3)
    for name in ("block1_conv1", "block5_conv3"):
        ours, theirs = model.get_layer(name).get_weights(), source.get_layer(name).get_weights()
        assert all((a == b).all() for a, b in zip(ours, theirs, strict=True))


def test_a_frozen_backbone_leaves_only_the_dense_layers_to_learn():
    model = mobilenetv2.build(64, 2, 0.5, None, dense=[128], frozen=True)
    assert [variable.path.split("/")[0] for variable in model.trainable_variables] == ["dense1"] * 2 + ["logits"] * 2


@pytest.mark.parametrize("module", [alexnet, thesis_cnn])
def test_where_there_are_no_weights_to_start_from_it_says_so(module):
    with pytest.raises(ValueError, match="--weights none"):
        module.build(96, 2, 0.5, "imagenet")
