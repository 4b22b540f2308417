"""The model folders as they are on disk now: one that is added, replaced or removed needs no restart."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from server.vision.classifiers.card import CARD_FILE, NAME, Card, CardError, load_card

log = logging.getLogger(__name__)

_Version = tuple[int, int, int]
"""What changes with a file: its time in nanoseconds, bytes and inode."""


class ModelFolders(Mapping[str, Card]):
    """The cards of all model folders under `models_dir`, by name.

    Whoever asks for a card gets the one on disk: that costs a `stat`, microseconds, and only a changed card is read
    again. A broken one is logged once and left out. May be shared between threads.
    """

    def __init__(self, models_dir: Path) -> None:
        self._models_dir = models_dir
        self._seen: dict[str, tuple[_Version, Card | None]] = {}

    def __getitem__(self, name: str) -> Card:
        # Names come from strangers: only what a model may be called becomes part of a path.
        card = self._card(name) if re.fullmatch(NAME, name) else None
        if card is None:
            raise KeyError(name)
        return card

    def __iter__(self) -> Iterator[str]:
        return (folder.name for folder in self._folders() if folder.name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def check(self) -> None:
        """Read every card; raises CardError for the first that is broken."""
        for folder in self._folders():
            load_card(folder)

    def _folders(self) -> list[Path]:
        return sorted(path.parent for path in self._models_dir.glob(f"*/{CARD_FILE}"))

    def _card(self, name: str) -> Card | None:
        folder = self._models_dir / name
        try:
            found = (folder / CARD_FILE).stat()
        except OSError:
            return None
        # The version is taken before the file is read: one that changes in between is read again the next time.
        version = (found.st_mtime_ns, found.st_size, found.st_ino)
        seen = self._seen.get(name)
        if seen is None or seen[0] != version:
            seen = self._seen[name] = version, _readable(folder)
        return seen[1]


def _readable(folder: Path) -> Card | None:
    try:
        return load_card(folder)
    except CardError as error:
        log.warning("A model is left out: %s", error)
        return None
