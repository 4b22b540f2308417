"""Recipes: all that are there can be trained, and a wrong one is named."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from server.training import recipes
from server.training.recipes import RecipeError, load, names

TEXT = files(recipes.__name__).joinpath("mobilenetv2.toml").read_text("utf-8")


@pytest.mark.parametrize("name", names())
def test_every_recipe_can_be_read_and_names_an_architecture(name: str):
    recipe = load(name)
    assert recipe.title
    assert recipe.description.endswith(".")
    assert files("server.training.architectures").joinpath(f"{recipe.architecture}.py").is_file()
    assert len(set(recipe.labels)) == len(recipe.labels) >= 2


@pytest.mark.parametrize("name", [name for name in names() if load(name).rows == "all"])
def test_every_recipe_but_the_thesis_s_covers_mouths(name: str):
    """Hands over bare mouths are what users complain of first: none of ours leaves them out."""
    augmentation = load(name).augmentation
    assert augmentation.occluder > 0
    for variation in ("flip", "rotation", "framing_scale", "brightness", "contrast", "colour_cast", "blur", "jpeg"):
        assert getattr(augmentation, variation) > 0, variation


def test_the_served_models_recipe():
    recipe = load("mobilenetv2")
    assert recipe.labels == ("with_mask", "without_mask", "incorrect")
    assert (recipe.input_size, recipe.preprocessing.crop_margin) == (160, 1.3)
    assert 255 * recipe.preprocessing.scale + recipe.preprocessing.offset == pytest.approx(1)


def test_a_recipe_goes_through_json_unchanged():
    recipe = load("mobilenetv2")
    assert recipes.Recipe.model_validate_json(recipe.model_dump_json()) == recipe


@pytest.mark.parametrize("name", ["lenet", "", "../recipes/mobilenetv2", "mobilenetv2.toml"])
def test_an_unknown_name_lists_the_known(name: str):
    with pytest.raises(RecipeError, match=rf"^there is no recipe '{re.escape(name)}'; there are: .*mobilenetv2"):
        load(name)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("epochs = 10", "epochs = 0", "recipe broken: epochs: Input should be greater than or equal to 1."),
        ("flip = 0.5", "flip = 1.5", "recipe broken: augmentation.flip: Input should be less than or equal to 1."),
        ("flip = 0.5", "flop = 0.5", "recipe broken: augmentation.flop: Extra inputs are not permitted."),
        ("balance = 0.5", "", "recipe broken: balance: Field required."),
        ("epochs = 10", "epochs ten", "recipe broken is not valid TOML: "),
        ('"adamw"', '"lion"', "recipe broken: optimizer: Input should be 'adamw', 'adam' or 'sgd'."),
        ('"incorrect"]', '"helmet"]', "recipe broken: labels.2: Input should be 'with_mask', 'without_mask' or"),
    ],
)
def test_a_wrong_recipe_says_where(tmp_path: Path, monkeypatch, old: str, new: str, says: str):
    assert TEXT.count(old) == 1
    (tmp_path / "broken.toml").write_text(TEXT.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(recipes, "files", lambda _package: tmp_path)
    with pytest.raises(RecipeError, match=rf"^{re.escape(says)}"):
        load("broken")
