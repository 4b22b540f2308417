"""Scoring on whole pictures: which boxed faces are found, rightly named, and what is found that is no face.

The definition is `Figures on scenes` of MaskGate's contract:

- a face's size is the longer side of its true box in the stored picture;
- finds, by falling score, take the unused true box of highest IoU; from `HIT_IOU` it is a hit;
- a face is right end to end when it is hit and carries the true label (`unsure` is not right);
- a false find is one of at least the size limit that hits nothing, has an IoU of at most `NEAR_IOU` with every
  true box, and lies by at most half its area in an ignore region; hits on smaller true boxes count neither way.

All scenes' outcome is one table (`COLUMNS`), a row a true face and a row a find that hit nothing; `figures`
computes every figure from it, so a stored CSV is enough to compute them again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from server.training.intervals import rate
from server.vision.classifiers.card import Rate
from server.vision.messages import LABELS, UNSURE, Box

HIT_IOU = 0.4
NEAR_IOU = 0.2
MAX_IGNORED_SHARE = 0.5
SIZES = (24, 32, 64)
"""Least face sizes that figures are given for, in pixels."""
NEAR = 1 / 3
"""The least share of its picture's height that a near face takes up."""

_TRUTH = ("truth", "truth_x", "truth_y", "truth_width", "truth_height")
_FIND = ("score", "x", "y", "width", "height", "label", "reason", *(f"p_{label}" for label in LABELS))
COLUMNS = ("file", "source", "picture_height", *_TRUTH, *_FIND, "iou", "ignored")
"""picture_height: NaN where not known. truth*: the true face, empty for a find that hit nothing; score to p_*: the
find, empty for a face that was missed; iou: with the face hit, else the highest with any true face; ignored: share of
the find in one ignore region."""


class ScenesError(ValueError):
    """Scenes that cannot be read; the message names the file and the cure."""


@dataclass(frozen=True, slots=True)
class TrueFace:
    """A boxed face; box in pixels of the stored picture."""

    box: Box
    label: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture with its boxed faces, and the regions where finds count neither way. height: its own, in pixels."""

    file: str
    source: str
    faces: tuple[TrueFace, ...]
    ignored: tuple[Box, ...] = ()
    height: float = math.nan


@dataclass(frozen=True, slots=True)
class Find:
    """What MaskGate found; box in pixels of the stored picture; no label where no classifier ran."""

    box: Box
    score: float
    label: str | None = None
    reason: str | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """How well faces of at least a size are found and named.

    recall: hits of true faces. precision: hits of hits and false finds. right: rightly named of hits.
    unsure: of hits. end_to_end: hit and rightly named of true faces. These last three mean nothing where no
    classifier ran.
    """

    recall: Rate
    precision: Rate
    right: Rate
    unsure: Rate
    end_to_end: Rate


def read_scenes(path: Path) -> list[Scene]:
    """Read a COCO file whose categories are MaskGate's labels; `iscrowd` annotations are ignore regions.

    Raises ScenesError.
    """
    try:
        coco = json.loads(path.read_text(encoding="utf-8"))
        names = {category["id"]: category["name"] for category in coco["categories"]}
        by_image: dict[int, list[dict[str, Any]]] = {}
        for annotation in coco["annotations"]:
            if min(annotation["bbox"][2:]) == 0:  # a slip of the annotator's mouse: no face can be seen in it
                continue
            by_image.setdefault(annotation["image_id"], []).append(annotation)
        scenes = []
        for image in coco["images"]:
            annotations = by_image.get(image["id"], [])
            faces = tuple(
                TrueFace(Box(*annotation["bbox"]), names[annotation["category_id"]])
                for annotation in annotations
                if not annotation.get("iscrowd")
            )
            # One face stands once for each category, as pycocotools wants it: once is enough here.
            crowds = {tuple(annotation["bbox"]) for annotation in annotations if annotation.get("iscrowd")}
            ignored = tuple(Box(*bbox) for bbox in sorted(crowds))
            height = image.get("height", math.nan)
            scenes.append(Scene(image["file_name"], image.get("source", ""), faces, ignored, height))
    except FileNotFoundError:
        raise ScenesError(f"{path} is missing: point --data at a folder with scenes/<split>.json.") from None
    except (KeyError, TypeError, ValueError) as error:
        raise ScenesError(f"{path} is not COCO as data/README.md describes it: {error!r}.") from error
    unknown = {face.label for scene in scenes for face in scene.faces} - set(LABELS)
    if unknown:
        raise ScenesError(f"{path} has the categories {sorted(unknown)}; faces are {', '.join(LABELS)}.")
    return scenes


def match(scene: Scene, finds: Sequence[Find]) -> dict[int, int]:
    """Which find hits which true face: index of the find to index of the face."""
    hits: dict[int, int] = {}
    for index in sorted(range(len(finds)), key=lambda index: -finds[index].score):
        unused = [number for number in range(len(scene.faces)) if number not in hits.values()]
        ious = {number: finds[index].box.iou(scene.faces[number].box) for number in unused}
        best = max(ious, key=ious.__getitem__, default=None)
        if best is not None and ious[best] >= HIT_IOU:
            hits[index] = best
    return hits


def table(scenes: Iterable[tuple[Scene, Sequence[Find]]]) -> pd.DataFrame:
    """What became of all true faces and finds: the columns `COLUMNS`."""
    rows = [row for scene, finds in scenes for row in _rows(scene, finds)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(scene: Scene, finds: Sequence[Find]) -> list[dict[str, object]]:
    hits = match(scene, finds)
    rows: list[dict[str, object]] = []
    picture = {"file": scene.file, "source": scene.source, "picture_height": scene.height}
    for index, find in enumerate(finds):
        face = scene.faces[hits[index]] if index in hits else None
        rivals = [face] if face else scene.faces
        rows.append(
            {
                **picture,
                **(_truth(face) if face else {}),
                **_find(find),
                "iou": max((find.box.iou(rival.box) for rival in rivals), default=0.0),
                "ignored": max((find.box.overlap(region) / find.box.area for region in scene.ignored), default=0.0),
            }
        )
    missed = set(range(len(scene.faces))) - set(hits.values())
    rows += [{**picture, **_truth(scene.faces[n])} for n in sorted(missed)]
    return rows


def _truth(face: TrueFace) -> dict[str, object]:
    return dict(zip(_TRUTH, (face.label, face.box.x, face.box.y, face.box.width, face.box.height), strict=True))


def _find(find: Find) -> dict[str, object]:
    box = find.box
    probabilities = (find.probabilities.get(label) for label in LABELS)
    values = (find.score, box.x, box.y, box.width, box.height, find.label, find.reason, *probabilities)
    return dict(zip(_FIND, values, strict=True))


def figures(rows: pd.DataFrame, min_size: float) -> Figures:
    """Figures of faces of at least `min_size` pixels.

    rows: as `table` makes them or a CSV of them is read; filter it first for one source.
    """
    faces = rows[rows[["truth_width", "truth_height"]].max(axis=1) >= min_size]  # rows without truth: NaN, left out
    hits = faces[faces["score"].notna()]
    right = int((hits["label"] == hits["truth"]).sum())
    return Figures(
        recall=rate(len(hits), len(faces)),
        precision=rate(len(hits), len(hits) + int(false_finds(rows, min_size).sum())),
        right=rate(right, len(hits)),
        unsure=rate(int((hits["label"] == UNSURE).sum()), len(hits)),
        end_to_end=rate(right, len(faces)),
    )


def false_finds(rows: pd.DataFrame, min_size: float) -> pd.Series:
    """Which rows are false finds of at least `min_size` pixels: a boolean a row."""
    return (
        rows["truth"].isna()
        & (rows[["width", "height"]].max(axis=1) >= min_size)
        & (rows["iou"] <= NEAR_IOU)
        & (rows["ignored"] <= MAX_IGNORED_SHARE)
    )


def near(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of faces, and of finds that hit nothing, that take up `NEAR` of their picture's height and more."""
    return rows[rows["truth_height"].fillna(rows["height"]) >= NEAR * rows["picture_height"]]


def lowest_threshold(rows: pd.DataFrame, precision: float, min_size: float, least: float) -> float | None:
    """The lowest score from `least` up, in hundredths, whose finds have at least this precision; None if none has.

    rows: with all finds from `least` up. Leaving the lower ones out leaves the others' hits as they are, since
    the best score chooses first.
    """
    for hundredths in range(math.ceil(round(least * 100, 6)), 101):
        found = figures(rows[rows["score"] >= hundredths / 100], min_size).precision
        if found.value is not None and found.value >= precision:
            return hundredths / 100
    return None


def summary(rows: pd.DataFrame) -> list[tuple[str, int | None, Figures, dict[str, Figures]]]:
    """Source (`all` first where there are several), least size, figures, figures by true label.

    The sizes are `SIZES`, in pixels, then None for `near` faces where pictures' heights are known.

    One label's precision is without value: a false find has no true label.
    """
    sources = sorted(rows["source"].unique())
    lines = []
    for source in ("all", *sources) if len(sources) > 1 else sources:
        chosen = rows if source == "all" else rows[rows["source"] == source]
        for size in (*SIZES, None) if chosen["picture_height"].notna().any() else SIZES:
            large, least = (near(chosen), 0) if size is None else (chosen, size)
            by_label = {label: figures(large[large["truth"] == label], least) for label in LABELS}
            by_label = {label: replace(found, precision=rate(0, 0)) for label, found in by_label.items()}
            lines.append((source, size, figures(large, least), by_label))
    return lines
