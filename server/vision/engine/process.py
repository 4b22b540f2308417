"""A worker process as seen by the engine: started, asked, ended."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import server
from server.vision.engine import wire
from server.vision.messages import Frame, Refusal, Result

# One core a worker: libraries that would start threads of their own are told not to.
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"), "1"
)
_ROOT = Path(server.__file__).resolve().parents[1]
_REAPING_SECONDS = 1.0


class WorkerFailedError(Exception):
    """A worker that did not become ready; the message is a sentence."""


class WorkerLostError(Exception):
    """A worker that ended, or talks nonsense, in mid-frame."""


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """What a worker is started with; see `worker.py`."""

    models_dir: Path
    model: str | None
    detector: str
    pipeline: str


class WorkerProcess:
    """Starts a worker at once, as a fresh program: never forked, since eventlet and threads do not survive a fork.

    `kill` and `alive` may be called from any thread, the rest belongs to the one that made it. Nothing in here
    waits but by sleeping and by the socket: under eventlet both let the others run, `Popen.wait` does not.

    Raises WorkerFailedError where it cannot be started.
    """

    def __init__(self, spec: WorkerSpec) -> None:
        try:
            self._socket, theirs = socket.socketpair()
        except OSError as error:
            raise WorkerFailedError(f"A worker cannot be started: {error}.") from error
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        command = [sys.executable, "-m", "server.vision.engine.worker"]
        command += ["--socket", str(theirs.fileno()), "--parent", str(os.getpid()), "--pipeline", spec.pipeline]
        command += ["--models", str(spec.models_dir.resolve()), "--detector", spec.detector]
        command += [] if spec.model is None else ["--model", spec.model]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # the commands write answers there
                env={**os.environ, **_ONE_THREAD, "PYTHONPATH": path},
                pass_fds=(theirs.fileno(),),
            )
        except OSError as error:
            self._socket.close()
            raise WorkerFailedError(f"A worker cannot be started: {error}.") from error
        finally:
            theirs.close()
        self.pid = self._process.pid

    def wait_ready(self) -> None:
        """Wait until the worker can answer.

        Raises WorkerFailedError with its own words, or with how it ended.
        """
        try:
            message = wire.receive(self._socket)
        except (OSError, wire.WireError):
            message = None
        if message is None:
            raise WorkerFailedError(f"A worker ended before it was ready ({self.ending()}); the log above may say why.")
        if "ready" not in message[0]:
            raise WorkerFailedError(str(message[0].get("failed", "A worker failed without a word.")))

    def ask(self, frame: Frame) -> Result | Refusal:
        """Hand in a frame and wait for the answer.

        Raises WorkerLostError where none comes any more.
        """
        try:
            wire.send(self._socket, wire.frame_header(frame), frame.data)
            message = wire.receive(self._socket)
            if message is None:
                raise WorkerLostError(self.ending())
            return wire.read_outcome(message[0])
        except (OSError, wire.WireError) as error:
            raise WorkerLostError(str(error)) from error

    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL: it ends stopped processes and native code too, and a worker has nothing to save."""
        self._process.kill()

    def ending(self) -> str:
        """How the process ended, in words; waits a moment for it."""
        self._reap()
        code = self._process.returncode
        if code is None:
            return "still running"
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def end(self) -> None:
        """Kill the process, if need be, and free what it held."""
        self.kill()
        self._reap()
        self._socket.close()

    def _reap(self) -> None:
        deadline = time.monotonic() + _REAPING_SECONDS
        while self.alive() and time.monotonic() < deadline:
            time.sleep(0.005)
