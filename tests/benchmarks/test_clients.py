"""A socket client's counts."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from server.benchmarks import clients


class FakeSocket:
    """Answers frames by the script: `result`, `refused`, `stale` (another frame's result) or silence."""

    script: tuple[str, ...] = ()

    def __init__(self, **_: Any) -> None:
        self.handlers: dict[str, Callable[[dict[str, Any]], None]] = {}

    def on(self, event: str, handler: Callable[[dict[str, Any]], None], **_: Any) -> None:
        self.handlers[event] = handler

    def connect(self, *_: Any, **__: Any) -> None: ...

    def disconnect(self) -> None: ...

    def emit(self, _: str, message: tuple[dict[str, Any], bytes], **__: Any) -> None:
        number = message[0]["id"]
        match self.script[number]:
            case "stale":
                self.handlers["result"]({"id": number - 1})
            case "silence":
                pass
            case event:
                self.handlers[event]({"id": number})


@pytest.mark.parametrize(
    ("script", "results", "refused", "skipped"),
    [
        (("result", "result", "result"), 3, 0, 0),
        (("result", "refused", "result"), 2, 1, 0),
        (("result", "silence", "result"), 2, 0, 1),
        (("result", "stale", "result"), 2, 0, 1),
    ],
)
def test_counts(
    monkeypatch: pytest.MonkeyPatch, script: tuple[str, ...], results: int, refused: int, skipped: int
) -> None:
    monkeypatch.setattr(clients.socketio, "Client", type("Scripted", (FakeSocket,), {"script": script}))
    monkeypatch.setattr(clients, "PATIENCE", 0.02)
    # A clock of its own, in which only sleeping takes time: on a busy machine frames would come late and be skipped.
    clock = [0.0]
    monkeypatch.setattr(clients, "monotonic", lambda: clock[0])
    monkeypatch.setattr(clients, "sleep", lambda seconds: clock.append(clock.pop() + seconds))
    begin = Event()
    begin.set()
    client = clients.Client("http://nowhere", b"", begin, len(script) / clients.RATE)
    client.run()
    assert (len(client.latencies), client.refused, client.skipped) == (results, refused, skipped)
