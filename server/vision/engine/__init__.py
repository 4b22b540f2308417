"""Engines: where frames are worked on. All of them stand behind `Engine`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from server.vision.classifiers.card import Card
from server.vision.detectors import DetectorInfo
from server.vision.messages import Frame, Refusal, Result


class EngineError(Exception):
    """An engine that cannot start; the message says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class EngineStats:
    """Counters since the engine's start, for `/metrics`.

    workers: how many can take a frame now. restarts: workers replaced (dead or hung).
    waiting: frames in mailboxes. answered: results given. refused: refusals by code.
    stage_ms: milliseconds spent by stage, summed over all results.
    """

    workers: int = 0
    restarts: int = 0
    waiting: int = 0
    answered: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    stage_ms: Mapping[str, float] = field(default_factory=dict)


class Engine(Protocol):
    """Takes frames, answers each exactly once."""

    @property
    def default_model(self) -> str:
        """Who names the faces of a frame that asks for neither model nor detector."""

    @property
    def default_detector(self) -> str:
        """Who finds them."""

    def submit(self, frame: Frame) -> Future[Result]:
        """Hand in a frame; never blocks.

        The future gets a `Result`, or raises `Refusal`. Of one client's frames one is worked on at a time
        and one may wait: a newer one takes its place, and the older one's future raises `superseded`.
        Callbacks of the future run where the answer arrives and hold up the next frame: keep them brief.
        """

    def models(self) -> Sequence[Card]:
        """The cards of all models that can be asked for."""

    def detectors(self) -> Sequence[DetectorInfo]:
        """The detectors that can be asked for."""

    def choose(self, model: str | None, detector: str | None) -> tuple[Card, DetectorInfo]:
        """The model and the detector that serve a frame which asks for these, None for the default.

        Raises Refusal `unknown_model` or `unknown_detector`.
        """

    def ready(self) -> bool:
        """Whether a frame can be answered now."""

    def stats(self) -> EngineStats:
        """Counters since the start."""

    def close(self) -> None:
        """End all workers; frames still waiting are refused with `worker_lost`."""


def default_models(engine: Engine) -> dict[str, str]:
    """Who names each detector's faces where no model is asked for; without the detectors whose faces nobody would."""
    found = {}
    for info in engine.detectors():
        with suppress(Refusal):
            found[info.name] = engine.choose(None, info.name)[0].name
    return found
