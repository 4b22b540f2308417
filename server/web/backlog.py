"""What a client has not read yet: engine.io queues without bound, so we look into its queue ourselves."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import Any


def unread(server: Any, sid: str, namespace: str) -> int:
    """How many packets wait in a client's send queue; 0 if it is gone. server: python-socketio's `Server`."""
    with contextlib.suppress(KeyError):
        return int(server.eio.sockets[server.manager.eio_sid_from_sid(sid, namespace)].queue.qsize())
    return 0


def cut_off(server: Any, sid: str, namespace: str) -> None:
    """End a client's connection under its feet: a close in good order would wait in the queue it does not read."""
    environ = server.get_environ(sid, namespace) or {}
    connection = environ.get("werkzeug.socket")
    if connection is None and "eventlet.input" in environ:
        connection = environ["eventlet.input"].get_socket()
    if connection is not None:
        # Below TLS, whose own shutdown would pull the connection from under its reader.
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as below:
            below.shutdown(socket.SHUT_RDWR)
