"""Many clients at once, under eventlet and under threading."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from server.benchmarks.running import serving
from server.benchmarks.samples import median, percentile

MODES = ("eventlet", "threading")


def compare(crowds: Sequence[int], seconds: float) -> list[list[str]]:
    """Rows of clients, mode, answers a second, median and 95th percentile in ms, drops (late, given up and refused).

    Each crowd is measured under both modes one after the other, each with a server of its own.
    """
    rows = []
    for clients in crowds:
        for mode in MODES:
            with serving(async_mode=mode) as server:
                measure(server.url, 1, 1.0)  # the first frames of a fresh server are nobody's measure
                crowd = measure(server.url, clients, seconds)
            latencies = crowd["latencies"]
            rows.append(
                [
                    str(clients),
                    mode,
                    f"{len(latencies) / seconds:.1f}",
                    f"{median(latencies) * 1000:.0f}",
                    f"{percentile(latencies, 0.95) * 1000:.0f}",
                    str(crowd["skipped"] + crowd["refused"]),
                ]
            )
    return rows


def measure(url: str, clients: int, seconds: float) -> dict[str, Any]:
    """What `clients` socket clients saw of a server; latencies in seconds."""
    command = [sys.executable, "-m", "server.benchmarks.clients", url, str(clients), str(seconds)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=seconds * 4 + 60)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
