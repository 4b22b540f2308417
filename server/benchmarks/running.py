"""A server of its own for a benchmark, and what it costs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

import psutil


@dataclass(frozen=True)
class Running:
    """A server that answers. url: its address. started: when the process was begun (`perf_counter`)."""

    url: str
    process: psutil.Popen
    started: float

    def resident_mb(self) -> float:
        """Resident memory of the server and its workers together, in 10^6 bytes."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(member.memory_info().rss for member in family) / 1e6

    def imported(self, package: str) -> bool:
        """Whether any of the processes has a shared library of a package mapped."""
        family = [self.process, *self.process.children(recursive=True)]
        return any(f"/{package}/" in region.path for member in family for region in member.memory_maps())


@contextmanager
def serving(**settings: str | int) -> Iterator[Running]:
    """Start `python -m server serve` on a free port with these settings; it ends with the block.

    Raises RuntimeError, with what the server said, where it does not start.
    """
    # Without a password, whatever this machine's own state folder holds.
    settings = {"port": 0, "state_dir": f"{os.devnull}/state", **settings}
    variables = {f"MASKGATE_{name.upper()}": str(value) for name, value in settings.items()}
    started = perf_counter()
    process = psutil.Popen(
        [sys.executable, "-m", "server", "serve"],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Running(_url(process), process, started)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        finally:
            if process.is_running():
                process.kill()
            process.stdout.close()


def _url(process: psutil.Popen) -> str:
    said = []
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"http://\S+?:\d+", line):
            return found.group()
    raise RuntimeError("the server did not start: " + "".join(said))
