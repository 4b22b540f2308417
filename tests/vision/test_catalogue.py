from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from server.vision.catalogue import CatalogueError, read_catalogue
from server.vision.classifiers.card import CardError
from server.vision.messages import Frame, Refusal
from tests.vision.engine.conftest import EYES, tiny_card


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name in ("tiny", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "card.json").write_text(tiny_card(name).model_dump_json())
    (tmp_path / "no model").mkdir()
    return tmp_path


def test_defaults_and_names(models: Path) -> None:
    catalogue = read_catalogue(models, "tiny", "eyes", [EYES])
    assert [part.name for part in catalogue.choose(Frame(b"", "a"))] == ["tiny", "eyes"]
    assert [part.name for part in catalogue.choose(Frame(b"", "a", "other", "eyes"))] == ["other", "eyes"]


@pytest.mark.parametrize(
    ("frame", "code", "known"),
    [
        (Frame(b"", "a", model="huge"), "unknown_model", "other, tiny"),
        (Frame(b"", "a", model="../tiny"), "unknown_model", "other, tiny"),
        (Frame(b"", "a", detector="nose"), "unknown_detector", "eyes"),
    ],
)
def test_unknown_names_are_refused(models: Path, frame: Frame, code: str, known: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_catalogue(models, "tiny", "eyes", [EYES]).choose(frame)
    assert caught.value.code == code
    assert known in caught.value.message


@pytest.mark.parametrize(
    ("model", "detector", "words"),
    [("huge", "eyes", "'huge'.*other, tiny"), ("tiny", "nose", "'nose'.*eyes")],
)
def test_unknown_defaults(models: Path, model: str, detector: str, words: str) -> None:
    with pytest.raises(CatalogueError, match=words):
        read_catalogue(models, model, detector, [EYES])


def test_no_models_at_all(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no model at all"):
        read_catalogue(tmp_path, "tiny", "eyes", [EYES])


def test_a_broken_card(models: Path) -> None:
    (models / "other" / "card.json").write_text("{")
    with pytest.raises(CardError, match=r"other/card\.json"):
        read_catalogue(models, "tiny", "eyes", [EYES])
    lenient = read_catalogue(models, "tiny", "eyes", [EYES], strict=False)
    assert [card.name for card in lenient.cards()] == ["tiny"]


def test_models_come_and_go(models: Path) -> None:
    catalogue = read_catalogue(models, "tiny", "eyes", [EYES])
    shutil.copytree(models / "other", models / "new")
    (models / "new" / "card.json").write_text(tiny_card("new").model_dump_json())
    assert catalogue.choose(Frame(b"", "a", "new"))[0] == tiny_card("new")
    assert [card.name for card in catalogue.cards()] == ["new", "other", "tiny"]
    shutil.rmtree(models / "tiny")
    with pytest.raises(Refusal, match="no model 'tiny'; the models known are: new, other"):
        catalogue.choose(Frame(b"", "a"))


def test_a_folder_that_goes_while_models_are_listed(models: Path) -> None:
    catalogue = read_catalogue(models, "tiny", "eyes", [EYES])

    class Fleeting(dict):
        def __iter__(self):
            return iter(["gone", *self.keys()])

    listed = replace(catalogue, models=Fleeting(tiny=tiny_card()))
    assert [card.name for card in listed.cards()] == ["tiny"]


def test_maskgate_s_own_detectors(models: Path) -> None:
    from server.vision.detectors import infos

    name = infos()[0].name
    assert set(read_catalogue(models, "tiny", name).detectors) == {info.name for info in infos()}
