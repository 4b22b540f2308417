from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from server.vision.engine import wire, worker
from server.vision.messages import Refusal, Result
from tests.vision.engine.runners import Obedient
from tests.vision.engine.test_local import GUARD, is_running, until

ROOT = Path(__file__).resolve().parents[3]

# A server that starts an engine, gives one worker a frame to hold, tells the ids, and does nothing more.
PARENT = """
import sys, time
EVENTLET
from pathlib import Path
from server.vision.engine.local import LocalEngine
from tests.vision.engine.conftest import EYES, order
models, here = map(Path, sys.argv[1:])
engine = LocalEngine(models, "tiny", "eyes", 2, detectors=[EYES], pipeline="tests.vision.engine.runners:obedient")
engine.start()
while len(engine.worker_pids()) < 2:
    time.sleep(0.01)
engine.submit(order(do="hang", touch=str(here)))
while not here.exists():
    time.sleep(0.01)
print(*engine.worker_pids(), flush=True)
END
"""


@pytest.fixture
def served() -> Iterator[socket.socket]:
    ours, theirs = socket.socketpair()
    thread = Thread(target=worker.serve, args=(theirs, Obedient()))
    thread.start()
    with ours:
        yield ours
    thread.join(GUARD)
    assert not thread.is_alive()  # it ends with its socket
    theirs.close()


def ask(connection: socket.socket, data: bytes) -> Result | Refusal:
    wire.send(connection, {"client": "a"}, data)
    message = wire.receive(connection)
    assert message is not None
    return wire.read_outcome(message[0])


def test_every_frame_is_answered(served: socket.socket) -> None:
    for data in (b"{}", b"no JSON", json.dumps({"do": "raise"}).encode(), b""):
        outcome = ask(served, data)
        assert isinstance(outcome, Result if data == b"{}" else Refusal)


def test_an_answer_that_cannot_be_sent_is_refused(served: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Obedient, "run", lambda self, frame: Result("m", object(), 1, 1, ()))  # type: ignore[arg-type]
    outcome = ask(served, b"{}")
    assert isinstance(outcome, Refusal)
    assert outcome.code == "worker_lost"


def test_a_worker_whose_parent_is_gone_ends_at_once() -> None:
    """The parent may end before the worker asks the kernel to tie their lives together."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        options = [
            "--socket",
            str(theirs.fileno()),
            "--parent",
            "1",
            "--pipeline",
            "tests.vision.engine.runners:obedient",
        ]
        ended = subprocess.run(
            [
                sys.executable,
                "-m",
                "server.vision.engine.worker",
                *options,
                "--models",
                ".",
                "--model",
                "m",
                "--detector",
                "d",
            ],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
            timeout=GUARD,
            check=False,
        )
    assert ended.returncode == 1


@pytest.mark.parametrize("eventlet", ["", "import eventlet; eventlet.monkey_patch()"], ids=["threads", "eventlet"])
@pytest.mark.parametrize(
    ("stopped", "end"),
    [(False, "kill"), (True, "kill"), (False, "return"), (True, "return"), (False, "raise"), (False, "exit")],
)
def test_no_orphans_however_the_parent_ends(
    models_dir: Path, tmp_path: Path, eventlet: str, stopped: bool, end: str
) -> None:
    last = {"kill": "time.sleep(600)", "return": "", "raise": "raise SystemExit(3)", "exit": "import os; os._exit(0)"}
    wait = "" if end == "kill" else "sys.stdin.read()\n"
    script = PARENT.replace("EVENTLET", eventlet).replace("END", wait + last[end])
    with subprocess.Popen(
        [sys.executable, "-c", script, str(models_dir), str(tmp_path / "here")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        try:
            assert len(pids) == 2
            for pid in pids if stopped else ():
                os.kill(pid, signal.SIGSTOP)
            if end == "kill":
                parent.kill()
            parent.stdin.close()
            parent.wait(GUARD)
            until(lambda: not any(map(is_running, pids)), "the workers to end")
        finally:
            parent.kill()


def test_the_socket_s_end_alone_ends_a_worker_in_mid_frame(
    models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the kernel has no death signal: this test is the parent and lives on."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "server.vision.engine.worker", "--socket", str(theirs.fileno())]
    command += ["--parent", str(os.getpid()), "--pipeline", "tests.vision.engine.runners:obedient"]
    command += ["--models", str(models_dir), "--model", "tiny", "--detector", "eyes"]
    with subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()]) as process:
        theirs.close()
        try:
            assert wire.receive(ours) == ({"ready": True}, b"")
            here = tmp_path / "here"
            wire.send(ours, {"client": "a"}, json.dumps({"do": "hang", "touch": str(here)}).encode())
            until(here.exists, "the frame to arrive")
            ours.close()
            assert process.wait(GUARD) == 0
        finally:
            process.kill()


def test_a_worker_stays_small() -> None:
    """Of what must never be in a worker, nothing is imported by serving with all that MaskGate has."""
    script = (
        "import sys; import server.vision.engine.worker, server.vision.pipeline, server.vision.decision\n"
        "import server.vision.classifiers.litert, server.vision.detectors, ai_edge_litert.interpreter\n"
        "found = {'tensorflow', 'keras', 'flask', 'socketio', 'eventlet'} & set(sys.modules)\n"
        "sys.exit(', '.join(found) or 0)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=GUARD, check=False
    )
    assert ended.returncode == 0, ended.stderr
