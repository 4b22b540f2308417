"""From the start of the server to its first answer, and the memory it takes to serve."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter, sleep

import requests

from server.benchmarks.picture import camera_jpeg
from server.benchmarks.running import Running, serving
from server.benchmarks.samples import median


def compare(detectors: Sequence[str], rounds: int) -> list[list[str]]:
    """Rows of detector, median seconds to the first answer, resident MB with two workers, TensorFlow loaded."""
    rows = []
    for detector in detectors:
        seconds, memory, tensorflow = [], [], False
        for _ in range(rounds):
            with serving(detector=detector, workers=2) as server:
                answer(server)
                seconds.append(perf_counter() - server.started)
                wait_for_workers(server, 2)
                for _ in range(20):
                    answer(server)
                memory.append(server.resident_mb())
                tensorflow |= server.imported("tensorflow")
        rows.append([detector, f"{median(seconds):.2f}", f"{median(memory):.0f}", "yes" if tensorflow else "no"])
    return rows


def wait_for_workers(server: Running, count: int, patience: float = 60) -> None:
    """Wait until so many workers can take a frame; raises RuntimeError after `patience` seconds."""
    deadline = perf_counter() + patience
    while f"maskgate_workers {count}" not in requests.get(f"{server.url}/metrics", timeout=30).text:
        if perf_counter() > deadline:
            raise RuntimeError(f"The server did not get {count} workers ready within {patience:g} s.")
        sleep(0.1)


def answer(server: Running) -> None:
    """One photo through REST.

    Raises requests.HTTPError where it is not answered.
    """
    headers = {"Content-Type": "image/jpeg"}
    requests.post(f"{server.url}/api/v1/detect", camera_jpeg(), headers=headers, timeout=30).raise_for_status()
