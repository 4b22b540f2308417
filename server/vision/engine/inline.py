"""An engine that works in its caller: for tests and for checking files."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from threading import Lock
from time import perf_counter

from server.vision.classifiers.card import Card
from server.vision.detectors import DetectorInfo
from server.vision.engine import EngineStats
from server.vision.engine.counters import Counters
from server.vision.engine.runner import answer
from server.vision.messages import Frame, Refusal, Result
from server.vision.pipeline import Pipeline


class InlineEngine:
    """`submit` returns when the frame is answered; callers in other threads wait for their turn."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._turn = Lock()
        self._counters = Counters()
        self._closed = False
        self.default_detector = pipeline.catalogue.default_detector
        self.default_model = pipeline.catalogue.model_for(self.default_detector)

    def submit(self, frame: Frame) -> Future[Result]:
        """Work on a frame now; the future returned is done."""
        submitted = perf_counter()
        outcome: Result | Refusal
        with self._turn:
            queued = (perf_counter() - submitted) * 1e3
            try:
                outcome = self._run(frame)
            except Refusal as refusal:
                outcome = refusal
        future: Future[Result] = Future()
        if isinstance(outcome, Refusal):
            self._counters.count(outcome)
            future.set_exception(outcome)
            return future
        total = (perf_counter() - submitted) * 1e3
        outcome = replace(outcome, timing_ms={**outcome.timing_ms, "queue": queued, "total": total})
        self._counters.count(outcome)
        future.set_result(outcome)
        return future

    def _run(self, frame: Frame) -> Result:
        if self._closed:
            raise Refusal("worker_lost", "The engine is closed; start it again.")
        return answer(self._pipeline, frame)

    def models(self) -> Sequence[Card]:
        """The cards of all models that can be asked for."""
        return self._pipeline.catalogue.cards()

    def detectors(self) -> Sequence[DetectorInfo]:
        """The detectors that can be asked for."""
        return tuple(self._pipeline.catalogue.detectors.values())

    def choose(self, model: str | None, detector: str | None) -> tuple[Card, DetectorInfo]:
        """What serves a frame that asks for these; see `Engine.choose`."""
        return self._pipeline.catalogue.choose(model, detector)

    def ready(self) -> bool:
        """Whether a frame can be answered now."""
        return not self._closed

    def stats(self) -> EngineStats:
        """Counters since the start."""
        return self._counters.stats(workers=0 if self._closed else 1)

    def close(self) -> None:
        """Answer no more frames."""
        self._closed = True
