"""Networks, one file each, built by name: `build(input_size, labels, dropout, weights, **network)`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from server.training.recipes import Recipe

if TYPE_CHECKING:
    import keras


def build(recipe: Recipe, weights: str | None) -> keras.Model:
    """The recipe's network: pictures (n, size, size, 3) to logits (n, labels), float32 in any precision.

    weights: a file of starting weights for the backbone, `imagenet` (Keras downloads them), or None (random).
    """
    module = import_module(f"{__name__}.{recipe.architecture}")
    model: keras.Model = module.build(recipe.input_size, len(recipe.labels), recipe.dropout, weights, **recipe.network)
    return model
