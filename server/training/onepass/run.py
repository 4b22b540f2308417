"""One training of a one-stage detector, from a recipe to a folder under `models/`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from server.training.dataset import check_pictures, digest, read_faces, split_rows
from server.training.onepass.recipe import OnepassRecipe
from server.training.run import BEST, RECORD, RunError, broken, read_record
from server.training.scenes import Scene, read_scenes
from server.vision.classifiers.card import Card
from server.vision.detectors.suppression import Floats

if TYPE_CHECKING:
    from server.training.onepass.looks import Look
    from server.training.onepass.sources import Sources


@dataclass(frozen=True)
class Data:
    """What a one-stage detector learns from and is measured on. folder: of the scenes' pictures.

    scenes: by split. faces: the rows of `faces.csv`.
    """

    folder: Path
    scenes: dict[str, list[Scene]]
    faces: pd.DataFrame

    @property
    def windows(self) -> pd.DataFrame:
        """The single faces that are learned from."""
        return split_rows(self.faces, "train")

    @property
    def digest(self) -> str:
        """Changes when other scenes, boxes, labels or faces are learned from."""
        seen = "\n".join([repr(self.scenes["train"]), digest(self.windows)])
        return hashlib.sha256(seen.encode()).hexdigest()


def read_data(data: Path) -> Data:
    """Read `scenes/<split>.json` and `faces.csv` of a folder. Raises ScenesError and DataError."""
    folder = data / "scenes"
    scenes = {split: read_scenes(folder / f"{split}.json") for split in ("train", "val", "test")}
    faces = read_faces(data)
    check_pictures(faces)
    return Data(folder, scenes, faces)


def train(
    name: str, recipe: OnepassRecipe, data: Data, weights: str | None, runs: Path, models: Path, seed: int
) -> Card:
    """Fit a recipe, export it to `models/<name>/`, choose its thresholds and score it.

    weights: what the network starts from: a file of MobileNetV2's, or of another training's network (`best.weights.h5`
    in its work folder), or a shipped `model.tflite`, `imagenet` or `none`; None for the recipe's own. runs: the folder
    that holds one work folder a training: an interrupted one goes on there. models: also holds the classifier that
    names faces which nobody boxed.
    Raises RunError, and CardError where that classifier cannot be loaded.
    """
    folder = runs / name
    start = _starting_weights(recipe, weights)
    run = {
        "seed": seed,
        "recipe": recipe.model_dump(mode="json"),
        "data": data.digest,
        "begun_with": hashlib.sha256(Path(start).read_bytes()).hexdigest()
        if start and Path(start).is_file()
        else start,
    }
    record = folder / RECORD
    if record.is_file() and _begun(folder)[0] != run:
        raise RunError(
            f"{folder} holds a training with another recipe, seed, data or beginning; finish it as it was begun, or "
            "remove the folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(run, indent=1), encoding="utf-8")

    from server.training.onepass.fit import fit
    from server.training.onepass.looks import learned

    found = sources(recipe, data, models)
    look = learned(found, recipe, folder, seed)
    model = fit(recipe, found, data.scenes["val"], data.folder, start, folder, seed, look)
    return _export(model, name, run, recipe, data, folder, models, look)


def began(folder: Path) -> bool:
    """Whether a work folder is of a one-stage training."""
    try:
        return bool(read_record(folder / RECORD)["recipe"].get("kind") == "one-stage")
    except (OSError, KeyError, AttributeError, RunError):
        return False


def export_again(name: str, data: Data, runs: Path, models: Path) -> Card:
    """Export a training's best epoch anew from its work folder.

    Raises RunError where there is none, or it learned from other data.
    """
    folder = runs / name
    if not (folder / RECORD).is_file() or not (folder / BEST).is_file():
        raise RunError(f"{folder} holds no training: train the model first (python -m server train {name}).")
    run, recipe = _begun(folder)
    if run["data"] != data.digest:
        raise RunError(f"{folder} was trained on other data: name the same, or train again.")

    from server.training.onepass.looks import as_learned
    from server.training.onepass.network import build

    model = build(len(recipe.labels), None, **recipe.network)
    model.load_weights(folder / BEST)
    return _export(model, name, run, recipe, data, folder, models, as_learned(recipe, folder))


def sources(recipe: OnepassRecipe, data: Data, models: Path) -> Sources:
    """What training pictures are made of; models name faces that nobody boxed, and find what is taken for faces."""
    from server.training.landmarks import FaceMesh
    from server.training.onepass.false_finds import with_false_finds
    from server.training.onepass.sources import Sources, of_faces, of_scenes
    from server.training.onepass.unboxed import with_unboxed
    from server.vision import detectors
    from server.vision.classifiers.litert import load_classifier
    from server.vision.detectors import onepass

    scenes = of_scenes(data.scenes["train"], data.folder, recipe.labels)
    scenes = with_unboxed(scenes, load_classifier(models / recipe.unboxed_by), recipe.labels, recipe.unboxed_least)
    if recipe.mistaken_by and (models / recipe.mistaken_by).is_dir():  # a first training has none yet
        network = onepass.load_from(models / recipe.mistaken_by)
        scenes = with_false_finds(scenes, network, detectors.load(recipe.doubted_by))
    windows = of_faces(data.windows, recipe.labels)
    return Sources(scenes, windows, len(recipe.labels), recipe.balance, FaceMesh())


def _export(
    model: Any,
    name: str,
    run: dict[str, Any],
    recipe: OnepassRecipe,
    data: Data,
    folder: Path,
    models: Path,
    look: Look | None,
) -> Card:
    from server.training.loop import logged
    from server.training.onepass.export import export

    return export(model, name, recipe, data, models, run["seed"], run["begun_with"], logged(folder), look)


def _begun(folder: Path) -> tuple[dict[str, Any], OnepassRecipe]:
    """What a work folder's training was begun with, in today's form: recipes may have gained keys since."""
    try:
        run = read_record(folder / RECORD)
        recipe = OnepassRecipe.model_validate(run["recipe"])
        run["begun_with"]
    except (KeyError, ValidationError):
        raise broken(folder / RECORD) from None
    return {**run, "recipe": recipe.model_dump(mode="json")}, recipe


def _starting_weights(recipe: OnepassRecipe, weights: str | None) -> str | None:
    """A file, `imagenet`, or None for nothing; the network is built once to see whether they fit it."""
    weights = weights or recipe.weights
    if weights == "none":
        return None

    from server.training.onepass.fit import begun_network

    def grey(count: int) -> Floats:
        return np.zeros((count, 64, 64, 3), np.float32)

    try:
        begun_network(recipe, weights, grey)
    except Exception as error:  # noqa: BLE001 - Keras and h5py raise all kinds, for a missing network or file too
        why = str(error).strip().partition("\n")[0]
        raise RunError(
            f"--weights {weights} cannot be used for this recipe ({why}); name a file with MobileNetV2's weights "
            "without its top, the best.weights.h5 of another training of this network, the model.tflite of a one-stage "
            "model that is nowhere narrower, 'imagenet', or 'none'."
        ) from None
    return weights
