"""Models that come, change, break and go while real workers with real networks answer."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from server.training.portrait import portrait
from server.vision.classifiers.card import load_card
from server.vision.engine.local import LocalEngine
from server.vision.messages import Frame, Refusal
from tests.vision.engine.test_local import GUARD, until

MODELS = Path(__file__).parents[3] / "models"
PICTURE = cv2.imencode(".png", cv2.cvtColor(portrait(), cv2.COLOR_RGB2BGR))[1].tobytes()
THREE, TWO = "mobilenetv2", "mobilenetv2-binary"
"""Committed models that answer with three and with two labels."""


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    put(tmp_path, THREE)
    return tmp_path


@pytest.fixture
def engine(models_dir: Path) -> Iterator[LocalEngine]:
    engine = LocalEngine(models_dir, THREE, "retinaface-320", workers=2, frame_timeout=GUARD)
    try:
        engine.start()
        until(lambda: len(engine.worker_pids()) == 2, "both workers")
        yield engine
    finally:
        engine.close()


def put(models_dir: Path, model: str, name: str | None = None) -> None:
    """Export a committed model's twin under a name, in the order that `export` does: weights, then card."""
    folder = models_dir / (name or model)
    folder.mkdir(exist_ok=True)
    shutil.copyfile(MODELS / model / "model.tflite", folder / "model.tflite")
    card = load_card(MODELS / model).model_copy(update={"name": folder.name})
    (folder / "card.json").write_text(card.model_dump_json())


def labels(engine: LocalEngine, model: str | None) -> list[set[str]]:
    """What several clients at once are answered with, so that every worker has its turn."""
    futures = [engine.submit(Frame(PICTURE, f"client {number}", model)) for number in range(6)]
    return [set(future.result(GUARD).faces[0].probabilities) for future in futures]


def listed(engine: LocalEngine) -> list[str]:
    return [card.name for card in engine.models()]


def test_a_new_model_is_answered_with_at_once(engine: LocalEngine, models_dir: Path) -> None:
    with pytest.raises(Refusal, match="There is no model 'mine'; the models known are: mobilenetv2"):
        engine.submit(Frame(PICTURE, "a", "mine")).result(GUARD)
    put(models_dir, TWO, "mine")
    assert listed(engine) == ["mine", THREE]
    assert labels(engine, "mine") == [{"with_mask", "without_mask"}] * 6
    assert engine.stats().restarts == 0


@pytest.mark.parametrize("name", ["mine", None], ids=["chosen", "default"])
def test_a_model_exported_again_is_loaded_again(engine: LocalEngine, models_dir: Path, name: str | None) -> None:
    put(models_dir, THREE, name)
    assert labels(engine, name) == [{"with_mask", "without_mask", "incorrect"}] * 6
    put(models_dir, TWO, name or THREE)
    assert labels(engine, name) == [{"with_mask", "without_mask"}] * 6
    assert engine.stats().restarts == 0


def test_a_removed_model_is_unknown(engine: LocalEngine, models_dir: Path) -> None:
    put(models_dir, TWO)
    assert len(labels(engine, TWO)) == 6
    shutil.rmtree(models_dir / TWO)
    with pytest.raises(Refusal) as caught:
        engine.submit(Frame(PICTURE, "a", TWO)).result(GUARD)
    assert caught.value.code == "unknown_model"
    assert listed(engine) == [THREE]


def test_a_card_broken_since_stops_no_worker_that_starts(engine: LocalEngine, models_dir: Path) -> None:
    put(models_dir, TWO)
    (models_dir / TWO / "card.json").write_text("{")
    pids = engine.worker_pids()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(set(engine.worker_pids()) - set(pids)) == 2, "new workers")
    assert listed(engine) == [THREE]
    assert len(labels(engine, None)) == 6


def test_while_new_weights_lie_there_and_not_yet_their_card_the_old_ones_answer(
    engine: LocalEngine, models_dir: Path
) -> None:
    expected = [{"with_mask", "without_mask", "incorrect"}] * 6
    assert labels(engine, None) == expected
    shutil.copyfile(MODELS / TWO / "model.tflite", models_dir / THREE / "model.tflite")
    assert labels(engine, None) == expected
