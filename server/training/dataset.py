"""Labelled faces on disk: `faces.csv` and the picture windows it lists."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import pandas as pd

from server.vision.messages import LABELS, Box, Image

SPLITS = ("train", "val", "test", "thesis")
COLUMNS = {"file", "split", "label", "x", "y", "width", "height", "original_face_px", "group", "source"}


class DataError(Exception):
    """Training data that cannot be used; the message names the file and the cure."""


def read_faces(data: Path) -> pd.DataFrame:
    """Read `faces.csv`.

    data: the folder with `faces.csv` and `faces/`, or the `faces.csv` in it. Returns one row a face, with `path`
    added, all splits.
    Raises DataError where the file is missing, lacks columns, or breaks a rule of the format.
    """
    path = data if data.is_file() else data / "faces.csv"
    if not path.is_file():
        raise DataError(f"{path} is missing: --data takes the folder that holds faces.csv and faces/.")
    try:
        rows = pd.read_csv(path, keep_default_na=False)
    except ValueError as error:
        raise DataError(f"{path} is not a table of comma-separated values: {error}.") from None
    missing = COLUMNS - set(rows.columns)
    if missing:
        raise DataError(f"{path} lacks the columns {', '.join(sorted(missing))}.")
    for column, allowed in (("split", SPLITS), ("label", LABELS)):
        wrong = rows.loc[~rows[column].isin(allowed)]
        if len(wrong):
            first = wrong.iloc[0]
            raise DataError(
                f"{path}: {first.file}: {column} is {first[column]!r}, expected one of {', '.join(allowed)}."
            )
    crossing = rows.groupby("group")["split"].nunique()
    if (crossing > 1).any():
        group = crossing.index[crossing > 1][0]
        raise DataError(f"{path}: the group {group} lies in several splits; near-copies must stay together.")
    for column, absent in (("suspect", 0), ("thesis", ""), ("mask_type", "")):
        if column not in rows:
            rows[column] = absent
    rows["path"] = [str(path.parent / "faces" / file) for file in rows.file]
    return rows


def split_rows(rows: pd.DataFrame, split: str, *, suspects: bool = False) -> pd.DataFrame:
    """The rows of one split; those whose label is suspect only if asked for."""
    chosen = rows[rows.split == split]
    return (chosen if suspects else chosen[chosen.suspect == 0]).reset_index(drop=True)


def learnable(rows: pd.DataFrame, labels: Sequence[str], which: str) -> pd.DataFrame:
    """The faces that a recipe may learn from and choose on: of its labels, in the splits `train` and `val`.

    which: `all`, or `thesis` for the part that stands in for the thesis's data set.
    """
    chosen = rows[rows.label.isin(labels) & rows.split.isin(("train", "val"))]
    return chosen[chosen.thesis == "train"] if which == "thesis" else chosen


def scored(rows: pd.DataFrame, labels: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The faces that a model of these labels is scored on: `test`, and `thesis` where there is one."""
    known = rows[rows.label.isin(labels)]
    sets = {"test": known[known.split == "test"], "thesis": known[known.thesis == "test"]}
    return {name: part.reset_index(drop=True) for name, part in sets.items() if len(part)}


def check_pictures(rows: pd.DataFrame) -> None:
    """Look at the beginning of every picture, so that hours of work do not end at a broken one.

    Raises DataError for the first that is missing or is not a picture.
    """
    for path in rows.path:
        if not Path(path).is_file() or not cv2.haveImageReader(path):
            raise DataError(f"{path} is missing or is not a picture.")


def digest(rows: pd.DataFrame) -> str:
    """SHA-256 over files, labels and boxes in order of file: names the data that a model was trained on."""
    columns = ["file", "split", "label", "x", "y", "width", "height"]
    text = rows.sort_values("file")[columns].to_csv(index=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_window(path: str) -> Image:
    """Read a picture window as RGB.

    Raises DataError where it is missing or broken.
    """
    pixels = cv2.imread(path, cv2.IMREAD_COLOR_RGB)
    if pixels is None:
        raise DataError(f"{path} is missing or is not a picture.")
    return pixels


def box_of(row: object) -> Box:
    """The face box of a row (as `itertuples` gives it), in pixels of its window."""
    return Box(float(row.x), float(row.y), float(row.width), float(row.height))  # type: ignore[attr-defined]
