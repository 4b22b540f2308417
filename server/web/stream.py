"""The socket: frames in, results out, one stream a client."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import Any

import flask_socketio
from flask import Flask, request
from flask_socketio import SocketIO

from server.settings import Settings
from server.vision.engine import Engine
from server.vision.messages import Frame, Refusal, Result
from server.vision.tracker import Tracker
from server.web.access.rights import Access
from server.web.access.sockets import Sockets
from server.web.answers import result_json, tracked_json
from server.web.backlog import cut_off, unread
from server.web.errors import error
from server.web.limiter import Limiter
from server.web.messages import (
    TRANSPORT_BYTES,
    FrameHead,
    StreamChoice,
    auth_from_connect,
    choice_from_event,
    frame_from_event,
    identity,
)
from server.web.metrics import WebMetrics
from server.web.sharing.registry import Shares
from server.web.sharing.sockets import Owners

log = logging.getLogger(__name__)

NAMESPACE = "/stream"
MOST_UNREAD = 200
"""Answers that a client may leave unread before it is cut off: the send queue has no bound of its own."""


@dataclass
class Stream:
    """One client's stream. name: as it gave it. dropped: frames overtaken by newer ones so far.

    tracker: only ever used for one frame at a time, since the engine works on one frame a client.
    """

    name: str
    tracker: Tracker
    choice: StreamChoice = field(default_factory=StreamChoice)
    dropped: int = 0
    _latest: float = 0.0

    def begin_anew(self, tracker: Tracker) -> None:
        """Forget all faces, as when the clock is another."""
        self.tracker, self._latest = tracker, 0.0

    def time_of(self, head: FrameHead, came: float) -> float:
        """When a frame was taken, in seconds of the clock chosen; no time passes where a client's clock goes back.

        came: seconds, monotonic.
        """
        if self.choice.clock != "captured":
            return came
        # Whole milliseconds: dividing by less could overflow.
        said = self._latest if head.captured_at is None else round(head.captured_at) / 1000
        self._latest = max(self._latest, said)
        return self._latest


def attach(
    app: Flask,
    settings: Settings,
    engine: Engine,
    limiter: Limiter,
    metrics: WebMetrics,
    access: Access,
    shares: Shares,
) -> None:
    """Give an app its Socket.IO server and its streams."""
    socketio = SocketIO(
        app,
        async_mode=settings.async_mode,
        transports=["websocket"],
        max_http_buffer_size=TRANSPORT_BYTES,
        # In the order they come; the handlers only hand frames on and return at once.
        async_handlers=False,
        manage_session=False,
    )
    streams = Streams(socketio, settings, engine, limiter, metrics, access, shares)
    handlers: dict[str, Callable[..., Any]] = {
        "connect": streams.connect,
        "disconnect": streams.disconnect,
        "frame": streams.frame,
        "configure": streams.configure,
        "share": streams.share,
        "unshare": streams.unshare,
        "*": streams.unknown,
    }
    for event, handler in handlers.items():
        socketio.on_event(event, handler, namespace=NAMESPACE)


class Streams:
    """All clients that are connected, by their socket's id."""

    def __init__(
        self,
        socketio: SocketIO,
        settings: Settings,
        engine: Engine,
        limiter: Limiter,
        metrics: WebMetrics,
        access: Access,
        shares: Shares,
    ) -> None:
        self._socketio, self._settings, self._engine = socketio, settings, engine
        self._limiter, self._metrics = limiter, metrics
        self._shares, self._owners = shares, Owners(settings, shares)
        self._streams: dict[str, Stream] = {}
        self._sockets = Sockets(access, self._end, socketio.start_background_task, socketio.sleep)

    def connect(self, auth: object = None) -> None:
        """Begin a stream; raises ConnectionRefusedError, which the client hears as `connect_error`."""
        if _sid() in self._streams:  # an event that the client named so
            self.unknown("connect")
            return
        try:
            said = auth_from_connect(auth)
            self._sockets.admit(_sid(), said.token, said.guest)
        except Refusal as refusal:
            raise flask_socketio.ConnectionRefusedError(refusal.message, {"code": refusal.code}) from None
        self._streams[_sid()] = Stream(said.stream or "", self._tracker())
        self._metrics.streams.set(len(self._streams))

    def disconnect(self, *_reason: object) -> None:
        """Forget a stream; answers still to come for it are dropped."""
        if self._socketio.server.manager.is_connected(_sid(), NAMESPACE):  # an event that the client named so
            self.unknown("disconnect")
            return
        self._forget(_sid())

    def frame(self, *args: Any) -> None:
        """Hand a frame to the engine; its one answer follows as `result` or `refused`."""
        sid = _sid()
        stream = self._streams.get(sid)
        if stream is None:
            return
        try:
            head, data = frame_from_event(args)
            if no_right := self._sockets.objection(sid):
                raise no_right
            self._limiter.check(request.remote_addr or "")
        except Refusal as refusal:
            self._turn_away(sid, identity(args), refusal)
            return
        choice = stream.choice
        score = self._settings.min_score if choice.min_score is None else choice.min_score
        future = self._engine.submit(Frame(data, sid, choice.model, choice.detector, score))
        came = time.monotonic()
        future.add_done_callback(lambda done: self._answer(sid, head, data, came, done))

    def configure(self, *args: Any) -> dict[str, Any]:
        """Change a stream's choice; the acknowledgement holds what is in force, or the error."""
        stream = self._streams.get(_sid())
        if stream is None:
            return error("bad_message", "The stream has ended; connect again.")
        try:
            wish = choice_from_event(args)
            choice = stream.choice.model_copy(update=wish.model_dump(exclude_unset=True))
            in_force = self._in_force(choice)
        except Refusal as refusal:
            return error(refusal.code, refusal.message)
        if choice.clock != stream.choice.clock:
            stream.begin_anew(self._tracker())
        stream.choice = choice
        stream.tracker.smoothing = self._smoothing(choice)
        return in_force

    def share(self, *args: Any) -> dict[str, Any]:
        """Share a stream, or change its share; the acknowledgement holds the link, or the error."""
        stream = self._streams.get(_sid())
        if stream is None:
            return error("bad_message", "The stream has ended; connect again.")
        if self._sockets.is_guest(_sid()):
            return error("forbidden", "A guest's stream cannot be shared; ask whoever sent the link to share.")
        return self._owners.share(_sid(), stream.name, args)

    def unshare(self, *_args: Any) -> dict[str, Any]:
        """End a stream's share."""
        return self._owners.unshare(_sid())

    def unknown(self, event: str, *args: Any) -> None:
        """An event that is none of ours."""
        known = "`frame`, `configure`, `share` and `unshare`"
        refusal = Refusal("bad_message", f"There is no event {str(event)[:64]!r}; the events are {known}.")
        self._turn_away(_sid(), identity(args), refusal)

    def _end(self, sid: str, refusal: Refusal) -> None:
        """End a stream whose right has ended; the client hears why first."""
        if sid not in self._streams:
            return
        self._turn_away(sid, None, refusal)
        self._forget(sid)
        self._socketio.server.disconnect(sid, NAMESPACE)

    def _forget(self, sid: str) -> None:
        self._streams.pop(sid, None)
        self._sockets.leave(sid)
        self._shares.owner_left(sid)
        self._metrics.streams.set(len(self._streams))

    def _in_force(self, choice: StreamChoice) -> dict[str, Any]:
        """Raises Refusal for a model or detector that does not exist."""
        card, info = self._engine.choose(choice.model, choice.detector)
        scores = (choice.min_score, self._settings.min_score, info.min_score)
        return {
            "model": card.name,
            "detector": info.name,
            "min_score": next(score for score in scores if score is not None),
            "smoothing": self._smoothing(choice),
            "clock": choice.clock or "arrival",
        }

    def _tracker(self) -> Tracker:
        return Tracker(self._settings.smoothing, self._settings.label_margin)

    def _smoothing(self, choice: StreamChoice) -> float:
        return self._settings.smoothing if choice.smoothing is None else choice.smoothing

    def _answer(self, sid: str, head: FrameHead, data: bytes, came: float, done: Future[Result]) -> None:
        """Called by the engine when a frame is done, on a thread of its own. came: seconds, monotonic."""
        stream = self._streams.get(sid)
        if stream is None:
            return
        try:
            result = done.result()
        except (Refusal, CancelledError) as reason:
            refusal = reason if isinstance(reason, Refusal) else Refusal("worker_lost", "The frame was given up.")
            stream.dropped += refusal.code == "superseded"
            self._send(sid, "refused", {"id": head.id, "code": refusal.code, "message": refusal.message})
            return
        at = stream.time_of(head, came)
        faces = [tracked_json(tracked) for tracked in stream.tracker.update(result.faces, at)]
        answer = {"id": head.id, **result_json(result), "faces": faces, "dropped": stream.dropped}
        self._send(sid, "result", answer)
        if self._shares.shared(sid):  # only after its owner's own answer
            self._shares.publish(sid, answer, data)

    def _turn_away(self, sid: str, number: int | str | None, refusal: Refusal) -> None:
        self._metrics.turned_away.labels(refusal.code).inc()
        self._send(sid, "refused", {"id": number, "code": refusal.code, "message": refusal.message})

    def _send(self, sid: str, event: str, message: dict[str, Any]) -> None:
        if unread(self._socketio.server, sid, NAMESPACE) > MOST_UNREAD:
            log.warning("A stream was cut off: it left more than %d answers unread.", MOST_UNREAD)
            self._metrics.cut_off.inc()
            cut_off(self._socketio.server, sid, NAMESPACE)
            return
        self._socketio.emit(event, message, to=sid, namespace=NAMESPACE)


def _sid() -> str:
    """The id of the socket whose event is being handled."""
    return str(request.sid)  # type: ignore[attr-defined]
