"""The local engine on eventlet's green threads, in a program of its own, since patching cannot be undone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.vision.engine.test_local import GUARD

ROOT = Path(__file__).resolve().parents[3]

SETTING = """
import eventlet
eventlet.monkey_patch()
import os, signal, sys, time
from pathlib import Path
from server.vision.engine.local import LocalEngine
from server.vision.messages import Refusal
from tests.vision.engine.conftest import EYES, order

models, here = map(Path, sys.argv[1:])

def make(workers=1, frame_timeout=30.0, **more):
    options = {"detectors": [EYES], "pipeline": "tests.vision.engine.runners:obedient", **more}
    return LocalEngine(models, "tiny", "eyes", workers, frame_timeout, **options)

def code(future):
    answer = future.exception(30)
    return answer.code if isinstance(answer, Refusal) else answer

def hold(engine, **wishes):
    future = engine.submit(order(touch=str(here), **{"do": "hang", **wishes}))
    while not here.exists():
        time.sleep(0.01)
    return future

def up(engine, other_than=()):
    while not set(engine.worker_pids()) - set(other_than):
        time.sleep(0.01)
    return engine.worker_pids()[0]

ticks = []
def tick():
    while True:
        ticks.append(time.monotonic())
        eventlet.sleep(0.005)
eventlet.spawn(tick)
"""

CASES = {
    "answers, callbacks included": """
        engine = make(); engine.start()
        seen = []
        futures = [engine.submit(order(client)) for client in "abcd"]
        for future in futures: future.add_done_callback(lambda future: seen.append(future.result().model))
        assert [future.result(30).model for future in futures] == ["tiny"] * 4
        assert seen == ["tiny"] * 4, seen
    """,
    "green threads go on while a worker starts and works": """
        engine = make(); engine.start()
        assert len(ticks) >= 3, len(ticks)
        ticks.clear()
        engine.submit(order(do="sleep", seconds=0.5)).result(30)
        assert len(ticks) >= 3, len(ticks)
    """,
    "large frames": """
        engine = make(); engine.start()
        assert engine.submit(order(padding="x" * 6_000_000)).result(30).model == "tiny"
    """,
    "a worker killed in mid-frame": """
        engine = make(); engine.start(); pid = up(engine)
        held = hold(engine); waiting = engine.submit(order("b"))
        os.kill(pid, signal.SIGKILL)
        assert code(held) == "worker_lost"
        assert waiting.result(30).width != pid
    """,
    "a worker killed while idle": """
        engine = make(); engine.start(); pid = up(engine)
        os.kill(pid, signal.SIGKILL)
        new = up(engine, other_than=[pid])
        assert engine.submit(order()).result(30).width == new
    """,
    "a worker stopped in mid-frame": """
        engine = make(frame_timeout=1.0); engine.start(); pid = up(engine)
        held = hold(engine)
        os.kill(pid, signal.SIGSTOP)
        assert code(held) == "timed_out"
        up(engine, other_than=[pid])
        assert engine.submit(order()).result(30).width != pid
    """,
    "a start that fails": """
        from server.vision.engine import EngineError
        try: make(pipeline="tests.vision.engine.runners:failing").start()
        except EngineError as error: assert "not the card's" in str(error)
        else: raise AssertionError("started")
    """,
    "newest wins": """
        engine = make(); engine.start()
        held = hold(engine, do="sleep", seconds=0.3)
        waiting = [engine.submit(order()) for _ in range(20)]
        assert [code(future) for future in waiting] == ["superseded"] * 19 + [None]
        assert code(held) is None
    """,
    "close in the middle of work": """
        engine = make(2); engine.start()
        held = hold(engine); waiting = engine.submit(order())
        engine.close(); engine.close()
        assert code(held) == code(waiting) == "worker_lost"
        assert not any(thread.is_alive() for thread in engine._threads)
    """,
}


@pytest.mark.parametrize("case", CASES)
def test_under_eventlet(case: str, models_dir: Path, tmp_path: Path) -> None:
    script = SETTING + dedent(CASES[case]) + "\nprint('all well')\n"
    ended = subprocess.run(
        [sys.executable, "-c", script, str(models_dir), str(tmp_path / "here")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=GUARD,
        check=False,
    )
    assert ended.stdout == "all well\n", ended.stderr
    assert ended.returncode == 0, ended.stderr
