"""Servers as programs of their own, without a terminal, and clients that reach them over real sockets."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import socketio
import websocket

ROOT = Path(__file__).resolve().parents[2]
REAL, STAND_IN = ("server", "serve"), ("tests.web.program",)
MODES = ("eventlet", "threading")
NOWHERE = Path(os.devnull) / "state"
"""A state folder that never is: no test depends on the password of whoever runs it."""

PATIENCE = 60.0  # seconds after which a test that hangs fails; nothing is measured by it


def until(condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """What `condition` gives, as soon as it is true."""
    deadline = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < deadline, f"still waiting for {what}"
        time.sleep(0.02)
    return found


def begin(program: tuple[str, ...], **settings: object) -> subprocess.Popen[str]:
    """Start a server; what it says comes out of `stdout`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MASKGATE_")}
    environment |= {
        f"MASKGATE_{name.upper()}": str(value) for name, value in {"port": 0, "state_dir": NOWHERE, **settings}.items()
    }
    return subprocess.Popen(
        [sys.executable, "-m", *program],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # no terminal to inherit
    )


class Running:
    """A server that answers. url: its address. said: the lines it wrote. trust: the authority to trust, for https."""

    trust: Path | None = None

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        assert process.stdout is not None
        for line in process.stdout:
            self.said.append(line)
            if found := re.search(r"https?://\S+:\d+", line):
                self.url = found.group()
                break
        else:
            raise AssertionError("The server ended:\n" + "".join(self.said))
        # Read on, or the pipe fills and the server waits for us.
        Thread(target=lambda: self.said.extend(process.stdout or ()), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def client(self, auth: object = None, headers: dict[str, str] | None = None) -> socketio.SimpleClient:
        """A connected client of the stream."""
        client = socketio.SimpleClient(reconnection=False)
        client.connect(
            self.url,
            headers=headers or {},
            auth=auth,
            transports=["websocket"],
            namespace="/stream",
            wait_timeout=PATIENCE,
        )
        return client

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Send it a signal and wait for the end; returns how many seconds that took."""
        started = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        return time.monotonic() - started


@contextmanager
def running(program: tuple[str, ...], **settings: object) -> Iterator[Running]:
    """A server for a block; however the block ends, it does too."""
    process = begin(program, **settings)
    try:
        yield Running(process)
    finally:
        process.kill()
        process.wait()


def order(**wishes: Any) -> bytes:
    """A frame's bytes that tell the stand-in's worker what to do."""
    return json.dumps(wishes).encode()


def send(client: socketio.SimpleClient, number: int | str, data: bytes) -> None:
    client.emit("frame", ({"id": number}, data))


def answer(client: socketio.SimpleClient) -> tuple[str, dict[str, Any]]:
    event, message = client.receive(PATIENCE)
    return event, message


def ask(client: socketio.SimpleClient, number: int | str, data: bytes) -> tuple[str, dict[str, Any]]:
    """Send a frame and wait for the next answer, which must be its own."""
    send(client, number, data)
    event, message = answer(client)
    assert message["id"] == number
    return event, message


class RawClient:
    """A client by hand, for what a proper one does not do: it speaks Engine.IO as told and reads when told."""

    def __init__(self, server: Running, buffer: int | None = None, **options: Any) -> None:
        """buffer: bytes that the system may hold for us unread."""
        sockopt = [(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)] if buffer else []
        url = server.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        if server.trust:
            options["sslopt"] = {"ca_certs": str(server.trust)}
        self.socket = websocket.create_connection(url, timeout=PATIENCE, sockopt=sockopt, **options)
        assert self.socket.recv().startswith("0{")

    def join(self) -> None:
        self.socket.send("40/stream,")
        assert self.socket.recv().startswith("40/stream,")

    def frame(self, number: int | str, data: bytes) -> None:
        head = [{"id": number}, {"_placeholder": True, "num": 0}]
        self.socket.send("451-/stream," + json.dumps(["frame", *head]))
        self.socket.send_binary(data)
