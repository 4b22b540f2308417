"""Frames on their way through an engine: handed in, waiting, taken, answered; each answered exactly once."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from threading import Condition

from server.vision.engine.counters import Counters
from server.vision.engine.mailbox import Mailboxes
from server.vision.messages import Frame, Refusal, Result


@dataclass(eq=False, slots=True)
class Job:
    """A frame, its answer to come, and when it was handed in and taken (seconds, monotonic)."""

    frame: Frame
    submitted: float = field(default_factory=time.monotonic)
    taken: float = 0.0
    future: Future[Result] = field(default_factory=Future)


class Jobs:
    """The mailboxes and their lock. Whoever takes a job out answers it; callbacks run outside the lock."""

    def __init__(self, max_waiting: int) -> None:
        self.counters = Counters()
        self._mailboxes: Mailboxes[Job] = Mailboxes(max_waiting)
        self._changed = Condition()
        self._closed = False

    def __len__(self) -> int:
        """How many wait."""
        with self._changed:
            return len(self._mailboxes)

    def put(self, frame: Frame) -> Future[Result]:
        """Let a frame wait for a taker. A waiting frame of the same client is refused as `superseded`."""
        job = Job(frame)
        try:
            with self._changed:
                if self._closed:
                    raise closed()
                overtaken = self._mailboxes.put(frame.client, job)
                self._changed.notify()
        except Refusal as refusal:
            self._answer(job, refusal)
            return job.future
        if overtaken is not None:
            self._answer(overtaken, Refusal("superseded", "A newer frame of the same client took this one's place."))
        return job.future

    def refuse(self, frame: Frame, refusal: Refusal) -> Future[Result]:
        """Answer a frame that need not wait."""
        job = Job(frame)
        self._answer(job, refusal)
        return job.future

    def take(self, wanted: Callable[[], bool]) -> Job | None:
        """Wait for a job; None once this is closed or no job is `wanted` any more (see `wake`)."""
        with self._changed:
            while wanted() and not self._closed:
                taken = self._mailboxes.take()
                if taken is None:
                    self._changed.wait()
                    continue
                client, job = taken
                if job.future.set_running_or_notify_cancel():
                    job.taken = time.monotonic()
                    return job
                self._mailboxes.done(client)
            self._changed.notify()  # the call that woke us may have been for another
            return None

    def finish(self, job: Job, outcome: Result | Refusal) -> None:
        """Answer a job that was taken, then let its client's next one be taken: so answers come in order."""
        self._answer(job, outcome)
        with self._changed:
            if self._mailboxes.done(job.frame.client):
                self._changed.notify()

    def expire(self, seconds: float) -> None:
        """Refuse all that wait for longer than `seconds`."""
        latest = time.monotonic() - seconds
        with self._changed:
            expired = self._mailboxes.remove(lambda job: job.submitted < latest)
        for job in expired:
            self._answer(job, Refusal("timed_out", f"No worker was free within {seconds:g} s; send again later."))

    def wake(self) -> None:
        """Let all takers ask again whether they want a job."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Refuse what waits and whatever comes; those who wait to take a job get None."""
        with self._changed:
            self._closed = True
            waiting = self._mailboxes.remove(lambda _: True)
            self._changed.notify_all()
        for job in waiting:
            self._answer(job, closed())

    def _answer(self, job: Job, outcome: Result | Refusal) -> None:
        if not job.future.running() and not job.future.set_running_or_notify_cancel():
            return
        if isinstance(outcome, Refusal):
            self.counters.count(outcome)
            job.future.set_exception(outcome)
            return
        queue, total = job.taken - job.submitted, time.monotonic() - job.submitted
        outcome = replace(outcome, timing_ms={**outcome.timing_ms, "queue": queue * 1e3, "total": total * 1e3})
        self.counters.count(outcome)
        job.future.set_result(outcome)


def closed() -> Refusal:
    """The answer of an engine that does not run."""
    return Refusal("worker_lost", "The engine is not running; send the frame again when the server is up.")
