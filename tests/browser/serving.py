"""The real server as a program of its own, for tests that stop it and start it again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "server", "serve")
PATIENCE_S = 60


class Server:
    """`python -m server serve` on a free port; `start` and `stop` as often as wanted, always on that port.

    log: a file that takes all it writes. settings: by name, other than the defaults.
    """

    def __init__(self, log: Path, **settings: object) -> None:
        self.port = _free_port()
        # No password unless a test sets one, whoever runs it.
        settings = {"state_dir": Path(os.devnull) / "state", **settings}
        self._settings = {f"MASKGATE_{name.upper()}": str(value) for name, value in settings.items()}
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it can answer a frame.

        Raises AssertionError with the end of its log where it ends or stays silent.
        """
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MASKGATE_")}
        environment |= {**self._settings, "MASKGATE_PORT": str(self.port)}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(COMMAND, cwd=ROOT, env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE_S
        while not self._healthy():
            said = self._log.read_text(errors="replace")[-2_000:]
            assert self._process.poll() is None, f"The server ended:\n{said}"
            assert time.monotonic() < deadline, f"The server did not get ready in {PATIENCE_S} s:\n{said}"
            time.sleep(0.1)

    def stop(self) -> None:
        """Ask it to end and wait until it has; harmless where it does not run."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._process = None

    def freeze(self) -> None:
        """Stop the process in mid-step: connections stay open and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
