"""Sockets that are open by somebody's right, and end with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
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

    def admit(self, socket: str, token: str | None, guest: str | None) -> None:
        """Let the socket being connected in. Raises Refusal `unauthorized` or `too_many_guests`."""
        visitor = self._access.admit(token, guest)
        if visitor.kind == "guest":
            self._access.guests.enter(visitor.id, socket)
        self._held[socket] = visitor
        if not self._looking:
            self._looking = True
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
        return self._access.objection(visitor) if visitor else None

    def owners_only(self, socket: str) -> Refusal | None:
        """Why a socket may not do what only the owner may; None if it is the owner's."""
        visitor = self._held.get(socket)
        return None if visitor and visitor.kind == "owner" else forbidden()

    def _look(self) -> None:
        """Look after all sockets until there is none."""
        while self._held:
            for socket, visitor in list(self._held.items()):
                try:
                    self._access.seen(visitor)
                    refusal = self._access.objection(visitor)
                except SettingsError as fault:
                    log.error("%s", fault)  # said anew until it is mended, and nobody new is let in
                    break
                if refusal:
                    self._end(socket, refusal)
                    self.leave(socket)
            self._sleep(LOOK_EVERY)
        self._looking = False
