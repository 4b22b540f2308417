"""The card of a model: what it is, how to feed it, when to doubt it, and how it was measured."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

WEIGHTS_FILE = "model.tflite"
SECOND_LOOK_FILE = "second_look.tflite"
CARD_FILE = "card.json"
NAME = r"^[a-z0-9][a-z0-9-]{0,63}$"
"""What a model may be called; its folder bears the same name."""


class CardError(Exception):
    """A model folder that cannot serve; the message names the file and the cure."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rate(_Strict):
    """A measured share with its count and its 95 % interval, all 0 to 1 but `n`; see `training/intervals.py`."""

    value: float | None
    n: int
    low: float | None
    high: float | None


class Preprocessing(_Strict):
    """How pixels become the network's input; read by `preprocessing.face_input` alone.

    crop_margin: side of the square cut out, as a multiple of the face box's longer side.
    scale, offset: input = pixel (0 to 255) * scale + offset.
    """

    crop_margin: Annotated[float, Field(ge=1, le=3)]
    scale: float
    offset: float


class Thresholds(_Strict):
    """When a face is called `unsure`; chosen on validation data only. See `vision/decision.py`.

    min_face_px: longer side of the face box. min_sharpness, min_brightness: of the crop, see
    `vision/quality.py`. max_turn: see there, for detectors with
    landmarks; None: not judged. min_confidence: the least
    probability of the winning label.
    """

    min_face_px: Annotated[float, Field(ge=0)]
    min_sharpness: Annotated[float, Field(ge=0)]
    min_brightness: Annotated[float, Field(ge=0, le=255)]
    max_turn: Annotated[float, Field(ge=0)] | None
    min_confidence: Annotated[float, Field(ge=0, le=1)]


class Confirmation(_Strict):
    """Who is asked about faces that a one-stage model is not sure of; see `vision/confirmation.py`.

    model: a classifier's name. below: the probability of its likeliest label under which the model is not sure.
    """

    model: Annotated[str, Field(pattern=NAME)]
    below: Annotated[float, Field(ge=0, le=1)]


class SecondLookInfo(_Strict):
    """How a one-stage model looks again at what it is not sure is a face; see `detectors/second_look.py`.

    below: the score under which it does. input_size, preprocessing: as a classifier's. sha256: of `SECOND_LOOK_FILE`.
    """

    below: Annotated[float, Field(ge=0, le=1)]
    input_size: Annotated[int, Field(ge=32, le=1024)]
    preprocessing: Preprocessing
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _unlike(labels: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(labels)) < len(labels):
        raise ValueError("a label stands twice")
    return labels


class Card(_Strict):
    """`card.json` of a folder under `models/`.

    kind: `classifier` names faces that a detector found; `one-stage` finds and names them in one pass, and is a
    detector too. labels: the order of the network's outputs. input_size: pixels, square, or of one stage the longer
    side. min_score: of one stage alone, the least score that is a face, chosen on `scenes/val`. second_look: how it
    makes sure of doubtful finds. confirmation: who is asked about its doubtful labels. metrics: nested groups whose
    leaves are `Rate`s or counts. training: recipe, seed, data digest and whatever else repeats the training. sha256: of
    `model.tflite`.
    """

    kind: Literal["classifier", "one-stage"] = "classifier"
    name: Annotated[str, Field(pattern=NAME)]
    title: str
    description: str
    licence: str
    labels: Annotated[
        tuple[Literal["with_mask", "without_mask", "incorrect"], ...], Field(min_length=2), AfterValidator(_unlike)
    ]
    input_size: Annotated[int, Field(ge=32, le=1024)]
    preprocessing: Preprocessing
    min_score: Annotated[float, Field(ge=0, le=1)] | None = None
    second_look: SecondLookInfo | None = None
    confirmation: Confirmation | None = None
    thresholds: Thresholds
    metrics: dict[str, Any]
    training: dict[str, Any]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @model_validator(mode="after")
    def _scored(self) -> Card:
        if self.one_stage != (self.min_score is not None):
            raise ValueError("a card of kind one-stage needs a min_score, and no other has one")
        if self.confirmation is not None and not self.one_stage:
            raise ValueError("only a card of kind one-stage has a confirmation")
        if self.second_look is not None and not self.one_stage:
            raise ValueError("only a card of kind one-stage has a second_look")
        return self

    @property
    def one_stage(self) -> bool:
        """Whether it finds the faces itself."""
        return self.kind == "one-stage"

    def __hash__(self) -> int:
        """Cards are keys of what is kept in memory: pydantic's own hash would fail at the nested groups."""
        return hash((self.name, self.sha256))


def load_card(folder: Path) -> Card:
    """Read a model folder's card.

    Raises CardError where the card is missing or wrong, or names another model than the folder does.
    """
    path = folder / CARD_FILE
    try:
        card = Card.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise CardError(f"{path} is missing: a model folder needs a {CARD_FILE} and a {WEIGHTS_FILE}.") from None
    except OSError as error:
        raise CardError(f"{path} cannot be read: {error.strerror}. Mend its rights or export it again.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise CardError(f"{path}: {where}: {first['msg']}. Mend the card or export the model again.") from None
    if card.name != folder.name:
        raise CardError(f"{path} names the model {card.name!r}; rename the folder or the model: they must agree.")
    return card


def read_weights(folder: Path, card: Card) -> bytes:
    """The weights of a model, after comparing their hash with the card's.

    Raises CardError where they are missing or are not the ones that the card describes.
    """
    return _read(folder / WEIGHTS_FILE, card.sha256)


def read_second_look(folder: Path, card: Card) -> bytes | None:
    """The weights that a one-stage model looks again with, as `read_weights` has its own; None where it doesn't."""
    return _read(folder / SECOND_LOOK_FILE, card.second_look.sha256) if card.second_look else None


def _read(path: Path, sha256: str) -> bytes:
    try:
        weights = path.read_bytes()
    except FileNotFoundError:
        raise CardError(f"{path} is missing: fetch it again from the repository or export the model again.") from None
    except OSError as error:
        raise CardError(f"{path} cannot be read: {error.strerror}. Mend its rights or export it again.") from None
    found = hashlib.sha256(weights).hexdigest()
    if found != sha256:
        raise CardError(
            f"{path} has the SHA-256 {found[:12]}…, but its card says {sha256[:12]}…: these are not the weights "
            "that were measured. Fetch the folder again or export the model again."
        )
    return weights
