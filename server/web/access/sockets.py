"""Sockets that are open by somebody's right, and end with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock
from typing import Any

from server.settings import SettingsError
from server.vision.messages import Refusal
from server.web.access.rights import Access, Visitor, forbidden

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds; a right is also taken away by another process, which only its file tells of."""


class Sockets:
    """Who is behind each open socket."""

    def __init__(
        self,
        access: Access,
        end: Callable[[str, Refusal], None],
        start: Callable[[Callable[[], None]], Any],
        sleep: Callable[[float], Any],
    ) -> None:
        """end: ends a socket by its id and says why. start, sleep: a task beside the others, and its naps."""
        self._access, self._end, self._start, self._sleep = access, end, start, sleep
        self._held: dict[str, Visitor] = {}
        self._looking = False
        self._lock = Lock()

    def admit(self, socket: str, token: str | None, guest: str | None) -> None:
        """Let the socket being connected in. Raises Refusal `unauthorized` or `too_many_guests`."""
        try:
            visitor = self._access.admit(token, guest)
        except SettingsError as fault:
            raise _unreadable(fault) from None
        if visitor.kind == "guest":
            self._access.guests.enter(visitor.id, socket)
        with self._lock:
            self._held[socket] = visitor
            start, self._looking = not self._looking, True
        if start:
            self._start(self._look)

    def leave(self, socket: str) -> None:
        """Forget a socket that has ended."""
        self._held.pop(socket, None)
        self._access.guests.leave(socket)

    def is_guest(self, socket: str) -> bool:
        """Whether a guest link let it in."""
        visitor = self._held.get(socket)
        return visitor is not None and visitor.kind == "guest"

    def objection(self, socket: str) -> Refusal | None:
        """Why nothing is done for a socket any more; None if it is."""
        visitor = self._held.get(socket)
        try:
            return self._access.objection(visitor) if visitor else None
        except SettingsError as fault:
            return _unreadable(fault)

    def owners_only(self, socket: str) -> Refusal | None:
        """Why a socket may not do what only the owner may; None if it is the owner's."""
        visitor = self._held.get(socket)
        return None if visitor and visitor.kind == "owner" else forbidden()

    def _look(self) -> None:
        """Look after all sockets until there is none."""
        while True:
            with self._lock:
                if not self._held:
                    self._looking = False
                    return
                held = list(self._held.items())
            for socket, visitor in held:
                if refusal := self.objection(socket):
                    self._end(socket, refusal)
                    self.leave(socket)
                else:
                    self._access.seen(visitor)
            self._sleep(LOOK_EVERY)


def _unreadable(fault: SettingsError) -> Refusal:
    """Nobody gets in by a file that cannot be read, and whoever is in leaves."""
    log.error("%s", fault)
    return Refusal("unauthorized", "The server cannot read who may do what; its log says why.")
