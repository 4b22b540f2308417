"""The two servers that carry the app: how they begin, and above all how they end."""

from __future__ import annotations

import signal
import socket
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from server.settings import Settings
from server.web.serving import ServingError, listen
from tests.web.running import MODES, STAND_IN, RawClient, ask, order, running, send, until


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("::1", "::1")])
def test_it_listens_where_it_is_told_to(host: str, address: str):
    try:
        listener = listen(Settings(host=host, port=0))
    except ServingError:
        assert host == "::1"  # a machine without IPv6
        return
    with closing(listener):
        assert listener.getsockname()[0] == address
        assert listener.getsockname()[1] > 0


def test_a_port_that_is_taken():
    with closing(listen(Settings(port=0))) as first:
        port = first.getsockname()[1]
        with pytest.raises(ServingError, match=f"port {port} is taken; stop what uses it, or choose another"):
            listen(Settings(port=port))


def test_a_port_that_was_just_in_use_can_be_taken_again():
    listener = listen(Settings(port=0))
    port = listener.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)) as client:
        accepted, _ = listener.accept()
        accepted.close()
        assert client.recv(1) == b""
    listener.close()
    listen(Settings(port=port)).close()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_it_ends_with_clients_connected_and_leaves_no_worker(
    mode: str, number: signal.Signals, tiny_models: Path, tmp_path: Path
):
    """One client waits for nothing, one for a frame that never ends, one is a browser that keeps its connection."""
    settings = {"models_dir": tiny_models, "model": "tiny", "detector": "eyes", "workers": 2}
    with running(STAND_IN, async_mode=mode, **settings) as server:
        idle, busy = server.client(), server.client()
        raw = RawClient(server)
        kept = socket.create_connection(("127.0.0.1", server.port))
        assert ask(idle, 1, order())[0] == "result"
        send(busy, 1, order(do="hang", touch=str(tmp_path / "here")))
        until((tmp_path / "here").exists, "the frame to arrive in the worker")
        workers = until(lambda: len(server.workers()) == 2 and server.workers(), "both workers")
        took = server.stop(number)
        assert took < 5
        assert server.process.returncode == (-number if number == signal.SIGKILL else 0), server.said
        until(lambda: not any(alive(worker) for worker in workers), "the workers to be gone")
        assert "Traceback" not in "".join(server.said)
        kept.close()
        raw.socket.close()


def alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
