"""The app around engines that need no worker: one that a test answers by hand, one that looks at real pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_socketio import SocketIOTestClient

from server.app import create_app
from server.settings import Settings
from server.vision.catalogue import Catalogue
from server.vision.classifiers.card import Card
from server.vision.decision import decide
from server.vision.detectors import DetectorInfo
from server.vision.engine import EngineStats
from server.vision.engine.inline import InlineEngine
from server.vision.messages import Box, Detection, Face, Frame, Image, Result
from server.vision.pipeline import Pipeline
from tests.vision.engine.conftest import EYES, tiny_card
from tests.web.running import MODES, NOWHERE, STAND_IN, Running, running

SURE = {"with_mask": 0.98765, "without_mask": 0.01235}
RESULT = Result("tiny", "eyes", 64, 48, (Face(Box(0.25, 0.25, 0.5, 0.5), 0.9, "with_mask", SURE),), {"total": 2.0})

CARDS = {
    "tiny": tiny_card(),
    # Its faces are of 20 px and more, or it is not sure.
    "careful": tiny_card("careful").model_copy(
        update={"thresholds": tiny_card().thresholds.model_copy(update={"min_face_px": 20})}
    ),
}
INFOS = {info.name: info for info in (EYES, replace(EYES, name="blind"))}


class HandEngine:
    """Takes frames and leaves their answers to the test.

    submitted: frame and future, in order. at_once: what every frame is answered with instead.
    """

    default_model, default_detector = "tiny", "eyes"

    def __init__(self) -> None:
        self.submitted: list[tuple[Frame, Future[Result]]] = []
        self.at_once: Result | Exception | None = None
        self.up = True
        self.counted = EngineStats(workers=1)

    def submit(self, frame: Frame) -> Future[Result]:
        future: Future[Result] = Future()
        self.submitted.append((frame, future))
        if isinstance(self.at_once, Exception):
            future.set_exception(self.at_once)
        elif self.at_once is not None:
            future.set_result(self.at_once)
        return future

    def models(self) -> Sequence[Card]:
        return tuple(CARDS.values())

    def detectors(self) -> Sequence[DetectorInfo]:
        return tuple(INFOS.values())

    def choose(self, model: str | None, detector: str | None) -> tuple[Card, DetectorInfo]:
        return Catalogue(CARDS, INFOS, self.default_model, self.default_detector).choose(model, detector)

    def ready(self) -> bool:
        return self.up

    def stats(self) -> EngineStats:
        return self.counted

    def close(self) -> None:
        self.up = False


class Patches:
    """Takes bright patches for faces, in no order."""

    def detect(self, image: Image, min_score: float) -> list[Detection]:
        bright = (image.min(axis=2) > 128).astype(np.uint8)
        boxes = cv2.connectedComponentsWithStats(bright)[2][1:, :4]
        return [Detection(Box(*map(float, box)), 0.9) for box in boxes if min_score <= 0.9]


class Blind:
    def detect(self, image: Image, min_score: float) -> list[Detection]:
        return []


class Judge:
    card = CARDS["tiny"]

    def classify(self, image: Image, boxes: Sequence[Box]) -> list[Mapping[str, float]]:
        return [SURE for _ in boxes]


def seeing_engine() -> InlineEngine:
    """Works on frames as the real one does, with stand-ins for the networks alone."""
    detectors = {"eyes": Patches(), "blind": Blind()}
    catalogue = Catalogue(CARDS, INFOS, "tiny", "eyes")
    return InlineEngine(Pipeline(catalogue, lambda info: detectors[info.name], lambda _: Judge(), decide))


def app_of(engine: Any, **settings: Any) -> Flask:
    return create_app(Settings(**{"async_mode": "threading", "state_dir": NOWHERE, **settings}), engine)


@pytest.fixture
def by_hand() -> HandEngine:
    return HandEngine()


@pytest.fixture
def http() -> FlaskClient:
    """An HTTP client of an app that looks at pictures."""
    return app_of(seeing_engine()).test_client()


Connect = Callable[..., SocketIOTestClient]


@pytest.fixture
def connect(by_hand: HandEngine) -> Iterator[Connect]:
    """Makes socket clients of one app around `by_hand`; settings count for the first."""
    apps: list[Flask] = []
    clients: list[SocketIOTestClient] = []

    def make(auth: object = None, **settings: Any) -> SocketIOTestClient:
        if not apps:
            apps.append(app_of(by_hand, **settings))
        client = apps[0].extensions["socketio"].test_client(apps[0], namespace="/stream", auth=auth)
        clients.append(client)
        return client

    yield make
    for client in clients:
        if client.is_connected("/stream"):
            client.disconnect("/stream")


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the card of `tiny`: enough for the stand-in."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "tiny").mkdir()
    (folder / "tiny" / "card.json").write_text(CARDS["tiny"].model_dump_json())
    return folder


@pytest.fixture(scope="module", params=MODES)
def stand_in(request: pytest.FixtureRequest, tiny_models: Path) -> Iterator[Running]:
    """The server with one obedient worker, over a real socket."""
    settings = {"models_dir": tiny_models, "model": "tiny", "detector": "eyes", "workers": 1, "frame_timeout": 3}
    with running(STAND_IN, async_mode=request.param, **settings) as server:
        yield server
