"""Which streams are shared, who watches them, and what each viewer gets next.

Everything is in memory and of the present: a share holds one moment, the newest, and ends with the server.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from threading import RLock, Timer
from typing import Any, Literal, Protocol

from server.vision.messages import Refusal
from server.web.sharing.messages import ShareWish

Phase = Literal["waiting", "live", "paused", "away", "ended"]
"""Of a share: no picture yet, pictures come, its owner paused, its owner's connection is gone, it is over."""

RELAYED = ("width", "height", "faces")
"""What of an answer viewers get; models and timings are the owner's business."""

MOST_SHARES = 100
ID_BYTES = 24
"""192 random bits: nobody guesses a link."""


class Audience(Protocol):
    """How the registry reaches people. It calls with its lock held, so that nothing overtakes anything: never wait."""

    def to_owner(self, sid: str, event: str, message: dict[str, Any]) -> None: ...

    def to_watchers(self, sids: Iterable[str], event: str, message: dict[str, Any], picture: bytes | None) -> None: ...

    def dismiss(self, sids: Iterable[str]) -> None: ...


class Cancellable(Protocol):
    def cancel(self) -> None: ...


def in_the_background(seconds: float, act: Callable[[], None]) -> Cancellable:
    """Do something later, on a thread of its own (a green one under eventlet)."""
    timer = Timer(seconds, act)
    timer.daemon = True
    timer.start()
    return timer


@dataclass(frozen=True, slots=True)
class Moment:
    """One answer and, where viewers may see it, the picture that it belongs to, as its owner sent it."""

    number: int
    answer: Mapping[str, Any]
    picture: bytes | None


@dataclass(slots=True)
class Watcher:
    """One viewer. wants: it asked for the next moment and has not got it. due: seconds of the clock, no moment before.

    ready: it has heard the share's state and is told of changes. seen: the number of the last moment it got.
    """

    due: float
    ready: bool = False
    wants: bool = False
    seen: int = 0


@dataclass(slots=True)
class Share:
    """One shared stream. owner: its socket, None while it is away. count: moments so far.

    secret: with it an owner takes the share back on another connection, as after a reload.
    """

    id: str
    secret: str
    name: str
    owner: str | None
    picture: bool = False
    paused: bool = False
    count: int = 0
    moment: Moment | None = None
    watchers: dict[str, Watcher] = field(default_factory=dict)
    ending: Cancellable | None = None

    @property
    def phase(self) -> Phase:
        if self.owner is None:
            return "away"
        if self.paused:
            return "paused"
        return "live" if self.moment else "waiting"


class Shares:
    """All shares.

    rate: moments a second for each viewer. most: viewers of one share. grace: seconds, see `owner_left`.
    """

    def __init__(
        self,
        audience: Audience,
        rate: float,
        most: int,
        grace: float,
        clock: Callable[[], float] = time.monotonic,
        later: Callable[[float, Callable[[], None]], Cancellable] = in_the_background,
    ) -> None:
        self._audience, self._interval, self._most, self._grace = audience, 1 / rate, most, grace
        self._clock, self._later = clock, later
        self._lock = RLock()
        self._shares: dict[str, Share] = {}
        self._by_owner: dict[str, Share] = {}
        self._by_watcher: dict[str, Share] = {}

    def __len__(self) -> int:
        return len(self._shares)

    def __contains__(self, identity: str) -> bool:
        return identity in self._shares

    @property
    def watching(self) -> int:
        """Viewers of all shares together."""
        return len(self._by_watcher)

    def share(self, owner: str, wish: ShareWish, name: str = "") -> Share:
        """Begin a share, change it, or take it back, whichever the wish says; name: unless the wish has one.

        Raises Refusal `unknown_share` where it has ended or the secret is wrong, `too_many_shares`.
        """
        with self._lock:
            if wish.id is not None:
                share = self._take(owner, wish.id, wish.secret or "")
            else:
                share = self._by_owner.get(owner) or self._open(owner, name)
            share.name = share.name if wish.name is None else wish.name
            share.picture = share.picture if wish.picture is None else wish.picture
            share.paused = share.paused if wish.paused is None else wish.paused
            if share.paused:
                share.moment = None
            elif share.moment and not share.picture:
                share.moment = replace(share.moment, picture=None)
            self._tell_state(share)
            return share

    def shared(self, owner: str) -> bool:
        """Whether moments of this stream go anywhere."""
        return owner in self._by_owner

    def publish(self, owner: str, answer: Mapping[str, Any], picture: bytes) -> None:
        """Take a stream's newest answer, with the picture it is about, to those who watch it."""
        with self._lock:
            share = self._by_owner.get(owner)
            if share is None or share.paused:
                return
            first = share.moment is None
            share.count += 1
            relayed = {key: answer[key] for key in RELAYED}
            share.moment = Moment(share.count, relayed, picture if share.picture else None)
            if first:
                self._tell_state(share)
            self._serve(share, share.watchers)

    def unshare(self, owner: str) -> None:
        """End a stream's share. Raises Refusal `unknown_share` where there is none."""
        with self._lock:
            share = self._by_owner.get(owner)
            if share is None:
                raise Refusal("unknown_share", "This stream is not shared; `share` shares it.")
            self._end(share)

    def owner_left(self, owner: str) -> None:
        """A stream's connection is gone: its share ends unless it is taken back within the grace."""
        with self._lock:
            share = self._by_owner.pop(owner, None)
            if share is None:
                return
            share.owner = share.moment = None
            share.ending = self._later(self._grace, lambda: self._give_up(share))
            self._tell_state(share)

    def join(self, watcher: str, identity: str) -> None:
        """Let a viewer in. Raises Refusal `unknown_share`, or `share_full`."""
        with self._lock:
            share = self._shares.get(identity)
            if share is None:
                raise Refusal("unknown_share", "There is no such share, or it has ended; ask its owner for a new link.")
            if len(share.watchers) >= self._most:
                message = f"{self._most} people watch already, which is as many as may; try again later."
                raise Refusal("share_full", message)
            share.watchers[watcher] = Watcher(self._clock())
            self._by_watcher[watcher] = share
            self._tell_owner(share)

    def leave(self, watcher: str) -> None:
        """A viewer's connection is gone."""
        with self._lock:
            share = self._by_watcher.pop(watcher, None)
            if share and share.watchers.pop(watcher, None):
                self._tell_owner(share)

    def next(self, watcher: str) -> None:
        """A viewer can take a moment: the newest that it has not seen, now or as soon as there is one."""
        with self._lock:
            share = self._by_watcher.get(watcher)
            if share is None:
                return
            waiting = share.watchers[watcher]
            if not waiting.ready:
                waiting.ready = True
                self._audience.to_watchers([watcher], "state", _state(share, share.phase), None)
            waiting.wants = True
            self._serve(share, [watcher])

    def _open(self, owner: str, name: str) -> Share:
        if len(self._shares) >= MOST_SHARES:
            message = f"{MOST_SHARES} streams are shared already, which is as many as may; try again later."
            raise Refusal("too_many_shares", message)
        share = Share(secrets.token_urlsafe(ID_BYTES), secrets.token_urlsafe(ID_BYTES), name, owner)
        self._shares[share.id] = self._by_owner[owner] = share
        return share

    def _take(self, owner: str, identity: str, secret: str) -> Share:
        share = self._shares.get(identity)
        if share is None or not secrets.compare_digest(share.secret.encode(), secret.encode()):
            raise Refusal("unknown_share", "This share has ended; share again for a new link.")
        if share.owner == owner:
            return share
        other = self._by_owner.get(owner)
        if other:
            self._end(other)
        if share.owner is not None:
            del self._by_owner[share.owner]
            message = "The share was taken over by another connection."
            self._audience.to_owner(share.owner, "unshared", {"code": "taken_over", "message": message})
            share.moment = None
        if share.ending:
            share.ending.cancel()
        share.owner, share.ending = owner, None
        self._by_owner[owner] = share
        return share

    def _give_up(self, share: Share) -> None:
        with self._lock:
            if share.owner is None and share.id in self._shares:
                self._end(share)

    def _end(self, share: Share) -> None:
        del self._shares[share.id]
        if share.owner is not None:
            del self._by_owner[share.owner]
        ready = [sid for sid, watcher in share.watchers.items() if watcher.ready]
        everybody = list(share.watchers)
        for sid in everybody:
            del self._by_watcher[sid]
        share.watchers.clear()
        share.moment = None
        self._audience.to_watchers(ready, "state", _state(share, "ended"), None)
        self._audience.dismiss(everybody)

    def _serve(self, share: Share, sids: Iterable[str]) -> None:
        """Give the newest moment to those who want it and may have it by now."""
        moment, now = share.moment, self._clock()
        if moment is None:
            return
        served = []
        for sid in sids:
            watcher = share.watchers[sid]
            if watcher.wants and watcher.seen < moment.number and now >= watcher.due:
                # By schedule, not by the last one's time: else a little too soon would halve the rate.
                watcher.due = max(watcher.due, now - self._interval) + self._interval
                watcher.wants, watcher.seen = False, moment.number
                served.append(sid)
        if served:
            head = {"number": moment.number, **moment.answer}
            self._audience.to_watchers(served, "moment", head, moment.picture)

    def _tell_state(self, share: Share) -> None:
        ready = [sid for sid, watcher in share.watchers.items() if watcher.ready]
        self._audience.to_watchers(ready, "state", _state(share, share.phase), None)

    def _tell_owner(self, share: Share) -> None:
        if share.owner is not None:
            self._audience.to_owner(share.owner, "viewers", {"viewers": len(share.watchers)})


def _state(share: Share, phase: Phase) -> dict[str, Any]:
    return {"phase": phase, "name": share.name, "picture": share.picture}
