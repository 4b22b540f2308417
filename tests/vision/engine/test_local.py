from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from server.vision.engine import EngineError
from server.vision.engine.local import LocalEngine
from server.vision.limits import MAX_REST_BYTES
from server.vision.messages import Frame, Refusal, Result
from tests.vision.engine.conftest import order

Make = Callable[..., LocalEngine]

GUARD = 60.0  # seconds after which a test that hangs fails; nothing is measured by it


def until(condition: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + GUARD
    while not condition():
        assert time.monotonic() < deadline, f"still waiting for {what}"
        time.sleep(0.01)


def refusal(future: Future[Result]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        future.result(GUARD)
    return caught.value


def hold(engine: LocalEngine, path: Path, client: str = "a", do: str = "hang", **wishes: Any) -> Future[Result]:
    """Submit a frame that stays in its worker; returns when it has arrived there."""
    future = engine.submit(order(client, do=do, touch=str(path), **wishes))
    until(path.exists, "the frame to arrive in the worker")
    return future


def test_answers(started: Make) -> None:
    engine = started()
    assert engine.ready()
    result = engine.submit(order()).result(GUARD)
    assert [result.width] == engine.worker_pids()
    assert result.faces[0].label == "with_mask"
    assert set(result.timing_ms) == {"queue", "decode", "total"}
    assert 0 <= result.timing_ms["queue"] <= result.timing_ms["total"]
    stats = engine.stats()
    assert (stats.workers, stats.answered, stats.waiting, stats.restarts, stats.refused) == (1, 1, 0, 0, {})
    assert stats.stage_ms["decode"] == 1.0


def test_what_can_be_asked_for(started: Make) -> None:
    engine = started()
    assert [card.name for card in engine.models()] == ["tiny"]
    assert [info.name for info in engine.detectors()] == ["eyes"]
    assert (engine.default_model, engine.default_detector) == ("tiny", "eyes")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"default_model": "huge"}, ["'huge'", "tiny"]),
        ({"default_detector": "nose"}, ["'nose'", "eyes"]),
        ({"pipeline": "tests.vision.engine.runners:failing"}, ["The weights of tiny are not the card's."]),
        ({"pipeline": "tests.vision.engine.runners:crashing"}, ["exit code 3"]),
        ({"pipeline": "tests.vision.engine.runners:sleeping", "start_timeout": 0.5}, ["not ready within 0.5 s"]),
        ({"pipeline": "tests.vision.engine.runners:absent"}, ["absent"]),
    ],
    ids=["model", "detector", "failing", "crashing", "sleeping", "no such pipeline"],
)
def test_a_start_that_fails_says_why(make_engine: Make, options: dict[str, Any], words: list[str]) -> None:
    engine = make_engine(**options)
    with pytest.raises(EngineError) as caught:
        engine.start()
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert not engine.ready()
    assert engine.worker_pids() == []


def test_a_broken_card_stops_the_start(make_engine: Make, models_dir: Path) -> None:
    (models_dir / "tiny" / "card.json").write_text("{}")
    with pytest.raises(EngineError, match=r"card\.json"):
        make_engine().start()


@pytest.mark.parametrize(
    ("frame", "code", "word"),
    [
        (Frame(b"{}", "b", model="huge"), "unknown_model", "tiny"),
        (Frame(b"{}", "b", detector="nose"), "unknown_detector", "eyes"),
        (Frame(bytes(MAX_REST_BYTES + 1), "b"), "too_large", str(MAX_REST_BYTES)),
    ],
)
def test_refused_at_once_without_a_worker(started: Make, tmp_path: Path, frame: Frame, code: str, word: str) -> None:
    engine = started()
    hold(engine, tmp_path / "here")
    future = engine.submit(frame)
    assert future.done()
    answer = refusal(future)
    assert answer.code == code
    assert word in answer.message


def test_large_frames_pass(started: Make) -> None:
    frame = order(padding="x" * (MAX_REST_BYTES - 100))
    assert started().submit(frame).result(GUARD).model == "tiny"


@pytest.mark.parametrize(("do", "code"), [("refuse", "not_an_image"), ("raise", "worker_lost")])
def test_a_failing_frame_leaves_the_worker_alive(started: Make, do: str, code: str) -> None:
    engine = started()
    pids = engine.worker_pids()
    for _ in range(3):
        assert refusal(engine.submit(order(do=do))).code == code
    assert refusal(engine.submit(Frame(b"no JSON", "a"))).code == "worker_lost"
    assert [engine.submit(order()).result(GUARD).width] == pids
    assert engine.stats().restarts == 0
    assert engine.stats().refused[code] >= 3


def test_newest_wins(started: Make, tmp_path: Path) -> None:
    engine = started()
    first = hold(engine, tmp_path / "here", do="sleep", seconds=0.5)
    waiting = [engine.submit(order()) for _ in range(50)]
    assert [refusal(future).code for future in waiting[:-1]] == ["superseded"] * 49
    assert first.result(GUARD).model == waiting[-1].result(GUARD).model == "tiny"
    assert engine.stats().refused == {"superseded": 49}


def test_two_clients_get_fair_shares(started: Make) -> None:
    """One sends ten frames at once whenever it is answered, the other one; both are served in turns."""
    engine = started()
    served: list[str] = []
    enough = Event()

    def send(client: str) -> None:
        for _ in range(10 if client == "greedy" else 1):
            engine.submit(order(client, do="sleep", seconds=0.005)).add_done_callback(
                lambda future: answered(client, future)
            )

    def answered(client: str, future: Future[Result]) -> None:
        if isinstance(future.exception(), Refusal):
            return
        served.append(client)
        if len(served) >= 60:
            enough.set()
            return
        send(client)

    send("greedy")
    send("modest")
    assert enough.wait(GUARD)
    shares = Counter(served[:60])
    assert abs(shares["greedy"] - shares["modest"]) <= 2, shares


def test_results_of_a_client_come_in_order(started: Make) -> None:
    engine = started(workers=2)
    until(lambda: len(engine.worker_pids()) == 2, "both workers")
    done: list[int] = []
    refused: list[int] = []

    def answered(number: int, future: Future[Result]) -> None:
        (refused if future.exception() else done).append(number)

    for number in range(30):
        future = engine.submit(order(do="sleep", seconds=0.002))
        future.add_done_callback(partial(answered, number))
        time.sleep(0.003)
    until(lambda: len(done) + len(refused) == 30, "all answers")
    assert done == sorted(done)
    assert engine.stats().answered == len(done)
    assert engine.stats().refused.get("superseded", 0) == len(refused)


def test_too_many_clients(started: Make, tmp_path: Path) -> None:
    engine = started(max_waiting=3)
    hold(engine, tmp_path / "here")
    waiting = [engine.submit(order(f"client {number}")) for number in range(5)]
    assert [future.done() for future in waiting] == [False] * 3 + [True] * 2
    assert refusal(waiting[-1]).code == "too_many_requests"
    assert engine.stats().waiting == 3


def test_cancelled_futures_are_left_out(started: Make, tmp_path: Path) -> None:
    engine = started()
    held = hold(engine, tmp_path / "here", do="sleep", seconds=0.3)
    cancelled, overtaken, kept = (engine.submit(order(client)) for client in "bcd")
    assert cancelled.cancel()
    assert overtaken.cancel()
    newer = engine.submit(order("c"))
    assert not held.cancel()
    assert [future.result(GUARD).model for future in (held, newer, kept)] == ["tiny"] * 3
    assert engine.stats().answered == 3


def test_a_callback_that_raises_harms_nothing(started: Make) -> None:
    engine = started()
    engine.submit(order()).add_done_callback(lambda _: 1 / 0)
    assert engine.submit(order("b")).result(GUARD).model == "tiny"


def test_close_in_the_middle_of_work(started: Make, tmp_path: Path) -> None:
    engine = started(workers=2)
    until(lambda: len(engine.worker_pids()) == 2, "both workers")
    pids = engine.worker_pids()
    futures = [hold(engine, tmp_path / client, client) for client in "ab"]
    os.kill(pids[0], signal.SIGSTOP)
    futures += [engine.submit(order(client)) for client in "abc"]
    engine.close()
    assert [refusal(future).code for future in futures] == ["worker_lost"] * 5
    until(lambda: not any(map(is_running, pids)), "the workers to end")
    assert not engine.ready()
    assert engine.worker_pids() == []
    engine.close()
    late = engine.submit(order())
    assert late.done()
    assert refusal(late).code == "worker_lost"


def test_close_from_a_callback(started: Make) -> None:
    engine = started()
    closed = Event()

    def close(_: Future[Result]) -> None:
        engine.close()
        closed.set()

    engine.submit(order()).add_done_callback(close)
    assert closed.wait(GUARD)


def test_close_while_starting(make_engine: Make) -> None:
    engine = make_engine(workers=2)
    engine.start()  # the second may still be on its way
    engine.close()
    assert engine.worker_pids() == []
    assert all(not thread.is_alive() for thread in engine._threads)


def test_before_the_start(make_engine: Make) -> None:
    engine = make_engine()
    assert not engine.ready()
    assert refusal(engine.submit(order())).code == "worker_lost"
    engine.close()


def test_ctrl_c_does_not_reach_the_workers(started: Make) -> None:
    engine = started()
    (pid,) = engine.worker_pids()
    os.kill(pid, signal.SIGINT)
    assert engine.submit(order()).result(GUARD).width == pid


def is_running(pid: int) -> bool:
    """Whether a process lives; one that ended and is not yet collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
