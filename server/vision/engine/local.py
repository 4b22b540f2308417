"""The engine of one machine: worker processes, one a core, and a watch over them."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Event, Lock, Thread, current_thread

from server.vision.catalogue import Catalogue, CatalogueError, read_catalogue
from server.vision.classifiers.card import Card, CardError
from server.vision.detectors import DetectorInfo
from server.vision.engine import EngineError, EngineStats
from server.vision.engine.jobs import Job, Jobs, closed
from server.vision.engine.process import WorkerFailedError, WorkerLostError, WorkerProcess, WorkerSpec
from server.vision.limits import MAX_REST_BYTES
from server.vision.messages import Frame, Refusal, Result

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 30.0
_CLOSING_SECONDS = 1.5


@dataclass(eq=False, slots=True)
class _Seat:
    """The place of a worker; its occupants come and go.

    since: when the worker began to start, or took its job (seconds, monotonic). overdue: killed for that.
    """

    process: WorkerProcess | None = None
    ready: bool = False
    job: Job | None = None
    since: float = 0.0
    overdue: bool = False


class LocalEngine:
    """Shares frames out to `workers` processes; runs the same on plain and on eventlet's green threads.

    A thread a seat starts its worker, hands it frames and replaces it when it is lost; one more watches for
    what takes too long.

    models_dir: holds the model folders. default_model, default_detector: for frames that name none, see
    `Catalogue`.
    workers: how many processes, 0 for one a core. frame_timeout: seconds that a frame may wait, and as many
    that it may be worked on. max_waiting: frames of all clients together in mailboxes.
    detectors: what can be asked for, MaskGate's own where None. pipeline: `module:function` that makes what a
    worker runs, see `worker.py`. start_timeout: seconds that a worker may take to become ready.
    """

    def __init__(
        self,
        models_dir: Path,
        default_model: str | None,
        default_detector: str,
        workers: int = 0,
        frame_timeout: float = 10.0,
        max_waiting: int = 64,
        *,
        detectors: Iterable[DetectorInfo] | None = None,
        pipeline: str = "server.vision.pipeline:serving",
        start_timeout: float = 60.0,
    ) -> None:
        self.default_detector = default_detector
        self._spec = WorkerSpec(models_dir, default_model, default_detector, pipeline)
        self._infos = detectors
        self._frame_timeout = frame_timeout
        self._start_timeout = start_timeout
        self._jobs = Jobs(max_waiting)
        self._seats = [_Seat() for _ in range(workers or _cores())]
        self._restarts = 0
        self._lock = Lock()  # guards the seats; never held while anything waits
        self._threads: list[Thread] = []
        self._closing = Event()
        self._first: Future[None] = Future()  # how the first worker started

    @cached_property
    def _catalogue(self) -> Catalogue:
        spec = self._spec
        try:
            return read_catalogue(spec.models_dir, spec.model, spec.detector, self._infos)
        except (CardError, CatalogueError) as error:
            raise EngineError(str(error)) from error

    @property
    def default_model(self) -> str:
        """Who names the faces of a frame that names neither model nor detector."""
        return self._catalogue.model_for(self.default_detector)

    def start(self) -> None:
        """Start the workers and wait until the first is ready.

        Raises EngineError where a card, a default or a worker is not fit to serve.
        """
        _ = self._catalogue
        # Not started from this thread, which may end before the workers should: see `worker.py`.
        self._threads = [Thread(target=self._occupy, args=(seat,), daemon=True) for seat in self._seats]
        self._threads.append(Thread(target=self._watch, daemon=True))
        for thread in self._threads:
            thread.start()
        try:
            self._first.result()
        except WorkerFailedError as error:
            self.close()
            raise EngineError(str(error)) from error

    def submit(self, frame: Frame) -> Future[Result]:
        """Hand in a frame; never blocks. See `Engine.submit`."""
        if not self._threads:
            return self._jobs.refuse(frame, closed())
        try:
            self._catalogue.choose(frame.model, frame.detector)
            if len(frame.data) > MAX_REST_BYTES:
                raise Refusal(
                    "too_large",
                    f"The picture has {len(frame.data)} bytes, at most {MAX_REST_BYTES} are allowed; make it smaller.",
                )
        except Refusal as refusal:
            return self._jobs.refuse(frame, refusal)
        return self._jobs.put(frame)

    def models(self) -> Sequence[Card]:
        """The cards of all models that can be asked for."""
        return self._catalogue.cards()

    def detectors(self) -> Sequence[DetectorInfo]:
        """The detectors that can be asked for."""
        return tuple(self._catalogue.detectors.values())

    def choose(self, model: str | None, detector: str | None) -> tuple[Card, DetectorInfo]:
        """What serves a frame that asks for these; see `Engine.choose`."""
        return self._catalogue.choose(model, detector)

    def ready(self) -> bool:
        """Whether a worker is up."""
        with self._lock:
            return any(seat.ready for seat in self._seats)

    def stats(self) -> EngineStats:
        """Counters since the start."""
        with self._lock:
            ready, restarts = sum(seat.ready for seat in self._seats), self._restarts
        return self._jobs.counters.stats(workers=ready, restarts=restarts, waiting=len(self._jobs))

    def worker_pids(self) -> list[int]:
        """The process ids of the workers that are up."""
        with self._lock:
            return [seat.process.pid for seat in self._seats if seat.process is not None and seat.ready]

    def close(self) -> None:
        """End all workers; frames in them and waiting are refused with `worker_lost`. May be called twice."""
        self._closing.set()
        with self._lock:
            for seat in self._seats:
                seat.ready = False
                if seat.process is not None:
                    seat.process.kill()
        self._jobs.close()
        deadline = time.monotonic() + _CLOSING_SECONDS
        for thread in self._threads:
            if thread is not current_thread():  # a callback may close us
                thread.join(max(deadline - time.monotonic(), 0.0))

    def _occupy(self, seat: _Seat) -> None:
        """Keep a seat taken: one worker after the other."""
        failures = 0
        while not self._closing.is_set():
            try:
                self._start_worker(seat)
                failures = 0
                self._hand_out(seat)
            except WorkerFailedError as error:
                failures += 1
                self._report(error)
            except Exception as error:  # a bug costs a worker, never the seat: this runs for months
                failures += 1
                log.exception("A seat failed; it is taken anew")
                self._report(WorkerFailedError(f"A worker cannot be kept: {error!r}."))
            finally:
                self._dismiss(seat)
            if failures:  # it may well fail again: do not keep the machine busy with that
                self._closing.wait(min(0.25 * 2 ** (failures - 1), _LONGEST_PAUSE))

    def _start_worker(self, seat: _Seat) -> None:
        process = WorkerProcess(self._spec)
        with self._lock:
            seat.process, seat.since, seat.overdue = process, time.monotonic(), False
            if self._closing.is_set():
                process.kill()
        try:
            process.wait_ready()
        except WorkerFailedError as error:
            if seat.overdue:
                raise WorkerFailedError(f"A worker was not ready within {self._start_timeout:g} s.") from error
            raise
        with self._lock:
            seat.ready = not self._closing.is_set()
            if not self._first.done():
                self._first.set_result(None)

    def _report(self, error: WorkerFailedError) -> None:
        with self._lock:
            if not self._first.done():
                self._first.set_exception(error)
                return
        if not self._closing.is_set():
            log.error("A worker failed to start: %s", error)

    def _hand_out(self, seat: _Seat) -> None:
        """Give a ready worker one frame after the other, until it is lost."""
        process = seat.process
        assert process is not None
        while (job := self._jobs.take(wanted=process.alive)) is not None:
            with self._lock:
                seat.job, seat.since = job, job.taken
            try:
                outcome = process.ask(job.frame)
            except WorkerLostError as error:
                log.warning("Worker %d was lost in mid-frame: %s", process.pid, error)
                self._dismiss(seat)
                self._jobs.finish(job, self._loss(seat))
                return
            except Exception:
                self._jobs.finish(job, self._loss(seat))
                raise
            with self._lock:
                seat.job = None
            self._jobs.finish(job, outcome)

    def _loss(self, seat: _Seat) -> Refusal:
        if self._closing.is_set():
            return closed()
        if seat.overdue:
            return Refusal(
                "timed_out", f"The frame was not answered within {self._frame_timeout:g} s; its worker is replaced."
            )
        return Refusal("worker_lost", "The worker that had this frame ended; it is replaced, send the next frame.")

    def _dismiss(self, seat: _Seat) -> None:
        """Empty a seat, whatever state its worker is in."""
        with self._lock:
            process = seat.process
            seat.process, seat.ready, seat.job = None, False, None
            if process is not None and not self._closing.is_set():
                self._restarts += 1
        if process is not None:
            process.end()

    def _watch(self) -> None:
        """Kill what takes too long, refuse what waits too long, wake the seats of those that died idle."""
        while not self._closing.wait(min(0.1, self._frame_timeout / 4)):
            self._jobs.expire(self._frame_timeout)
            with self._lock:
                died = [self._check(seat) for seat in self._seats]
            if any(died):
                self._jobs.wake()

    def _check(self, seat: _Seat) -> bool:
        """Whether a seat's worker died idle; one that starts or works for too long is killed."""
        process = seat.process
        if process is None:
            return False
        if seat.ready and seat.job is None:
            return not process.alive()
        if time.monotonic() - seat.since > (self._frame_timeout if seat.ready else self._start_timeout):
            seat.overdue = True
            process.kill()
        return False


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
