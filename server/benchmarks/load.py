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


def compare(crowds: Sequence[int], seconds: float, rounds: int) -> list[list[str]]:
    """Rows of clients, mode, answers a second, median and 95th percentile in ms, drops (late, given up and refused).

    Each crowd is measured under both modes by turns, `rounds` times, each time with a server of its own: answers and
    drops are the median round's, latencies those of all rounds.
    """
    rows = []
    for clients in crowds:
        met: dict[str, list[dict[str, Any]]] = {mode: [] for mode in MODES}
        for _ in range(rounds):
            for mode, seen in met.items():
                with serving(async_mode=mode) as server:
                    measure(server.url, 1, 1.0)  # the first frames of a fresh server are nobody's measure
                    seen.append(measure(server.url, clients, seconds))
        rows += [[str(clients), mode, *_figures(seen, seconds)] for mode, seen in met.items()]
    return rows


def _figures(seen: Sequence[dict[str, Any]], seconds: float) -> list[str]:
    latencies = [latency for crowd in seen for latency in crowd["latencies"]]
    return [
        f"{median([len(crowd['latencies']) for crowd in seen]) / seconds:.1f}",
        f"{median(latencies) * 1000:.0f}",
        f"{percentile(latencies, 0.95) * 1000:.0f}",
        f"{median([crowd['skipped'] + crowd['refused'] for crowd in seen]):.0f}",
    ]


def measure(url: str, clients: int, seconds: float) -> dict[str, Any]:
    """What `clients` socket clients saw of a server; latencies in seconds."""
    command = [sys.executable, "-m", "server.benchmarks.clients", url, str(clients), str(seconds)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=seconds * 4 + 60)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
