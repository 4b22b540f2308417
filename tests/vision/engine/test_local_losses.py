"""Workers that die, hang or do not come up again."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from server.vision.engine import EngineError
from server.vision.engine.process import WorkerProcess
from server.vision.messages import Frame
from tests.vision.engine.conftest import order
from tests.vision.engine.runners import BROKEN
from tests.vision.engine.test_local import GUARD, Make, hold, is_running, refusal, until


def test_a_crash_costs_one_frame(started: Make) -> None:
    engine = started()
    (pid,) = engine.worker_pids()
    assert refusal(engine.submit(order(do="crash"))).code == "worker_lost"
    assert engine.submit(order()).result(GUARD).width != pid
    assert engine.stats().restarts == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_worker_killed_in_mid_frame(started: Make, tmp_path: Path, number: signal.Signals) -> None:
    engine = started()
    (pid,) = engine.worker_pids()
    held = hold(engine, tmp_path / "here")
    waiting = engine.submit(order("b"))
    os.kill(pid, number)
    assert refusal(held).code == "worker_lost"
    assert waiting.result(GUARD).width != pid
    assert engine.stats().restarts == 1


def test_a_worker_killed_while_idle(started: Make) -> None:
    engine = started()
    (pid,) = engine.worker_pids()
    os.kill(pid, signal.SIGKILL)
    until(lambda: engine.worker_pids() not in ([], [pid]), "the new worker")
    assert engine.submit(order()).result(GUARD).width != pid


@pytest.mark.parametrize("stopped", [True, False], ids=["stopped", "hung"])
def test_a_worker_that_holds_a_frame_too_long(started: Make, tmp_path: Path, stopped: bool) -> None:
    engine = started(frame_timeout=1.0)
    (pid,) = engine.worker_pids()
    held = hold(engine, tmp_path / "here")
    if stopped:
        os.kill(pid, signal.SIGSTOP)
    answer = refusal(held)
    assert answer.code == "timed_out"
    assert "1 s" in answer.message
    until(engine.ready, "the new worker")
    assert engine.submit(order()).result(GUARD).width != pid
    assert not is_running(pid)


def test_a_stopped_idle_worker_that_is_given_a_large_frame(started: Make) -> None:
    """The frame fills the socket, so that even sending it waits."""
    engine = started(frame_timeout=1.0)
    (pid,) = engine.worker_pids()
    os.kill(pid, signal.SIGSTOP)
    assert refusal(engine.submit(order(padding="x" * 4_000_000))).code == "timed_out"
    until(engine.ready, "the new worker")


def test_other_workers_go_on_meanwhile(started: Make, tmp_path: Path) -> None:
    engine = started(workers=2)
    until(lambda: len(engine.worker_pids()) == 2, "both workers")
    held = hold(engine, tmp_path / "here", "slow")
    for _ in range(20):
        engine.submit(order("quick")).result(GUARD)
    assert not held.done()


def test_a_waiting_frame_times_out_when_no_worker_comes_up(started: Make, models_dir: Path) -> None:
    engine = started(frame_timeout=0.5)
    (models_dir / BROKEN).touch()
    os.kill(engine.worker_pids()[0], signal.SIGKILL)
    until(lambda: not engine.ready(), "the engine to notice")
    answer = refusal(engine.submit(order()))
    assert answer.code == "timed_out"
    assert engine.stats().waiting == 0
    (models_dir / BROKEN).unlink()
    until(engine.ready, "the engine to recover")
    assert engine.submit(order()).result(GUARD).model == "tiny"


def test_replaced_workers_leave_nothing_behind(started: Make) -> None:
    """A kiosk runs for months: each restart must give back its descriptors, its process and its frame."""
    engine = started()
    before = len(list(Path("/proc/self/fd").iterdir()))
    pids, calls = set(engine.worker_pids()), Counter[int]()
    for number in range(8):
        future = engine.submit(order(do="crash"))
        future.add_done_callback(lambda _, number=number: calls.update([number]))
        assert refusal(future).code == "worker_lost"
        until(engine.ready, "the new worker")
        pids.update(engine.worker_pids())
    assert len(pids) == 9
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == engine.worker_pids()  # no zombie either
    assert calls == Counter(range(8))


def test_a_bug_of_our_own_costs_a_frame_and_a_worker_but_not_the_seat(started: Make, monkeypatch) -> None:
    engine = started()
    (pid,) = engine.worker_pids()
    original = WorkerProcess.ask

    def faulty(self: WorkerProcess, frame: Frame) -> object:
        if frame.client == "bad":
            raise ZeroDivisionError
        return original(self, frame)

    monkeypatch.setattr(WorkerProcess, "ask", faulty)
    assert refusal(engine.submit(order("bad"))).code == "worker_lost"
    assert engine.submit(order()).result(GUARD).width != pid
    assert not is_running(pid)


def test_a_bug_at_the_start_ends_it_with_a_sentence(make_engine: Make, monkeypatch) -> None:
    monkeypatch.setattr(WorkerProcess, "wait_ready", lambda _self: 1 / 0)
    with pytest.raises(EngineError, match=r"A worker cannot be kept: ZeroDivisionError"):
        make_engine().start()
