"""Recipes: how a model is trained, as data. One TOML file a recipe; a new variant is a new file and no new code."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from server.vision.classifiers.card import Preprocessing

Share = Annotated[float, Field(ge=0, le=1)]


Kind = TypeVar("Kind", bound="Training")


class RecipeError(Exception):
    """A recipe that is missing or wrong; the message names it and the cure."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Augmentation(_Strict):
    """How training pictures are varied, every class alike; see `augmentation.py` for each.

    Shares are the part of the pictures that a variation touches; the others are largest amounts.
    """

    flip: Share = 0
    rotation: float = 0  # degrees either way
    framing_scale: float = 0  # natural logarithm either way
    framing_shift: float = 0  # as a share of the face's size, either way
    brightness: float = 0  # stops either way
    contrast: float = 0  # natural logarithm either way
    colour_cast: float = 0  # natural logarithm of a channel's gain, either way
    grey: Share = 0
    shade: Share = 0
    blur: Share = 0
    low_resolution: Share = 0
    jpeg: Share = 0
    noise: Share = 0
    occluder: Share = 0


class Training(_Strict):
    """What every training says, whatever its network answers."""

    title: str
    description: str
    licence: str = "MIT"  # of the weights
    network: dict[str, Any] = {}  # the architecture's own options
    weights: Literal["imagenet", "none"]  # what it starts from unless another is given
    labels: tuple[Literal["with_mask", "without_mask", "incorrect"], ...]
    input_size: Annotated[int, Field(ge=32, le=1024)]
    preprocessing: Preprocessing
    freeze_batch_norm: bool
    balance: Annotated[float, Field(ge=0, le=1)]  # 0: classes as they come; 1: all alike; .5: square root
    optimizer: Literal["adamw", "adam", "sgd"]
    learning_rate: Annotated[float, Field(gt=0)]
    schedule: Literal["cosine", "constant"] = "cosine"  # after the warm-up: down to nothing, or as it is
    warmup_epochs: Annotated[float, Field(ge=0)]
    weight_decay: Annotated[float, Field(ge=0)]
    batch_size: Annotated[int, Field(ge=1)]
    epochs: Annotated[int, Field(ge=1)]
    patience: Annotated[int, Field(ge=1)] | None = None  # ends after so many epochs without a better one
    augmentation: Augmentation


class Recipe(Training):
    """All that decides a classifier's training besides the data and the starting weights."""

    architecture: str
    rows: Literal["all", "thesis"] = "all"  # the faces to learn from: every one, or the thesis's stand-in
    dropout: Share
    loss: Literal["categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy"] = (
        "categorical_crossentropy"
    )
    label_smoothing: Share
    # 16 bits for products, 32 for weights (Micikevicius et al. 2018): twice as quick where the processor has AMX,
    # slower where it has no bfloat16 at all. What is exported is not touched by it.
    precision: Literal["float32", "mixed_bfloat16"] = "float32"
    best_by: Literal["val_accuracy", "val_loss"] = "val_accuracy"  # which epoch is kept


def names() -> list[str]:
    """The recipes that can be trained."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in files(__name__).iterdir() if entry.name.endswith(".toml")
    )


def load(name: str) -> Recipe:
    """Read a classifier's recipe by name.

    Raises RecipeError for an unknown name or a broken file.
    """
    if name not in names():
        raise RecipeError(f"there is no recipe {name!r}; there are: {', '.join(names())}.")
    return read(files(__name__).joinpath(f"{name}.toml"), Recipe)


def read(file: Traversable, kind: type[Kind]) -> Kind:
    """Read a recipe of a kind from its file.

    Raises RecipeError for a broken file.
    """
    name = file.name.removesuffix(".toml")
    try:
        return kind.model_validate(tomllib.loads(file.read_text("utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"recipe {name} is not valid TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise RecipeError(f"recipe {name}: {'.'.join(map(str, first['loc']))}: {first['msg']}.") from None
