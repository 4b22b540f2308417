"""Counts of what an engine answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from threading import Lock

from server.vision.engine import EngineStats
from server.vision.messages import Refusal, Result


class Counters:
    """Adds up answers; may be shared between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answered = 0
        self._refused: Counter[str] = Counter()
        self._stage_ms: defaultdict[str, float] = defaultdict(float)

    def count(self, outcome: Result | Refusal) -> None:
        with self._lock:
            if isinstance(outcome, Refusal):
                self._refused[outcome.code] += 1
                return
            self._answered += 1
            for stage, spent in outcome.timing_ms.items():
                self._stage_ms[stage] += spent

    def stats(self, *, workers: int, restarts: int = 0, waiting: int = 0) -> EngineStats:
        """All counts so far, beside what only the engine knows."""
        with self._lock:
            return EngineStats(workers, restarts, waiting, self._answered, dict(self._refused), dict(self._stage_ms))
