"""What the pages about models show: each column's figures on one scale, what else a card tells, and the files there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from server.vision.classifiers.card import SECOND_LOOK_FILE, WEIGHTS_FILE, Card, Rate
from server.vision.messages import LABELS, UNSURE

README_FILE = "README.md"
PICTURES = ("curves.svg", "confusion-thesis.svg", "confusion-test.svg", "roc.svg", "reliability.svg", "coverage.svg")
HEAT_MAP = "heat.webp"
MEGABYTE = 10**6

_FLOORS = (0.95, 0.9, 0.8, 0.5)
_TOPS = (0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures.

    unit: `share`, `size` (MB) or `time` (ms, measured by the page). best: which end is the better one.
    """

    key: str
    unit: str = "share"
    best: str = "high"


COLUMNS = (
    Column("thesis"),
    Column("test"),
    Column("f1"),
    Column("incorrect"),
    Column("hand", best="low"),
    Column("size", "size", "low"),
    Column("time", "time", "low"),
)
FIRST = "test"
"""The column that the table is sorted by until somebody chooses another: which is right most often?"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, its 95 % interval where known, and how many it is of.

    note: `own` where it is of the photos of whoever trained the model, which no other was scored on; `all` where it is
    of all faces, those with the mask worn incorrectly too.
    """

    value: float
    low: float | None = None
    high: float | None = None
    n: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """What a column's bars go from and to. All its intervals lie on it."""

    floor: float = 0.0
    top: float = 1.0

    def at(self, value: float) -> float:
        """Where a value lies, 0 to 100."""
        return round(100 * min(max((value - self.floor) / (self.top - self.floor), 0), 1), 2)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a model that is there. version: another one as soon as the weights or the picture change."""

    file: str
    path: Path
    version: str

    @property
    def kind(self) -> str:
        """The file's name without its ending: what its words are found by."""
        return self.file.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model says of faces of one hard kind: `incorrect` or `hand`. said: label to share, `unsure` last."""

    kind: str
    faces: int
    said: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Row:
    """A model as its pages show it. Whatever its card does not tell is missing from `figures` and `facts`."""

    card: Card
    default: bool
    figures: Mapping[str, Figure]
    answers: Sequence[Answers]
    facts: Mapping[str, str]
    pictures: Mapping[str, Picture] = field(default_factory=dict)

    @property
    def says_incorrect(self) -> bool:
        return "incorrect" in self.card.labels

    @property
    def input(self) -> tuple[int, int]:
        """Width and height in pixels of what the network looks at: of one stage, a picture that lies."""
        size = self.card.input_size
        return size, size * 3 // 4 if self.card.one_stage else size

    @property
    def smallest(self) -> int:
        """Pixels of the least face that is answered; 0 where any is."""
        return ceil(self.card.thresholds.min_face_px)


def rows(cards: Iterable[Card], default: str, models_dir: Path) -> list[Row]:
    """All models, the one that is right most often on unseen faces first, those never measured last."""
    found = [row(card, card.name == default, models_dir / card.name) for card in cards]
    return sorted(found, key=_unseen)


def row(card: Card, default: bool, folder: Path) -> Row:
    """One model; `folder` is its own under `models/`."""
    figures = _figures(card)
    files = [file for file in (file_in(folder, name) for name in (WEIGHTS_FILE, SECOND_LOOK_FILE)) if file]
    if files:
        figures["size"] = Figure(sum(file.stat().st_size for file in files) / MEGABYTE)
    pictures = {file: picture for file in (*PICTURES, HEAT_MAP) if (picture := picture_of(card, folder, file))}
    return Row(card, default, figures, _answers(card.metrics), _facts(card), pictures)


def picture_of(card: Card, folder: Path, file: str) -> Picture | None:
    """A picture of a model; None where there is none of this name."""
    path = file_in(folder, "pictures", file) if file in (*PICTURES, HEAT_MAP) else None
    return Picture(file, path, f"{card.sha256[:16]}-{path.stat().st_mtime_ns:x}") if path else None


def scales(shown: Sequence[Row]) -> dict[str, Scale]:
    """One scale a column, from as little under the lowest interval to as little over the highest as is round."""
    found = {}
    for column in COLUMNS:
        figures = [each.figures[column.key] for each in shown if column.key in each.figures]
        ends = [end for figure in figures for end in (figure.low, figure.value, figure.high) if end is not None]
        found[column.key] = _scale(ends, column.unit)
    return found


def file_in(folder: Path, *parts: str) -> Path | None:
    """A file in a model's folder; None where there is none, or where it is a link to somewhere outside."""
    path = folder.joinpath(*parts).resolve()
    return path if path.is_relative_to(folder.resolve()) and path.is_file() else None


def _unseen(shown: Row) -> tuple[float, str]:
    figure = shown.figures.get(FIRST)
    return (-figure.value if figure else 1, shown.card.name)


def _figures(card: Card) -> dict[str, Figure]:
    """The table's figures, as far as the card has them."""
    metrics = card.metrics
    # Two and three classes are compared on the same faces: those that both can be right on, for two classes all.
    group, note = ("mask_or_none", "") if _rate(metrics, "test", "mask_or_none", "accuracy") else ("all", "all")
    if "incorrect" not in card.labels:
        note = ""
    found = {
        "thesis": _figure(metrics, "thesis", "all", "accuracy"),
        "test": _figure(metrics, "test", group, "accuracy", note=note),
        "f1": _figure(metrics, "test", group, "f1", note=note),
        "incorrect": _figure(metrics, "test", "all", "labels", "incorrect", "recall"),
        "hand": _hand(metrics),
    }
    own = _at(metrics, "test", "source:own") is not None
    return {key: replace(figure, note="own") if own else figure for key, figure in found.items() if figure is not None}


def _hand(metrics: Mapping[str, Any]) -> Figure | None:
    """How often a hand, a cup or a scarf is called a mask. A label that was never said is missing from a card."""
    said = _said(metrics, "test_drawn_over_mouth")
    if not said or "with_mask" in said:
        return said.get("with_mask")
    n = next(iter(said.values())).n
    return Figure(0.0, 0.0, 1 - 0.025 ** (1 / n), n)  # the exact interval (Clopper, Pearson 1934) where none of n is


def _answers(metrics: Mapping[str, Any]) -> list[Answers]:
    found = []
    for kind, name in (("incorrect", "test_incorrect"), ("hand", "test_drawn_over_mouth")):
        said = _said(metrics, name)
        if said:
            found.append(Answers(kind, metrics[name]["faces"], said))
    return found


def _said(metrics: Mapping[str, Any], name: str) -> dict[str, Figure]:
    """What is said of the faces of a set, label by label; empty where that was not measured."""
    if not isinstance(_at(metrics, name, "faces"), int):
        return {}
    said = {label: _figure(metrics, name, label) for label in (*LABELS, UNSURE)}
    return {label: figure for label, figure in said.items() if figure is not None}


def _facts(card: Card) -> dict[str, str]:
    """What the training left on the card, in figures and names that read alike in every language."""
    training = card.training
    faces, epochs = training.get("faces"), training.get("epochs")
    found = {
        "weights": training.get("weights"),
        "architecture": _at(training, "recipe", "architecture"),
        "trainedOn": _total(faces),
        "epochs": str(len(epochs)) if isinstance(epochs, list) and epochs else None,
    }
    return {key: fact for key, fact in found.items() if isinstance(fact, str)}


def _total(counts: object) -> str | None:
    """How many faces of all labels together."""
    if not isinstance(counts, Mapping) or not all(isinstance(count, int) for count in counts.values()):
        return None
    return str(sum(counts.values()))


def _figure(metrics: Mapping[str, Any], *path: str, note: str = "") -> Figure | None:
    rate = _rate(metrics, *path)
    return Figure(rate.value or 0.0, rate.low, rate.high, rate.n, note) if rate else None


def _rate(metrics: Mapping[str, Any], *path: str) -> Rate | None:
    """A measured share; None where the card has none there. What others write into a card is not checked elsewhere."""
    try:
        rate = Rate.model_validate(_at(metrics, *path))
    except ValidationError:
        return None
    ends = [end for end in (rate.low, rate.value, rate.high) if end is not None]
    return rate if rate.value is not None and all(0 <= end <= 1 for end in ends) and ends == sorted(ends) else None


def _at(node: object, *path: str) -> object:
    """What lies at a path of a card's nested groups; None where the path ends early."""
    for step in path:
        node = node.get(step) if isinstance(node, Mapping) else None
    return node


def _scale(ends: Sequence[float], unit: str) -> Scale:
    if not ends:
        return Scale()
    low, high = min(ends), max(ends)
    if unit != "share":
        return Scale(top=high or 1)
    floor = next((floor for floor in _FLOORS if floor <= low), 0.0)
    top = 1.0 if floor else next((top for top in _TOPS if top >= high), 1.0)
    return Scale(floor, top)
