"""The two servers that carry the app: eventlet's, and Werkzeug's threaded one with simple-websocket."""

from __future__ import annotations

import contextlib
import errno
import logging
import signal
import socket
import ssl
from collections.abc import Callable
from threading import Thread
from types import FrameType
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from flask import Flask

from server.settings import Settings
from server.web.tls import Tls, is_encrypted, only_encrypted
from server.web.unmasking import mend_eventlet

log = logging.getLogger(__name__)


class ServingError(Exception):
    """The server cannot listen; the message says why and what to do."""


def listen(settings: Settings) -> socket.socket:
    """A socket bound to the settings' host and port.

    Raises ServingError where the port is taken or may not be used.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        # Listening from here on: of two servers started at once, only one gets the port.
        listener.listen(128)
    except OSError as fault:
        listener.close()
        cure = "choose another: MASKGATE_PORT=8001 make run"
        match fault.errno:
            case errno.EADDRINUSE:
                why = f"port {settings.port} is taken; stop what uses it, or {cure}"
            case errno.EACCES:
                why = f"port {settings.port} needs more rights than this user has; {cure}"
            case _:
                why = f"{settings.host} port {settings.port} cannot be used ({fault.strerror}); {cure}"
        raise ServingError(f"MaskGate cannot start: {why}.") from None
    return listener


def serve(
    app: Flask, listener: socket.socket, async_mode: str, ready: Callable[[], None], tls: Tls | None = None
) -> None:
    """Answer requests until SIGTERM or SIGINT; returns then. Call it from the main thread.

    ready: called once requests are answered. tls: None speaks plain HTTP.
    """
    # A signal's handler must neither wait nor switch green threads: it writes a byte, which wakes us in both modes.
    wake, asleep = socket.socketpair()
    wake.setblocking(False)

    def stop(_number: int, _frame: FrameType | None) -> None:
        wake.send(b"x")

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    start = _start_eventlet if async_mode == "eventlet" else _start_werkzeug
    end = start(only_encrypted(app) if tls else app, listener, tls)
    ready()
    asleep.recv(1)
    log.info("Stopping")
    end()


def _start_eventlet(app: WSGIApplication, listener: socket.socket, tls: Tls | None) -> Callable[[], None]:
    import eventlet
    import eventlet.wsgi

    class Protocol(eventlet.wsgi.HttpProtocol):
        def __init__(self, connection: list[Any], server: eventlet.wsgi.Server) -> None:
            secured = tls.secure(connection[1]) if tls else connection[1]
            if secured is None:
                return
            secured.settimeout(server.socket_timeout)
            connection[1] = secured
            with contextlib.suppress(ssl.SSLError):  # a client that went away in mid-record
                super().__init__(connection, server)

        def get_environ(self) -> WSGIEnvironment:
            environ: WSGIEnvironment = super().get_environ()
            # Werkzeug reads a body that comes in chunks only where the server says that it ends.
            environ["wsgi.input_terminated"] = environ["wsgi.input"].chunked_input
            environ["wsgi.url_scheme"] = "https" if is_encrypted(self.request) else "http"
            return environ

    mend_eventlet()
    quiet = logging.getLogger("eventlet.wsgi.server")
    server = eventlet.spawn(
        eventlet.wsgi.server,
        listener,
        app,
        log=quiet,
        log_output=False,
        debug=False,
        socket_timeout=60,
        protocol=Protocol,
    )
    return server.kill


def _start_werkzeug(app: WSGIApplication, listener: socket.socket, tls: Tls | None) -> Callable[[], None]:
    from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def __init__(self, connection: socket.socket, client: tuple[str, int], server: BaseWSGIServer) -> None:
            secured = tls.secure(connection) if tls else connection
            if secured is None:
                return
            try:
                super().__init__(secured, client, server)
            finally:
                if secured is not connection:  # of which the server knows nothing
                    secured.close()

        def make_environ(self) -> WSGIEnvironment:
            scheme = "https" if is_encrypted(self.connection) else "http"
            return super().make_environ() | {"wsgi.url_scheme": scheme}

        def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - Werkzeug's names
            log.debug(message, *args)

        def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:
            # So does a web socket's end look here; without this it would be kept alive for another request.
            self.close_connection = True

    host, port = listener.getsockname()[:2]
    server = make_server(host, port, app, threaded=True, request_handler=Quiet, fd=listener.fileno())
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    return server.shutdown
