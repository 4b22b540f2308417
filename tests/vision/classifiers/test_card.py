"""Cards: read whole or refused with a sentence."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from server.vision.classifiers.card import CardError, load_card, read_second_look, read_weights
from server.vision.classifiers.folders import ModelFolders
from server.vision.classifiers.litert import load_classifier
from server.vision.detectors import onepass

MODELS = Path(__file__).parents[3] / "models"


LOOK = {
    "below": 0.7,
    "input_size": 128,
    "preprocessing": {"crop_margin": 1.7, "scale": 1, "offset": 0},
    "sha256": hashlib.sha256(b"looks").hexdigest(),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MODELS / "mobilenetv2", tmp_path / "mobilenetv2"))


def rewrite(folder: Path, **changes: object) -> None:
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps(card | changes))


def test_every_committed_model_fits_its_card():
    cards = ModelFolders(MODELS)
    cards.check()
    assert "mobilenetv2" in cards
    for name, card in cards.items():
        if card.one_stage:
            onepass.load_from(MODELS / name)
        else:
            load_classifier(MODELS / name)


def test_one_stage_and_a_least_score_go_together(folder: Path):
    for changes in ({"kind": "one-stage"}, {"min_score": 0.5}):
        kept = (folder / "card.json").read_text()
        rewrite(folder, **changes)
        with pytest.raises(CardError, match="of kind one-stage needs a min_score, and no other has one"):
            load_card(folder)
        (folder / "card.json").write_text(kept)
    rewrite(folder, confirmation={"model": "vgg16", "below": 0.7})
    with pytest.raises(CardError, match="only a card of kind one-stage has a confirmation"):
        load_card(folder)
    rewrite(folder, confirmation=None, second_look=LOOK)
    with pytest.raises(CardError, match="only a card of kind one-stage has a second_look"):
        load_card(folder)
    rewrite(folder, kind="one-stage", min_score=0.5, second_look=None)
    assert load_card(folder).one_stage
    with pytest.raises(CardError, match="finds faces itself and names no cut-out ones"):
        load_classifier(folder)


def test_what_looks_again_is_what_was_measured_or_refused(folder: Path):
    assert read_second_look(folder, load_card(folder)) is None
    rewrite(folder, kind="one-stage", min_score=0.5, second_look=LOOK)
    with pytest.raises(CardError, match=r"second_look\.tflite is missing"):
        read_second_look(folder, load_card(folder))
    for weights, agree in ((b"looks", True), (b"others", False)):
        (folder / "second_look.tflite").write_bytes(weights)
        if agree:
            assert read_second_look(folder, load_card(folder)) == weights
        else:
            with pytest.raises(CardError, match="these are not the weights that were measured"):
                read_second_look(folder, load_card(folder))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"labels": ["with_mask", "helmet"]}, "labels.1"),
        ({"labels": ["with_mask"]}, "labels: Tuple should have at least 2 items"),
        ({"labels": ["with_mask", "with_mask"]}, "labels: Value error, a label stands twice"),
        ({"input_size": 7}, "input_size: Input should be greater than or equal to 32"),
        ({"surprise": 1}, "surprise: Extra inputs are not permitted"),
        ({"sha256": "abc"}, "sha256"),
        ({"name": "Mobile Net"}, "name"),
    ],
)
def test_a_broken_card_names_the_place(folder: Path, changes: dict[str, object], says: str):
    rewrite(folder, **changes)
    with pytest.raises(CardError, match=says):
        load_card(folder)


def test_weights_that_are_not_the_cards_are_refused(folder: Path):
    with (folder / "model.tflite").open("ab") as weights:
        weights.write(b"x")
    with pytest.raises(CardError, match=r"not the weights that were measured\. Fetch the folder again"):
        load_classifier(folder)


def test_weights_of_another_shape_are_refused(folder: Path):
    rewrite(folder, input_size=96)
    with pytest.raises(CardError, match=r"the card says \[1, 96, 96, 3\]"):
        load_classifier(folder)


@pytest.mark.parametrize("file", ["card.json", "model.tflite"])
def test_a_missing_file_is_named(folder: Path, file: str):
    (folder / file).unlink()
    with pytest.raises(CardError, match=rf"{file} is missing"):
        read_weights(folder, load_card(folder))


def test_a_folder_must_bear_its_models_name(folder: Path):
    other = folder.rename(folder.parent / "other")
    with pytest.raises(CardError, match="rename the folder or the model"):
        load_card(other)


@pytest.mark.parametrize("file", ["card.json", "model.tflite"])
def test_a_file_that_cannot_be_read_is_named(folder: Path, file: str):
    card = load_card(folder)
    (folder / file).unlink()
    (folder / file).mkdir()
    with pytest.raises(CardError, match=rf"{file} cannot be read: Is a directory\. Mend its rights"):
        read_weights(folder, card if file == "model.tflite" else load_card(folder))
