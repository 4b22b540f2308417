from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest

from server.vision.engine import Engine
from server.vision.engine.inline import InlineEngine
from server.vision.messages import Frame, Refusal
from tests.vision.test_pipeline import PICTURE, Bench, face


def engine(bench: Bench | None = None) -> InlineEngine:
    return InlineEngine((bench or Bench(face(0, 0, 9, 9))).pipeline)


def test_answers_when_it_returns() -> None:
    subject: Engine = engine()
    future = subject.submit(Frame(PICTURE, "a"))
    assert future.done()
    assert set(future.result().timing_ms) == {"queue", "decode", "detect", "classify", "total"}
    assert subject.stats().answered == 1
    assert subject.stats().stage_ms["total"] > 0


def test_what_can_be_asked_for() -> None:
    assert "tiny" in [card.name for card in engine().models()]
    assert "eyes" in [info.name for info in engine().detectors()]
    assert (engine().default_model, engine().default_detector) == ("tiny", "eyes")


def test_refusals_are_counted() -> None:
    subject = engine()
    with pytest.raises(Refusal):
        subject.submit(Frame(b"text", "a")).result()
    assert subject.stats().refused == {"not_an_image": 1}


def test_a_bug_becomes_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    monkeypatch.setattr(bench.eyes, "detect", lambda *_: 1 / 0)
    error = engine(bench).submit(Frame(PICTURE, "a")).exception()
    assert isinstance(error, Refusal)
    assert error.code == "worker_lost"
    assert "ZeroDivisionError" in error.message


def test_one_frame_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, inside = Bench(), Lock()

    def detect(*_: object) -> list[object]:
        assert inside.acquire(blocking=False)
        time.sleep(0.002)
        inside.release()
        return []

    monkeypatch.setattr(bench.eyes, "detect", detect)
    subject = engine(bench)
    with ThreadPoolExecutor(4) as pool:
        for future in pool.map(subject.submit, [Frame(PICTURE, "a")] * 20):
            assert future.exception() is None


def test_closed() -> None:
    subject = engine()
    assert subject.ready()
    subject.close()
    subject.close()
    assert not subject.ready()
    assert subject.stats().workers == 0
    error = subject.submit(Frame(PICTURE, "a")).exception()
    assert isinstance(error, Refusal)
    assert error.code == "worker_lost"
