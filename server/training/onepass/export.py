"""From a trained one-stage detector to a folder under `models/`: LiteRT weights, thresholds, figures."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
from tqdm import tqdm

from server.training.average_precision import Scored, at
from server.training.dataset import read_window
from server.training.export import made_by, unmeasured
from server.training.measure import on_faces
from server.training.onepass.compression import MOST_CHANGED, share_changed, to_litert
from server.training.onepass.doubt import choose_thresholds
from server.training.onepass.folder import measures, write_model
from server.training.onepass.looks import Look
from server.training.onepass.recipe import OnepassRecipe
from server.training.onepass.run import Data
from server.training.onepass.score import CHOSEN_ON, LEAST
from server.training.onepass.single_faces import say
from server.training.scene_finders import Finder, detector_info, finder
from server.training.scenes import Scene, lowest_threshold, table
from server.vision.classifiers.card import CARD_FILE, SECOND_LOOK_FILE, WEIGHTS_FILE, Card, Confirmation
from server.vision.classifiers.litert import load_classifier
from server.vision.classifiers.preprocessing import to_input
from server.vision.detectors.onepass import fitted, load
from server.vision.detectors.suppression import Floats
from server.vision.messages import LABELS

SEEN = 370
"""Training scenes from which the ranges of whole numbers are taken: at least so many, evenly from all."""


def export(
    model: keras.Model,
    name: str,
    recipe: OnepassRecipe,
    data: Data,
    models: Path,
    seed: int,
    begun_with: str | None,
    history: Sequence[Mapping[str, float]] = (),
    look: Look | None = None,
) -> Card:
    """Write `models/<name>/`: weights, thresholds chosen on the scenes `val`, figures on `val` and `test`.

    begun_with: the weights that it started from, `imagenet` or a file's SHA-256. history: figures an epoch (both for
    the card). look: what looks again. Everything is scored with the exported weights, through the code that serves.
    """
    val = data.scenes["val"]
    looking, again = look or (None, None)
    card = _card(name, recipe, data, {"seed": seed, "begun_with": begun_with}, history)
    card = card.model_copy(update={"second_look": looking})
    plain = to_litert(model)
    serve = partial(served, again=again, models=models, folder=data.folder)
    card = _working(card, plain, serve, val, recipe.precision)
    whole = to_litert(model, _like_serving(data, recipe))
    smaller = _working(card, whole, serve, val, recipe.precision)
    changed = _changed(card, plain, whole, val, data.folder)
    weights = plain
    if changed < MOST_CHANGED:
        card, weights = smaller, whole
    told = {"weights": "float32" if weights is plain else "int8", "int8_changes": round(changed, 4)}
    with serving(card, weights, again, models, card.min_score or 0) as find:
        thresholds = choose_thresholds(find, val, data.folder, card.labels)
    card = card.model_copy(update={"thresholds": thresholds, "training": {**card.training, **told}})
    tables = {
        split: table(at(serve(card, weights, data.scenes[split]), card.min_score or 0)) for split in ("val", "test")
    }
    classifier = load_classifier(models / card.confirmation.model) if card.confirmation else None
    speak = partial(say, load(card, weights, again), card, classifier)
    figures, predictions = on_faces(speak, card.labels, thresholds, data.faces)
    of_scenes = {f"scenes_{split}": measures(rows) for split, rows in tables.items()}
    card = card.model_copy(update={"metrics": {**figures, **of_scenes}})
    write_model(models / name, card, tables, predictions, weights, again)
    return card


@contextmanager
def serving(
    card: Card, weights: bytes, again: bytes | None, models: Path, min_score: float = LEAST
) -> Iterator[Finder]:
    """What serving with such a model finds in a picture's bytes, from a score of `min_score` up.

    again: the weights that it looks again with. models: where the model is that confirms its faces.
    """
    with TemporaryDirectory() as place:
        own = Path(place)
        (own / card.name).mkdir()
        (own / card.name / WEIGHTS_FILE).write_bytes(weights)
        if again:
            (own / card.name / SECOND_LOOK_FILE).write_bytes(again)
        (own / card.name / CARD_FILE).write_text(card.model_dump_json(), encoding="utf-8")
        if card.confirmation:
            (own / card.confirmation.model).symlink_to((models / card.confirmation.model).resolve())
        yield finder(detector_info(card.name, own), card.name, min_score, own, own)


def served(
    card: Card, weights: bytes, scenes: Sequence[Scene], again: bytes | None, models: Path, folder: Path
) -> Scored:
    """What serving finds in scenes. folder: of their pictures."""
    with serving(card, weights, again, models) as find:
        return [
            (scene, find((folder / scene.file).read_bytes())) for scene in tqdm(scenes, unit="picture", mininterval=1)
        ]


def _card(
    name: str,
    recipe: OnepassRecipe,
    data: Data,
    begun: Mapping[str, int | str | None],
    history: Sequence[Mapping[str, float]],
) -> Card:
    boxed = Counter(face.label for scene in data.scenes["train"] for face in scene.faces)
    single = Counter(data.windows.label)
    return unmeasured(
        name,
        recipe,
        kind="one-stage",
        min_score=0.5,
        confirmation=Confirmation(model=recipe.confirmed_by, below=recipe.confirm_below)
        if recipe.confirmed_by
        else None,
        training={
            **begun,
            "faces": {label: boxed[label] + single[label] for label in LABELS},
            "scenes": len(data.scenes["train"]),
            "data_sha256": data.digest,
            **made_by(history),
        },
        sha256="0" * 64,
    )


def _working(card: Card, weights: bytes, serve: Callable[..., Scored], val: Sequence[Scene], precision: float) -> Card:
    """The card with these weights and the least score that finds with such a precision."""
    card = card.model_copy(update={"sha256": hashlib.sha256(weights).hexdigest()})
    least = lowest_threshold(table(serve(card, weights, val)), precision, CHOSEN_ON, LEAST)
    return card.model_copy(update={"min_score": 1.0 if least is None else least})


def _changed(card: Card, plain: bytes, whole: bytes, scenes: Sequence[Scene], folder: Path) -> float:
    """The share of answers on scenes that whole numbers change, before anything is looked at again."""
    one, other = (load(card, weights) for weights in (plain, whole))
    images = (read_window(str(folder / scene.file)) for scene in scenes)
    least = card.min_score or 0
    return share_changed((one.detect(image, least), other.detect(image, least)) for image in images)


def _like_serving(data: Data, recipe: OnepassRecipe) -> Iterator[Floats]:
    """Training scenes as serving gives them to the network, evenly from all."""
    for scene in data.scenes["train"][:: max(len(data.scenes["train"]) // SEEN, 1)]:
        picture, _ = fitted(read_window(str(data.folder / scene.file)), recipe.input_size)
        yield to_input(picture, recipe.preprocessing)
