"""What a recipe becomes on one's own photos."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from server.training import recipes
from server.training.own.adapt import adapted, default_name
from server.training.recipes import Recipe
from server.vision.classifiers.card import NAME


def rows(train: int, *labels: str) -> pd.DataFrame:
    splits = ["train"] * train + ["val", "test"] * len(labels)
    return pd.DataFrame({"split": splits, "label": [labels[n % len(labels)] for n in range(len(splits))]})


def changed(recipe_name: str, table: pd.DataFrame) -> tuple[dict[str, object], list[str]]:
    """What differs and what was said; title, description and licence are always its own."""
    recipe, said = recipes.load(recipe_name), list[str]()
    new = adapted(recipe, recipe_name, "mine", table, said.append)
    assert new == Recipe.model_validate(new.model_dump())
    assert new.licence == "of whoever trained it"
    assert (new.title, new.description) == ("mine", f"Trained on one's own photos by the recipe {recipe_name}.")
    return {key: value for key, value in new if value != getattr(recipe, key)}, said


@pytest.mark.parametrize(
    ("recipe_name", "table", "changes", "says"),
    [
        ("mobilenetv2", rows(200, "with_mask", "without_mask", "incorrect"), {}, []),
        (
            "mobilenetv2",
            rows(200, "without_mask", "with_mask"),
            {"labels": ("with_mask", "without_mask")},
            ["There are no faces of incorrect: the model tells with_mask from without_mask."],
        ),
        (
            "mobilenetv2-binary",
            rows(200, "without_mask", "with_mask"),
            {"rows": "all"},
            ["mobilenetv2-binary learns from the thesis's faces; here it learns from all of yours."],
        ),
        (
            "mobilenetv2",
            rows(42, "with_mask", "without_mask", "incorrect"),
            {"batch_size": 10},
            ["Batches of 10 faces instead of 32: there are 42 to learn from."],
        ),
        (
            "mobilenetv2",
            rows(1, "with_mask", "without_mask", "incorrect"),
            {"batch_size": 1},
            ["Batches of 1 faces instead of 32: there are 1 to learn from."],
        ),
    ],
)
def test_what_changes_is_said(recipe_name: str, table: pd.DataFrame, changes: dict, says: list[str]):
    found, said = changed(recipe_name, table)
    assert {key: value for key, value in found.items() if key not in ("title", "description", "licence")} == changes
    assert said == says


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("my-photos", "mobilenetv2-my-photos"),
        ("Entrance Hall, 2nd floor", "mobilenetv2-entrance-hall-2nd-floor"),
        ("Prüfstraße", "mobilenetv2-prufstrae"),
        ("写真", "mobilenetv2-own"),
        ("x" * 80, "mobilenetv2-" + "x" * 52),
    ],
)
def test_a_model_is_called_by_its_folder(tmp_path: Path, folder: str, name: str, monkeypatch):
    (tmp_path / folder).mkdir()
    assert default_name("mobilenetv2", tmp_path / folder) == name
    monkeypatch.chdir(tmp_path / folder)
    assert default_name("mobilenetv2", Path()) == name
    assert pd.Series([name]).str.fullmatch(NAME).all()


def test_a_list_is_called_by_the_folder_it_lies_in(tmp_path: Path):
    (tmp_path / "faces.csv").touch()
    assert default_name("mobilenetv2", tmp_path / "faces.csv") == default_name("mobilenetv2", tmp_path)
