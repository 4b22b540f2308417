"""Recipes of one-stage detectors, as data like those of the classifiers."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field

from server.training.recipes import RecipeError, Share, Training, read
from server.training.recipes import _Strict as Strict

_FOLDER = files("server.training.onepass") / "recipes"


class Pictures(Strict):
    """What training pictures are made of, and how.

    scene, mosaic, collage: their shares, of 1 together. drawn_masks: the share of single bare faces that get one;
    on to one_ear: how they are worn, of 1 together. least_face, most_face: sizes that faces are brought to, pixels
    of the input; near: the share of pictures that a near face is drawn for instead. mistaken: the share of cuts, and of
    faces pasted, that show something taken for a face instead. cut_off: of cuts, the share that ends in its face;
    behind: of faces pasted, the share that stands behind another head. smallest_face: what is smaller is not learned
    from.
    """

    scene: Share
    mosaic: Share
    collage: Share
    drawn_masks: Share
    on: Share
    nose_out: Share
    chin: Share
    one_ear: Share
    least_face: Annotated[float, Field(gt=0)]
    most_face: Annotated[float, Field(gt=0)]
    near: Share
    mistaken: Share = 0.0
    cut_off: Share = 0.0
    behind: Share = 0.0
    smallest_face: Annotated[float, Field(gt=0)]


class Looks(Strict):
    """How the second look learns (`looks.py`), and below which score it is asked."""

    below: Share
    epochs: Annotated[int, Field(ge=1)]
    learning_rate: Annotated[float, Field(gt=0)]
    batch_size: Annotated[int, Field(ge=2)]
    pictures_an_epoch: Annotated[int, Field(ge=1)]


class OnepassRecipe(Training):
    """All that decides a one-stage detector's training besides the data and the starting weights.

    input_size: the longer side; the shorter is three quarters of it. pictures_an_epoch: drawn anew each time.
    averaged: how much of the average of all steps' weights each step keeps; it is the average that serves.
    unboxed_by: the model that names faces which nobody boxed, where it is sure of at least `unboxed_least`.
    mistaken_by: the one-stage model whose false finds in training scenes are shown more often; those that the detector
    `doubted_by` sees too are not learned from. Where there is no such model, or no name, nothing is.
    second_look: how finds that it is unsure of are looked at again; None for not at all.
    confirmed_by: the model that is asked about faces of which the network is less sure than `confirm_below`; an
    empty name for none. precision: that the working threshold is chosen for, on the scenes `val`.
    """

    kind: Literal["one-stage"]
    pictures: Pictures
    pictures_an_epoch: Annotated[int, Field(ge=1)]
    box_weight: Annotated[float, Field(ge=0)]
    label_weight: Annotated[float, Field(ge=0)]
    averaged: Annotated[float, Field(gt=0, lt=1)]
    unboxed_by: str = "mobilenetv2"
    unboxed_least: Share = 0.9
    mistaken_by: str = ""
    doubted_by: str = "retinaface-640"
    second_look: Looks | None = None
    confirmed_by: str = "mobilenetv2"
    confirm_below: Share = 0.7
    precision: Share = 0.97
    best_by: Literal["val_found", "val_named", "val_end_to_end"] = "val_end_to_end"  # which epoch is kept


def names() -> list[str]:
    """The one-stage detectors that can be trained."""
    return sorted(entry.name.removesuffix(".toml") for entry in _FOLDER.iterdir() if entry.name.endswith(".toml"))


def load(name: str) -> OnepassRecipe:
    """Read a recipe by name.

    Raises RecipeError for an unknown name or a broken file.
    """
    if name not in names():
        raise RecipeError(f"there is no one-stage recipe {name!r}; there are: {', '.join(names())}.")
    return read(_FOLDER / f"{name}.toml", OnepassRecipe)
