from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server.vision.classifiers.card import Card, Preprocessing, Thresholds
from server.vision.detectors import DetectorInfo
from server.vision.engine.local import LocalEngine
from server.vision.messages import Frame

EYES = DetectorInfo("eyes", "Eyes", "for tests", "MIT", 0.5, False)


def tiny_card(name: str = "tiny") -> Card:
    return Card(
        name=name,
        title="Tiny",
        description="for tests",
        licence="MIT",
        labels=("with_mask", "without_mask"),
        input_size=32,
        preprocessing=Preprocessing(crop_margin=1.3, scale=1, offset=0),
        thresholds=Thresholds(min_face_px=0, min_sharpness=0, min_brightness=0, max_turn=9, min_confidence=0),
        metrics={},
        training={},
        sha256="0" * 64,
    )


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "tiny"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(tiny_card().model_dump_json())
    return folder.parent


@pytest.fixture
def make_engine(models_dir: Path) -> Iterator[Callable[..., LocalEngine]]:
    """Makes engines whose workers run `runners.obedient`; whatever is left of them ends with the test."""
    made: list[LocalEngine] = []

    def make(workers: int = 1, **options: Any) -> LocalEngine:
        names = {"default_model": "tiny", "default_detector": "eyes", "detectors": (EYES,)}
        names["pipeline"] = "tests.vision.engine.runners:obedient"
        engine = LocalEngine(models_dir, workers=workers, **{**names, "frame_timeout": 60.0, **options})
        made.append(engine)
        return engine

    yield make
    for engine in made:
        engine.close()


@pytest.fixture
def started(make_engine: Callable[..., LocalEngine]) -> Callable[..., LocalEngine]:
    def make(workers: int = 1, **options: Any) -> LocalEngine:
        engine = make_engine(workers, **options)
        engine.start()
        return engine

    return make


def order(client: str = "a", **wishes: Any) -> Frame:
    """A frame that tells `runners.Obedient` what to do."""
    return Frame(json.dumps(wishes).encode(), client)
