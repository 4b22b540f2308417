"""The folder as its owner made it: which photos lie in it, and what is meant where it is named differently."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from server.training.dataset import DataError
from server.vision.messages import LABELS

NEEDED = ("with_mask", "without_mask")
_LITTER = {"thumbs.db", "desktop.ini"}
# What people and public sets call the classes; the first that fits counts.
_MEANT = (
    ("incorrect", r"incorrect|improper|wrong"),
    ("without_mask", r"^(no|non|not|un)[^a-z]*mask|without|bare"),
    ("with_mask", r"mask"),
)

Say = Callable[[str], None]
"""Takes a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A file in a class folder. name: its path below the data folder, with slashes."""

    path: Path
    name: str
    label: str


def holds_classes(data: Path) -> bool:
    """Whether this is meant to be a folder with one sub-folder a class, be they rightly named or not."""
    if not data.is_dir() or (data / "faces.csv").exists():
        return False
    return any(map(meant, _folders(data))) or _below(data) is not None


def meant(folder: str) -> str | None:
    """The label that a folder's name stands for: exactly, or as far as one can guess."""
    if folder in LABELS:
        return folder
    return next((label for label, pattern in _MEANT if re.search(pattern, folder.lower())), None)


def photos_in(data: Path, labels: Sequence[str], say: Say) -> list[Photo]:
    """All files in the class folders of `labels`, at any depth, in order of name; hidden files are left out.

    A folder `incorrect/` may be missing or empty, the others may not. Other folders are left out and named.
    Raises DataError where a class folder is missing, with the cure.
    """
    there = _folders(data)
    missing = [label for label in NEEDED if label not in there]
    if missing:
        raise DataError(_missing(data, there, missing))
    for folder in there:
        if folder not in labels:
            say(f"{folder}/ is left out: {_why_left_out(folder, there)}.")
    return [photo for label in labels if label in there for photo in _photos(data, label)]


def _why_left_out(folder: str, there: Sequence[str]) -> str:
    label = meant(folder)
    if folder in LABELS:
        return "this recipe does not tell that class apart"
    if label is None or label in there:
        return "it is no class"
    return f"rename it to {label}/ to use it"


def _missing(data: Path, there: Sequence[str], missing: Sequence[str]) -> str:
    said = f"{data} has no folder {' and no folder '.join(f'{label}/' for label in missing)}"
    renames = [f"{name}/ to {label}/" for name in there if name not in LABELS and (label := meant(name)) in missing]
    if renames:
        return f"{said}: rename {' and '.join(renames)}."
    if (below := _below(data)) is not None:
        return f"{said}, but {below.name}/ seems to hold the classes: --data {below}."
    return f"{said}: a model learns to tell the two apart, so it needs photos of both."


def _below(data: Path) -> Path | None:
    """The first sub-folder that itself holds both classes, as in `train/with_mask/`."""
    for name in _folders(data):
        if meant(name) is None and set(NEEDED) <= {meant(inner) for inner in _folders(data / name)}:
            return data / name
    return None


def _folders(data: Path) -> list[str]:
    """The names of the sub-folders, as they are written, hidden ones left out."""
    return sorted(path.name for path in data.iterdir() if path.is_dir() and not path.name.startswith("."))


def _photos(data: Path, label: str) -> Iterator[Photo]:
    """The files below a class folder. Links are followed, but no folder is walked twice, so that loops end."""
    walked = set()
    for root, folders, files in os.walk(data / label, followlinks=True):
        here = os.path.realpath(root)
        if here in walked:
            folders.clear()
            continue
        walked.add(here)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and name.lower() not in _LITTER:
                path = Path(root, name)
                # A name from an old archive may be no UTF-8, which no list of ours could hold.
                written = os.fsencode(path.relative_to(data).as_posix()).decode(errors="backslashreplace")
                yield Photo(path, written, label)
