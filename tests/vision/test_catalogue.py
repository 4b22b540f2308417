from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from server.vision.catalogue import STANDARD_MODEL, CatalogueError, read_catalogue, standard_detector
from server.vision.classifiers.card import CardError, SecondLookInfo, load_card
from server.vision.messages import Refusal
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
    assert [part.name for part in catalogue.choose(None, None)] == ["tiny", "eyes"]
    assert [part.name for part in catalogue.choose("other", "eyes")] == ["other", "eyes"]


@pytest.mark.parametrize(
    ("model", "detector", "code", "known"),
    [
        ("huge", None, "unknown_model", "other, tiny"),
        ("../tiny", None, "unknown_model", "other, tiny"),
        (None, "nose", "unknown_detector", "eyes"),
    ],
)
def test_unknown_names_are_refused(
    models: Path, model: str | None, detector: str | None, code: str, known: str
) -> None:
    with pytest.raises(Refusal) as caught:
        read_catalogue(models, "tiny", "eyes", [EYES]).choose(model, detector)
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
    assert catalogue.choose("new", None)[0] == tiny_card("new")
    assert [card.name for card in catalogue.cards()] == ["new", "other", "tiny"]
    shutil.rmtree(models / "tiny")
    with pytest.raises(Refusal, match="no model 'tiny'; the models known are: new, other"):
        catalogue.choose(None, None)


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


@pytest.fixture
def one_stage(models: Path) -> Path:
    """Models, one of which finds faces itself."""
    card = tiny_card("whole").model_copy(update={"kind": "one-stage", "min_score": 0.3})
    (models / "whole").mkdir()
    (models / "whole" / "card.json").write_text(card.model_dump_json())
    return models


@pytest.mark.parametrize(
    ("defaults", "model", "detector", "expected"),
    [
        (("tiny", "eyes"), None, None, ("tiny", "eyes")),
        (("tiny", "eyes"), "whole", None, ("whole", "whole")),  # it brings its detector with it
        (("tiny", "eyes"), None, "whole", ("tiny", "whole")),  # the operator's classifier names its faces
        ((None, "whole"), None, None, ("whole", "whole")),
        ((None, "whole"), "other", None, ("other", "whole")),
        ((None, "whole"), "tiny", "eyes", ("tiny", "eyes")),
        ((None, "whole"), "whole", "whole", ("whole", "whole")),
        (("whole", "whole"), None, None, ("whole", "whole")),
    ],
)
def test_who_names_the_faces(
    one_stage: Path, defaults: tuple[str, str], model: str | None, detector: str | None, expected: tuple[str, str]
) -> None:
    catalogue = read_catalogue(one_stage, *defaults, [EYES])
    assert tuple(part.name for part in catalogue.choose(model, detector)) == expected


def test_where_nobody_else_does_the_standard_model_names_them(one_stage: Path) -> None:
    (one_stage / STANDARD_MODEL).mkdir()
    (one_stage / STANDARD_MODEL / "card.json").write_text(tiny_card(STANDARD_MODEL).model_dump_json())
    for defaults in ((None, "eyes"), (None, "whole"), ("whole", "whole")):
        catalogue = read_catalogue(one_stage, *defaults, [EYES])
        assert catalogue.choose(None, "eyes")[0].name == STANDARD_MODEL


def test_a_model_of_one_stage_names_no_other_detectors_faces(one_stage: Path) -> None:
    words = "'whole' names only faces that it finds itself"
    with pytest.raises(Refusal, match=words) as caught:
        read_catalogue(one_stage, "tiny", "eyes", [EYES]).choose("whole", "eyes")
    assert caught.value.code == "unknown_model"
    with pytest.raises(CatalogueError, match=f"{words}: make it the default detector too"):
        read_catalogue(one_stage, "whole", "eyes", [EYES])


def test_models_of_one_stage_are_detectors_and_come_and_go(one_stage: Path) -> None:
    catalogue = read_catalogue(one_stage, "tiny", "eyes", [EYES])
    assert list(catalogue.detectors) == ["whole", "eyes"]
    assert len(catalogue.detectors) == 2
    found = catalogue.detectors["whole"]
    assert (found.one_stage, found.min_score, found.sha256) == (True, 0.3, tiny_card().sha256)
    look = SecondLookInfo(below=0.5, input_size=32, preprocessing=tiny_card().preprocessing, sha256="1" * 64)
    card = load_card(one_stage / "whole").model_copy(update={"second_look": look})
    (one_stage / "whole" / "card.json").write_text(card.model_dump_json())
    another = catalogue.detectors["whole"]
    assert (another.sha256, another.second_look) == (found.sha256, "1" * 64)
    assert another != found, "so it is loaded anew"
    shutil.rmtree(one_stage / "whole")
    assert list(catalogue.detectors) == ["eyes"]
    with pytest.raises(Refusal, match="no detector 'whole'"):
        catalogue.choose(None, "whole")


def test_our_own_detector_is_the_default_wherever_it_is(tmp_path: Path) -> None:
    assert standard_detector(tmp_path) == "retinaface-640"
    (tmp_path / "onepass").mkdir()
    (tmp_path / "onepass" / "card.json").touch()
    assert standard_detector(tmp_path) == "onepass"
