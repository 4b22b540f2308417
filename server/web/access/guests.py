"""Guest links: for a while, whoever has one may use the live page. They live in memory, so a restart ends them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

from server.vision.messages import Refusal

MOST_LINKS = 100
MOST_REMEMBERED = 1_000
"""Links, ended ones too: of those it can be said that they have ended, not only that they are unknown."""

Standing = Literal["live", "ended", "unknown"]


@dataclass
class Link:
    """A guest link. id: 128 random bits as text. expires_at: seconds since 1970. sockets: ids of those connected."""

    id: str
    expires_at: float
    revoked: bool = False
    sockets: set[str] = field(default_factory=set)


class Guests:
    """All links, and the guests that are connected by them."""

    def __init__(self, hours: float, at_once: int, clock: Callable[[], float] = time.time) -> None:
        """hours: for which a link lets guests in. at_once: guests connected at a time, by all links together."""
        self._seconds, self._at_once, self._clock = hours * 3_600, at_once, clock
        self._links: dict[str, Link] = {}
        self._lock = Lock()

    def create(self) -> Link:
        """A new link. Raises Refusal `too_many_links`."""
        with self._lock:
            live = self._live()
            if len(live) >= MOST_LINKS:
                raise Refusal("too_many_links", f"There are {MOST_LINKS} guest links already; end one first.")
            ended = [link for link in self._links.values() if link not in live]
            for link in ended[: max(0, len(self._links) + 1 - MOST_REMEMBERED)]:
                del self._links[link.id]
            link = Link(secrets.token_urlsafe(16), self._clock() + self._seconds)
            self._links[link.id] = link
            return link

    def live(self) -> list[Link]:
        """The links that let guests in now, the oldest first."""
        with self._lock:
            return self._live()

    def revoke(self, id: str) -> bool:  # noqa: A002 - what it is
        """End a link; whether there was one to end."""
        with self._lock:
            if self._standing(id) != "live":
                return False
            self._links[id].revoked = True
            return True

    def standing(self, id: str) -> Standing:  # noqa: A002 - what it is
        """What has become of a link."""
        with self._lock:
            return self._standing(id)

    def enter(self, id: str, socket: str) -> None:  # noqa: A002 - what it is
        """Count a guest's socket. Raises Refusal `unauthorized` or `too_many_guests`."""
        with self._lock:
            if self._standing(id) != "live":
                raise ended()
            if sum(len(link.sockets) for link in self._links.values()) >= self._at_once:
                raise Refusal(
                    "too_many_guests",
                    f"{self._at_once} guests are here already, as many as may be; try again once one has left.",
                )
            self._links[id].sockets.add(socket)

    def leave(self, socket: str) -> None:
        """Count a socket no longer; harmless where it is no guest's."""
        with self._lock:
            for link in self._links.values():
                link.sockets.discard(socket)

    def _live(self) -> list[Link]:
        return [link for link in self._links.values() if self._standing(link.id) == "live"]

    def _standing(self, id: str) -> Standing:  # noqa: A002 - what it is
        link = self._links.get(id)
        if link is None:
            return "unknown"
        return "ended" if link.revoked or link.expires_at <= self._clock() else "live"


def ended() -> Refusal:
    """What a guest hears whose link lets nobody in any more."""
    return Refusal("unauthorized", "This guest link has ended; ask for a new one.")
