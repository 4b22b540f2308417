"""From a folder of photos to windows of faces with their `faces.csv`, made once for each work folder."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from server.training.dataset import DataError, read_faces
from server.training.own.layout import Photo, Say, photos_in
from server.training.own.near_copies import contradictions, fingerprints, groups, split
from server.training.own.windows import face_in, window
from server.training.run import RECORD
from server.vision import detectors
from server.vision.detectors import Detector
from server.vision.frame import decode
from server.vision.messages import Refusal

DETECTOR = "retinaface-640"
PHOTOS = "photos.json"
"""Beside the `faces.csv` that we write: the photos that it was made from, each with its SHA-256."""
LEAST = 20
"""Photos, and faces, of each class: fewer leave two or three to score on."""
LEAST_GROUPS = 10
"""Of each class: so many faces must be no near-copies of one another."""
MAX_SIDE = 16_384
_NAMED = 3

Faces = list[dict[str, Any]]


@dataclass
class _Seen:
    """What was found on the way through the photos; names are those of photos."""

    unreadable: dict[str, str] = field(default_factory=dict)
    faceless: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    whole: int = 0
    others: int = 0

    def tell(self, say: Say) -> None:
        """Say what was left out and what was taken on trust."""
        if self.unreadable:
            name, why = next(iter(self.unreadable.items()))
            say(
                f"{_many(len(self.unreadable), 'file')} left out, unreadable: {_listed(self.unreadable)}. {name}: {why}"
            )
        if self.copies:
            say(f"{_many(len(self.copies), 'photo')} left out, the very same as another: {_listed(self.copies)}.")
        if self.faceless:
            say(f"{_many(len(self.faceless), 'photo')} left out, no face found: {_listed(self.faceless)}.")
        if self.others:
            say(f"{_many(self.others, 'face')} left out beside larger ones: a photo's label is that of its largest.")
        if self.whole:
            say(f"No face found in {_many(self.whole, 'small picture')}: each is taken for a face as a whole.")


def is_prepared(data: Path) -> bool:
    """Whether this is a folder that `prepare` wrote, or the `faces.csv` in it."""
    return ((data.parent if data.is_file() else data) / PHOTOS).is_file()


def prepare(
    data: Path,
    labels: Sequence[str],
    work: Path,
    say: Say,
    load_detector: Callable[[str], Detector] = detectors.load,
) -> pd.DataFrame:
    """Find the faces in the photos of `data`, write them to `work`/data and return its rows, as `read_faces` does.

    Done once: with the same photos, what lies there is taken as it is. labels: those that are wanted.
    Raises DataError for a folder that cannot be used, and for photos that changed since a training was begun in
    `work`; PackageError where the detector is not installed; OSError where `work` cannot be written.
    """
    photos = photos_in(data, labels, say)
    _check(Counter(photo.label for photo in photos), labels, data, "photos")
    listed = {photo.name: _sha256(photo.path) for photo in photos}
    target = work / "data"
    before = _before(target)
    if before == listed:
        say(f"The photos are those of before: their faces are taken from {target}.")
        return read_faces(target)
    if (work / RECORD).is_file():
        raise DataError(
            f"The photos in {data} are not those that {work} was begun with ({_changes(before, listed)}): choose "
            f"another --name, or remove {work} to begin again."
        )
    part = work / "data.part"  # renamed when it is whole, or else removed: these are people's faces
    shutil.rmtree(part, ignore_errors=True)
    try:
        faces, prints, seen = _cut(photos, listed, part / "faces", load_detector)
        seen.tell(say)
        _check(Counter(face["label"] for face in faces), labels, data, "faces")
        rows = _grouped(faces, prints, data, say)
        rows.to_csv(part / "faces.csv", index=False, float_format="%.1f")
        (part / PHOTOS).write_text(json.dumps(listed, indent=0), encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    say(f"{_summary(rows)} They lie in {target}.")
    return read_faces(target)


def _cut(
    photos: Sequence[Photo], listed: Mapping[str, str], folder: Path, load_detector: Callable[[str], Detector]
) -> tuple[Faces, list[np.ndarray], _Seen]:
    """Write a window a photo below `folder`; returns the faces, their fingerprints, and what else was seen."""
    detector, least = load_detector(DETECTOR), detectors.info(DETECTOR).min_score
    faces: Faces = []
    prints: list[np.ndarray] = []
    seen, taken = _Seen(), set()
    for label in {photo.label for photo in photos}:
        (folder / label).mkdir(parents=True)
    for photo in tqdm(photos, desc="Looking for faces", unit="photo", mininterval=1):
        sha256 = listed[photo.name]
        try:
            image = decode(photo.path.read_bytes() if sha256 else b"", MAX_SIDE)
        except (OSError, Refusal) as error:
            seen.unreadable[photo.name] = str(error)
            continue
        if (photo.label, sha256) in taken:
            seen.copies.append(photo.name)
            continue
        taken.add((photo.label, sha256))
        found = face_in(image, lambda picture: detector.detect(picture, least))
        seen.whole += found.whole
        seen.others += found.others
        if found.box is None:
            seen.faceless.append(photo.name)
            continue
        pixels, inner = window(image, found.box)
        file = f"{photo.label}/{sha256[:16]}.jpg"
        quality = [cv2.IMWRITE_JPEG_QUALITY, 95]
        if not cv2.imwrite(str(folder / file), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), quality):
            raise OSError(f"{folder / file} cannot be written; is the disk full?")
        prints.append(fingerprints(pixels, inner))
        faces.append(
            {
                "file": file,
                "label": photo.label,
                "x": inner.x,
                "y": inner.y,
                "width": inner.width,
                "height": inner.height,
                "original_face_px": found.box.size,
                "source": "own",
                "photo": photo.name,
            }
        )
    return faces, prints, seen


def _grouped(faces: Faces, prints: Sequence[np.ndarray], data: Path, say: Say) -> pd.DataFrame:
    """The faces with their group and split."""
    rows, hashes = pd.DataFrame(faces), np.stack(prints)
    twins = contradictions(hashes, rows.label)
    if twins:
        pairs = [f"{rows.photo[one]} and {rows.photo[other]}" for one, other in twins]
        say(f"Look the same but lie in different folders, check them: {_listed(pairs)}.")
    group = groups(hashes)
    different = rows.assign(group=group).groupby("label").group.nunique()
    if (different < LEAST_GROUPS).any():
        counts = ", ".join(f"{count} of {label}" for label, count in different.items())
        raise DataError(
            f"{data} shows the same scenes again and again: counted without near-copies there are {counts}, and "
            f"{LEAST_GROUPS} of each are needed. Take photos of other people, at other places and times."
        )
    return rows.assign(group=[f"g{number}" for number in group], split=split(rows.label, group))


def _check(counts: Mapping[str, int], labels: Sequence[str], data: Path, what: str) -> None:
    """Raises DataError where a class has too few; `incorrect` may have none at all."""
    counts = {label: counts.get(label, 0) for label in labels if label != "incorrect" or counts.get(label, 0)}
    if min(counts.values()) < LEAST:
        there = ", ".join(f"{count} in {label}/" for label, count in counts.items())
        without = " (or no folder incorrect/ at all)" if counts.get("incorrect", LEAST) < LEAST else ""
        raise DataError(
            f"{data} has too few {what}: {there}. At least {LEAST} of each are needed{without}, and a few hundred of "
            "different people make a useful model."
        )


def _before(target: Path) -> dict[str, str]:
    """The photos that a prepared folder was made from; none where there is no whole one."""
    try:
        found: dict[str, str] = json.loads((target / PHOTOS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if (target / "faces.csv").is_file() else {}


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    both = before.keys() & now.keys()
    changed = sum(before[name] != now[name] for name in both)
    return f"{len(now) - len(both)} new, {len(before) - len(both)} gone, {changed} changed"


def _sha256(path: Path) -> str:
    """Empty for what is no file or cannot be read."""
    try:
        if path.is_file():
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        pass
    return ""


def _summary(rows: pd.DataFrame) -> str:
    counts = ", ".join(f"{n} {label}" for label, n in rows.label.value_counts().items())
    splits = rows.split.value_counts()
    return (
        f"{len(rows)} faces ({counts}) in {rows.group.nunique()} scenes: {splits.get('train', 0)} to learn from, "
        f"{splits.get('val', 0)} to choose by, {splits.get('test', 0)} to score on."
    )


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _NAMED} more" if len(every) > _NAMED else ""
    return ", ".join(every[:_NAMED]) + more


def _many(count: int, one: str) -> str:
    return f"{count} {one}{'' if count == 1 else 's'}"
