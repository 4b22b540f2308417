"""Model folders that come, change, break and go while somebody asks for them."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from server.vision.classifiers import folders as folders_module
from server.vision.classifiers.card import CardError, load_card
from server.vision.classifiers.folders import ModelFolders
from tests.vision.engine.conftest import tiny_card

Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a card, whole or with other text in its place."""

    def called(name: str, text: str | None = None, **changes: object) -> None:
        (tmp_path / name).mkdir(exist_ok=True)
        whole = tiny_card(name).model_copy(update=changes).model_dump_json()
        (tmp_path / name / "card.json").write_text(whole if text is None else text)

    return called


def test_a_folder_that_is_added_is_there_and_one_removed_is_not(tmp_path: Path, write: Write):
    write("tiny")
    models = ModelFolders(tmp_path)
    assert dict(models) == {"tiny": tiny_card()}
    write("later")
    assert list(models) == ["later", "tiny"]
    assert models["later"] == tiny_card("later")
    shutil.rmtree(tmp_path / "tiny")
    assert "tiny" not in models
    assert len(models) == 1


def test_a_card_is_read_again_when_it_changed_and_not_before(tmp_path: Path, write: Write, monkeypatch):
    read: list[str] = []
    monkeypatch.setattr(folders_module, "load_card", lambda folder: read.append(folder.name) or load_card(folder))
    write("tiny")
    models = ModelFolders(tmp_path)
    first = models["tiny"]
    assert all(models["tiny"] is first for _ in range(5))
    write("tiny", title="Another title", sha256="1" * 64)
    assert models["tiny"].title == "Another title"
    assert models["tiny"] != first
    assert read == ["tiny", "tiny"]


@pytest.mark.parametrize("text", ["", "{", json.dumps({"name": "tiny"}), tiny_card("other").model_dump_json()])
def test_a_broken_card_is_left_out_said_once_and_taken_when_mended(tmp_path: Path, write: Write, text: str, caplog):
    write("tiny")
    models = ModelFolders(tmp_path)
    assert "tiny" in models
    write("tiny", text)
    with caplog.at_level(logging.WARNING):
        assert [dict(models), models.get("tiny"), len(models)] == [{}, None, 0]
    assert [str(tmp_path / "tiny" / "card.json") in record.message for record in caplog.records] == [True]
    with pytest.raises(CardError):
        models.check()
    write("tiny")
    assert dict(models) == {"tiny": tiny_card()}


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../tiny", "tiny/", "tiny/../tiny", "Tiny", "tiny\n", "ti\0ny", "x" * 65]
)
def test_only_names_become_paths(tmp_path: Path, write: Write, name: str):
    write("tiny")
    assert name not in ModelFolders(tmp_path)
    (tmp_path / "inside").mkdir()
    assert name not in ModelFolders(tmp_path / "inside")


def test_what_is_no_model_is_no_model(tmp_path: Path, write: Write):
    (tmp_path / "half-written").mkdir()
    (tmp_path / "half-written" / "model.tflite").touch()
    (tmp_path / "card.json").touch()
    assert not ModelFolders(tmp_path)
    assert not ModelFolders(tmp_path / "nowhere")
