"""Sessions that were signed out of: a copy of their cookie, which is signed and whole, must open nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from pydantic import TypeAdapter, ValidationError

from server.web.access.state import StateError, StateFolder, Watched

log = logging.getLogger(__name__)

SIGNOUTS_FILE = "signouts.json"
ENDS = TypeAdapter(dict[str, float])


class SignOuts:
    """Which sessions ended by hand, over restarts, for as long as their cookies would have held."""

    def __init__(self, folder: StateFolder, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._clock = folder, clock
        self._ends = Watched(folder, SIGNOUTS_FILE, self._parse)
        # Holds too where the folder cannot be written to.
        self._here: set[str] = set()

    def __contains__(self, session: str) -> bool:
        """Raises StateError."""
        return session in self._here or session in self._ends()

    def add(self, session: str, until: float) -> None:
        """Remember that a session has ended. until: when its cookie ends by itself, in seconds since 1970."""
        self._here.add(session)
        try:
            with self._folder.alone():
                ends = {other: end for other, end in self._ends().items() if end > self._clock()}
                self._folder.write(SIGNOUTS_FILE, ENDS.dump_json({**ends, session: until}))
        except StateError as fault:
            log.warning("%s Until then a sign-out is forgotten by a restart.", fault)

    def _parse(self, data: bytes | None) -> dict[str, float]:
        try:
            return ENDS.validate_json(data) if data is not None else {}
        except ValidationError:
            cure = "is no list of sign-outs; remove it, and set the password anew if anybody may hold an old cookie"
            raise self._folder.broken(SIGNOUTS_FILE, cure) from None
