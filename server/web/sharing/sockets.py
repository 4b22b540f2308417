"""The sockets of sharing: what owners hear beside their answers, and the namespace of those who watch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

import flask_socketio
from flask import Flask, request
from flask_socketio import SocketIO

from server.settings import Settings
from server.vision.messages import Refusal
from server.web.backlog import cut_off, unread
from server.web.errors import error
from server.web.metrics import WebMetrics
from server.web.sharing.links import watch_link
from server.web.sharing.messages import share_from_connect, wish_from_event
from server.web.sharing.registry import Shares

log = logging.getLogger(__name__)

STREAM, WATCH = "/stream", "/watch"
MOST_UNREAD = 200
"""Packets that somebody may leave unread before they are cut off; of a viewer's, at most one moment is among them."""


class Sockets:
    """Reaches owners and viewers of an app by their sockets; sending only queues."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def to_owner(self, sid: str, event: str, message: dict[str, Any]) -> None:
        self._send([sid], STREAM, event, message)

    def to_watchers(self, sids: Iterable[str], event: str, message: dict[str, Any], picture: bytes | None) -> None:
        self._send(sids, WATCH, event, message if picture is None else (message, picture))

    def dismiss(self, sids: Iterable[str]) -> None:
        for sid in sids:
            self._socketio.server.disconnect(sid, namespace=WATCH)

    @property
    def _socketio(self) -> SocketIO:
        return self._app.extensions["socketio"]

    def _send(self, sids: Iterable[str], namespace: str, event: str, message: object) -> None:
        server, reading = self._socketio.server, []
        for sid in sids:
            if unread(server, sid, namespace) <= MOST_UNREAD:
                reading.append(sid)
            else:
                log.warning(
                    "A connection to %s was cut off: it left more than %d packets unread.", namespace, MOST_UNREAD
                )
                cut_off(server, sid, namespace)
        if reading:  # encoded once for all of them
            self._socketio.emit(event, message, to=reading, namespace=namespace)


class Owners:
    """The events by which a stream is shared; the answers are acknowledgements."""

    def __init__(self, settings: Settings, shares: Shares) -> None:
        self._settings, self._shares = settings, shares

    def share(self, sid: str, stream: str, args: tuple[Any, ...]) -> dict[str, Any]:
        """Begin, change or take back a share. stream: its name, unless the event has another."""
        try:
            share = self._shares.share(sid, wish_from_event(args), stream)
        except Refusal as refusal:
            return error(refusal.code, refusal.message)
        return {
            "id": share.id,
            "secret": share.secret,
            "url": watch_link(self._settings, share.id),
            "name": share.name,
            "picture": share.picture,
            "viewers": len(share.watchers),
        }

    def unshare(self, sid: str) -> dict[str, Any]:
        """End a share; who watches is told and let go."""
        try:
            self._shares.unshare(sid)
        except Refusal as refusal:
            return error(refusal.code, refusal.message)
        return {"ended": True}


def attach(app: Flask, shares: Shares, metrics: WebMetrics) -> None:
    """Give the app's Socket.IO server the namespace of those who watch."""
    watchers = Watchers(app.extensions["socketio"], shares, metrics)
    handlers: dict[str, Callable[..., Any]] = {
        "connect": watchers.connect,
        "disconnect": watchers.disconnect,
        "next": watchers.next,
        "*": watchers.unknown,
    }
    for event, handler in handlers.items():
        app.extensions["socketio"].on_event(event, handler, namespace=WATCH)
    metrics.shares.set_function(lambda: len(shares))
    metrics.watchers.set_function(lambda: shares.watching)


class Watchers:
    """The events of the namespace `/watch`; viewers ask for moments and send nothing else."""

    def __init__(self, socketio: SocketIO, shares: Shares, metrics: WebMetrics) -> None:
        self._socketio, self._shares, self._metrics = socketio, shares, metrics

    def connect(self, auth: object = None) -> None:
        """Let a viewer in; raises ConnectionRefusedError, which it hears as `connect_error` with `data.code`."""
        if self._connected():  # an event that the viewer named so
            self.unknown("connect")
            return
        try:
            self._shares.join(_sid(), share_from_connect(auth))
        except Refusal as refusal:
            self._metrics.turned_away.labels(refusal.code).inc()
            raise flask_socketio.ConnectionRefusedError(refusal.message, {"code": refusal.code}) from None

    def disconnect(self, *_reason: object) -> None:
        """Forget a viewer."""
        if self._connected():  # an event that the viewer named so
            self.unknown("disconnect")
            return
        self._shares.leave(_sid())

    def next(self, *_args: object) -> None:
        """A viewer has drawn what it got and can take more."""
        self._shares.next(_sid())

    def unknown(self, event: str, *_args: object) -> None:
        """An event that is none of ours, such as a frame: left unanswered, for viewers have nothing to send."""
        self._metrics.turned_away.labels("bad_message").inc()

    def _connected(self) -> bool:
        return bool(self._socketio.server.manager.is_connected(_sid(), WATCH))


def _sid() -> str:
    """The id of the socket whose event is being handled."""
    return str(request.sid)  # type: ignore[attr-defined]
