"""What an engine runs frames through, and how a bug in there becomes an answer."""

from __future__ import annotations

import logging
from typing import Protocol

from server.vision.messages import Frame, Refusal, Result

log = logging.getLogger(__name__)


class Runner(Protocol):
    """A pipeline, as seen from an engine; tests hand in small ones of their own."""

    def warm(self) -> None:
        """Load what the first frame needs; raises an exception whose message is a sentence."""

    def run(self, frame: Frame) -> Result:
        """Work on one frame; raises Refusal."""


def answer(runner: Runner, frame: Frame) -> Result:
    """Run a frame; whatever goes wrong becomes a Refusal, so that no frame can end a worker or a stream."""
    try:
        return runner.run(frame)
    except Refusal:
        raise
    except Exception as error:
        log.exception("A frame of %d bytes failed", len(frame.data))
        raise Refusal(
            "worker_lost", f"This frame could not be worked on ({type(error).__name__}); send the next."
        ) from error
