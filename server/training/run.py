"""One training, from a recipe to a folder under `models/`: what `train` and `reproduce` have in common."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd

from server.training.dataset import digest, learnable, scored, split_rows
from server.training.recipes import Recipe
from server.vision.classifiers.card import CARD_FILE, NAME, Card, CardError, load_card

RECORD = "run.json"
"""In a work folder: what its training was begun with."""
BEST = "best.weights.h5"
"""In a work folder: the weights of its best epoch so far."""


class RunError(Exception):
    """A training that cannot begin or go on; the message says why and what to do."""


def check_name(name: str, runs: Path, models: Path) -> None:
    """Raises RunError for what is no name, and for that of a model which the work folder of this name did not make."""
    if not re.fullmatch(NAME, name):
        raise RunError(f"--name {name}: a model's name is of lower-case letters, digits and hyphens, 64 at most.")
    if not (models / name).exists():
        return
    record = runs / name / RECORD
    if record.is_file():
        if not (models / name / CARD_FILE).exists():  # an export that was interrupted
            return
        try:
            training, run = load_card(models / name).training, read_record(record)
            if (training["seed"], training["data_sha256"]) == (run["seed"], run["data"]):
                return
        except (CardError, KeyError):
            pass
    raise RunError(
        f"{models / name} is there already, and {runs / name} did not make it: choose another --name, or remove the "
        "folder."
    )


def train(
    name: str,
    recipe: Recipe,
    rows: pd.DataFrame,
    weights: str | None,
    runs: Path,
    models: Path,
    seed: int,
    *,
    suspects: bool = False,
) -> Card:
    """Fit a recipe, choose its thresholds, export it to `models/<name>/` and score it.

    rows: all of `faces.csv`. weights: what the network starts from: a file, `imagenet` or `none`; None for the
    recipe's own. runs: the folder that holds one work folder a training: an interrupted one goes on there.
    suspects: also learn from rows whose label is marked as suspect. Raises RunError.
    """
    usable = learnable(rows, recipe.labels, recipe.rows)
    fitted_on, val = (split_rows(usable, split, suspects=suspects) for split in ("train", "val"))
    test = scored(rows, recipe.labels).get("test", rows[:0])
    for split, faces, least in (("train", fitted_on, recipe.batch_size), ("val", val, 1), ("test", test, 1)):
        if len(faces) < least:
            raise RunError(f"There are {len(faces)} faces of split {split}; this recipe needs {least} at least.")
    folder = runs / name
    run = {
        "seed": seed,
        "suspects": suspects,
        "recipe": recipe.model_dump(mode="json"),
        "data": digest(fitted_on),
    }
    record = folder / RECORD
    # A record of before one of these was kept is not another training.
    if record.is_file() and run | _begun(record) != run:
        raise RunError(
            f"{folder} holds a training with another recipe, seed or data; finish it as it was begun, or remove the "
            "folder."
        )
    start = starting_weights(recipe, weights)
    folder.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(run, indent=1), encoding="utf-8")

    from server.training.export import export
    from server.training.fit import fit
    from server.training.loop import logged

    model = fit(recipe, fitted_on, val, start, folder, seed)
    return export(model, name, recipe, rows, fitted_on, models, seed, logged(folder))


def export_again(name: str, rows: pd.DataFrame, runs: Path, models: Path) -> Card:
    """Export a training's best epoch anew from its work folder.

    Raises RunError where there is none, or it learned from other faces.
    """
    folder = runs / name
    run, recipe = begun(folder)
    fitted_on = split_rows(learnable(rows, recipe.labels, recipe.rows), "train", suspects=run["suspects"])
    if run.get("data", digest(fitted_on)) != digest(fitted_on):
        raise RunError(f"{folder} was trained on other data: name the same, or train again.")

    from server.training.export import export
    from server.training.loop import logged

    model = best_of(folder)
    return export(model, name, recipe, rows, fitted_on, models, run["seed"], logged(folder))


def begun(folder: Path) -> tuple[dict[str, Any], Recipe]:
    """What a work folder's training was begun with, and its recipe.

    Raises RunError where the folder holds no training that got as far as an epoch.
    """
    for path in (folder / BEST, folder / RECORD):
        if not path.is_file():
            raise RunError(f"{path} is missing: train the model first (python -m server train {folder.name}).")
    run = _begun(folder / RECORD)
    return run, Recipe.model_validate(run["recipe"])


def best_of(folder: Path) -> Any:
    """The Keras network of a training's best epoch, from its work folder. Raises RunError where there is none."""
    _, recipe = begun(folder)

    from server.training.architectures import build

    model = build(recipe, None)
    model.load_weights(folder / BEST)
    return model


def starting_weights(recipe: Recipe, weights: str | None) -> str | None:
    """What a network starts from: a file, `imagenet`, or None for nothing; the network is built once to see if it fits.

    weights: as on the command line; None for the recipe's own. Raises RunError.
    """
    weights = weights or recipe.weights
    if weights == "none":
        return None
    if weights != "imagenet" and not Path(weights).is_file():
        raise RunError(f"--weights: {weights} is no file; give one, or 'imagenet', or 'none'.")

    from server.training.architectures import build

    try:
        build(recipe, weights)
    except Exception as error:  # noqa: BLE001 - Keras and h5py raise all kinds, for a missing network too
        why = str(error).strip().partition("\n")[0]
        cure = "check the network, or name a file" if weights == "imagenet" else "name others"
        raise RunError(f"--weights {weights} cannot be used for this recipe ({why}); {cure}.") from None
    return weights


def _begun(record: Path) -> dict[str, Any]:
    """What a work folder says of its training, in today's form: recipes may have gained keys since."""
    try:
        run = read_record(record)
        return {**run, "recipe": Recipe.model_validate(run["recipe"]).model_dump(mode="json")}
    except (KeyError, TypeError, ValueError):
        raise broken(record) from None


def read_record(record: Path) -> dict[str, Any]:
    """What a work folder's record says. Raises RunError where it is no group of keys."""
    try:
        run: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
        return {**run}
    except (TypeError, ValueError):
        raise broken(record) from None


def broken(record: Path) -> RunError:
    """A record that cannot be gone by."""
    return RunError(f"{record} is broken: remove {record.parent} and begin again.")
