"""A recipe made to fit one's own photos, and a name for what comes of it."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pandas as pd

from server.training.own.layout import Say
from server.training.recipes import Recipe

_LEAST_STEPS = 4
"""An epoch of fewer batches is hardly one."""


def adapted(recipe: Recipe, recipe_name: str, name: str, rows: pd.DataFrame, say: Say) -> Recipe:
    """The recipe for the classes that there are, on all rows, in batches that few faces fill; says what it changes.

    The model gets its own name for a title, since it stands beside the one of the recipe; its weights are not ours.
    """
    changes: dict[str, object] = {
        "title": name,
        "licence": "of whoever trained it",
        "description": f"Trained on one's own photos by the recipe {recipe_name}.",
    }
    there = set(rows.label)
    labels = tuple(label for label in recipe.labels if label in there)
    if labels != recipe.labels:
        say(f"There are no faces of {', '.join(set(recipe.labels) - there)}: the model tells {' from '.join(labels)}.")
        changes["labels"] = labels
    if recipe.rows == "thesis":
        say(f"{recipe_name} learns from the thesis's faces; here it learns from all of yours.")
        changes["rows"] = "all"
    faces = int(((rows.split == "train") & rows.label.isin(labels)).sum())
    most = max(faces // _LEAST_STEPS, 1)
    if recipe.batch_size > most:
        say(f"Batches of {most} faces instead of {recipe.batch_size}: there are {faces} to learn from.")
        changes["batch_size"] = most
    return recipe.model_copy(update=changes)


def default_name(recipe_name: str, data: Path) -> str:
    """A model's name from its recipe and its folder: `mobilenetv2-my-photos`."""
    folder = data.resolve().parent if data.is_file() else data.resolve()
    plain = unicodedata.normalize("NFKD", folder.name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "own"
    return f"{recipe_name}-{slug}"[:64].rstrip("-")
