"""A worker: a program of its own that answers frames over a socket until the engine goes away.

    python -m server.vision.engine.worker --socket FD --parent PID --pipeline module:function \
        --models DIR [--model NAME] --detector NAME

Started by `process.WorkerProcess`, never by hand. `module:function` names what makes the pipeline, called with
(models directory, default model or None, default detector); tests name one of theirs.
"""

from __future__ import annotations

import argparse
import logging
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any, cast

from server.vision.engine import wire
from server.vision.engine.runner import Runner, answer
from server.vision.messages import Frame, Refusal, Result

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the other end of the socket closes; returns the exit code."""
    options = _parse(arguments)
    _die_with_parent(options.parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the engine ends its workers
    logging.basicConfig(format="%(asctime)s %(levelname)s worker %(process)d: %(message)s")
    connection = socket.socket(fileno=options.socket)
    connection.setblocking(True)  # one end of a pair made under eventlet does not block
    Thread(target=_exit_on_hangup, args=(options.socket,), daemon=True).start()
    try:
        runner = _make(options)
        runner.warm()
    except Exception as error:  # noqa: BLE001 - whatever it is, the engine is told
        wire.send(connection, {"failed": str(error) or repr(error)})
        return 1
    wire.send(connection, {"ready": True})
    serve(connection, runner)
    return 0


def serve(connection: socket.socket, runner: Runner) -> None:
    """Answer frames one by one until the other end closes."""
    while (message := wire.receive(connection)) is not None:
        header, data = message
        outcome: Result | Refusal
        try:
            outcome = answer(runner, Frame(data=data, **header))
        except Refusal as refusal:
            outcome = refusal
        try:
            wire.send(connection, wire.outcome_header(outcome))
        except wire.WireError as error:
            log.error("An answer could not be sent: %s", error)
            unsent = Refusal("worker_lost", "This frame's answer could not be sent; send the next.")
            wire.send(connection, wire.outcome_header(unsent))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="worker")
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--pipeline", required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--model")
    parser.add_argument("--detector", required=True)
    return parser.parse_args(arguments)


def _make(options: argparse.Namespace) -> Runner:
    module, _, function = options.pipeline.partition(":")
    make: Any = getattr(import_module(module), function)
    return cast(Runner, make(options.models, options.model, options.detector))


def _die_with_parent(parent: int) -> None:
    """Let the kernel kill this process when its parent ends, however that ends: even stopped, even in native code.

    Linux sends the signal when the thread ends that started us, so the engine starts us from one that lasts.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before we asked
        os._exit(1)


def _exit_on_hangup(descriptor: int) -> None:
    """The same where there is no such signal: end when the engine's end of the socket closes, in mid-frame too."""
    poller = select.poll()
    poller.register(descriptor, 0)  # hang-ups are always reported
    poller.poll()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
