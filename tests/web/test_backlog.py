from __future__ import annotations

import socket
from queue import Queue
from types import SimpleNamespace
from typing import Any

import pytest

from server.web.backlog import cut_off, unread


def server_of(environ: dict[str, Any] | None = None, waiting: int = 0) -> Any:
    """As much of python-socketio's server as is looked at: one client, `sid`, at the Engine.IO socket `eio`."""
    queue: Queue[int] = Queue()
    for number in range(waiting):
        queue.put(number)
    return SimpleNamespace(
        eio=SimpleNamespace(sockets={"eio": SimpleNamespace(queue=queue)}),
        manager=SimpleNamespace(eio_sid_from_sid=_lookup),
        get_environ=lambda sid, namespace: environ,
    )


def _lookup(sid: str, namespace: str) -> str:
    return {("sid", "/stream"): "eio"}[sid, namespace]


@pytest.mark.parametrize(("sid", "waiting", "count"), [("sid", 0, 0), ("sid", 7, 7), ("gone", 7, 0)])
def test_what_waits_is_counted(sid: str, waiting: int, count: int):
    assert unread(server_of(waiting=waiting), sid, "/stream") == count


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_connection_is_ended_under_its_clients_feet(mode: str):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        of_eventlet = {"eventlet.input": SimpleNamespace(get_socket=lambda: ours)}
        cut_off(server_of(of_eventlet if mode == "eventlet" else {"werkzeug.socket": ours}), "sid", "/stream")
        assert theirs.recv(1) == b""


@pytest.mark.parametrize("environ", [None, {}])
def test_one_that_is_gone_already_cannot_be_cut_off(environ: dict[str, Any] | None):
    cut_off(server_of(environ), "sid", "/stream")


def test_a_socket_that_is_closed_already_is_no_fault():
    ours, theirs = socket.socketpair()
    ours.close()
    theirs.close()
    cut_off(server_of({"werkzeug.socket": ours}), "sid", "/stream")
