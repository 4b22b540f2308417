"""`python -m server train` on a folder of photos: to a model, again, under other names; and no such folders."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import Result

from server.training.dataset import digest, read_faces, split_rows
from server.training.made_up import drawn_face, write_photos
from server.training.own import prepare as prepare_module
from server.vision.classifiers.card import load_card
from server.vision.classifiers.litert import load_classifier
from server.vision.messages import Box
from tests.commands.tiny import Trained, run, tiny_recipe

EACH = 24

Train = Callable[..., Result]


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_photos(tmp_path_factory.mktemp("own") / "Entrance Hall", EACH)


@pytest.fixture(scope="session")
def trained_on_photos(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("trained-own")
    runs, models = folder / "runs", folder / "models"
    with tiny_recipe(folder / "recipes"):
        where = ("--data", photos, "--runs", runs, "--models", models)
        result = run("train", "tiny", "--weights", "none", *where)
    return Trained(result, runs, models)


@pytest.fixture
def train(tiny: None, trained_on_photos: Trained, tmp_path: Path) -> Iterator[Train]:
    """Train beside copies of what `trained_on_photos` left."""
    for folder in (trained_on_photos.runs, trained_on_photos.models):
        shutil.copytree(folder, tmp_path / folder.name)

    def called(data: Path, *arguments: object) -> Result:
        where = ("--data", data, "--runs", tmp_path / "runs", "--models", tmp_path / "models", "--weights", "none")
        return run("train", "tiny", *where, *arguments)

    return called


def test_a_folder_of_photos_becomes_a_model(trained_on_photos: Trained):
    result = trained_on_photos.result
    assert result.exit_code == 0, result.output
    folder = trained_on_photos.models / "tiny-entrance-hall"
    ready, use = result.stdout.strip().splitlines()[-2:]
    assert ready.startswith(f"{folder} is ready; accuracy on test ")
    assert use.startswith("Choose it on the page as 'tiny-entrance-hall', or make it the default: ")
    assert use.endswith(": MASKGATE_MODEL=tiny-entrance-hall make run")
    card = load_card(folder)
    assert (card.title, card.description) == (
        "tiny-entrance-hall",
        "Trained on one's own photos by the recipe tiny.",
    )
    rows = read_faces(trained_on_photos.runs / "tiny-entrance-hall" / "data")
    assert card.training["data_sha256"] == digest(split_rows(rows, "train"))
    assert card.training["recipe"]["batch_size"] == 4
    assert card.metrics["test"]["all"]["faces"] == (rows.split == "test").sum()
    assert card.metrics["test"]["source:own"].items() <= card.metrics["test"]["all"].items()
    assert "faces (" in result.stderr
    image = drawn_face("with_mask", np.random.default_rng(0))
    (answer,) = load_classifier(folder).classify(image, [Box(28, 28, 64, 64)])
    assert sum(answer.values()) == pytest.approx(1, abs=1e-5)


def test_given_again_it_finds_and_trains_nothing_anew(train: Train, photos: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(prepare_module, "_cut", lambda *_: pytest.fail("looked for faces again"))
    before = load_card(tmp_path / "models" / "tiny-entrance-hall")
    result = train(photos)
    assert result.exit_code == 0, result.output
    assert "Epoch" not in result.stdout
    assert load_card(tmp_path / "models" / "tiny-entrance-hall").training == before.training


def test_two_classes_make_a_model_of_two(train: Train, photos: Path, tmp_path: Path):
    data = tmp_path / "two"
    shutil.copytree(photos, data, ignore=shutil.ignore_patterns("incorrect"))
    result = train(data, "--epochs", 1)
    assert result.exit_code == 0, result.output
    assert "There are no faces of incorrect: the model tells with_mask from without_mask." in result.stderr
    assert load_card(tmp_path / "models" / "tiny-two").labels == ("with_mask", "without_mask")


def test_faces_can_be_looked_through_and_corrected_first(train: Train, photos: Path, tmp_path: Path):
    result = train(photos, "--name", "looked-at", "--faces-only")
    assert result.exit_code == 0, result.output
    data = tmp_path / "runs" / "looked-at" / "data"
    assert str(data) in result.stderr.splitlines()[-1]
    assert not (tmp_path / "models" / "looked-at").exists()
    rows = pd.read_csv(data / "faces.csv")
    assert len(rows) == sum(1 for _ in (data / "faces").rglob("*.jpg"))
    rows.iloc[1:].to_csv(data / "faces.csv", index=False)
    listed = train(data / "faces.csv", "--name", "corrected", "--epochs", 1)
    assert listed.exit_code == 0, listed.output
    card = load_card(tmp_path / "models" / "corrected")
    assert card.training["data_sha256"] == digest(split_rows(read_faces(data), "train"))
    assert card.title == "corrected"


def test_other_photos_need_another_name(train: Train, photos: Path, tmp_path: Path):
    data = shutil.copytree(photos, tmp_path / "Entrance Hall")
    (data / "with_mask" / "0.jpg").rename(data / "with_mask" / "other.jpg")
    (data / "with_mask" / "1.jpg").unlink()
    work = tmp_path / "runs" / "tiny-entrance-hall"
    result = train(data)
    assert result.exit_code == 1
    assert f"not those that {work} was begun with (1 new, 2 gone, 0 changed): choose another --name" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "shipped",
            "is there already, and {runs}/shipped did not make it: choose another --name, or remove",
        ),
        ("half", "is there already, and {runs}/half did not make it"),
        ("My Model", "--name My Model: a model's name is of lower-case letters, digits and hyphens, 64 at most."),
        ("../up", "--name ../up: a model's name is of"),
        ("", "--name : a model's name is of"),
    ],
)
def test_a_name_that_is_none_or_another_s(train: Train, photos: Path, tmp_path: Path, name: str, says: str):
    shutil.copytree(tmp_path / "models" / "tiny-entrance-hall", tmp_path / "models" / "shipped")
    (tmp_path / "models" / "half").mkdir()
    result = train(photos, "--name", name)
    assert result.exit_code == 1
    assert says.format(runs=tmp_path / "runs") in result.stderr
    assert not (tmp_path / "runs" / "shipped").exists()


def test_a_model_that_another_training_replaced_is_not_overwritten(train: Train, photos: Path, tmp_path: Path):
    path = tmp_path / "models" / "tiny-entrance-hall" / "card.json"
    card = load_card(path.parent)
    path.write_text(card.model_copy(update={"training": {**card.training, "seed": 9}}).model_dump_json())
    assert "did not make it: choose another --name" in train(photos).stderr
    path.write_text("{")
    assert "did not make it: choose another --name" in train(photos).stderr
    path.unlink()  # as where an export was interrupted
    assert train(photos).exit_code == 0


def nothing(data: Path) -> Path:
    return data


def pictures_alone(data: Path) -> Path:
    (data / "a.jpg").touch()
    return data


def a_picture(data: Path) -> Path:
    (data / "a.jpg").touch()
    return data / "a.jpg"


def no_table(data: Path) -> Path:
    (data / "faces.csv").write_bytes(b"\xff\xfe\x00\x80")
    return data / "faces.csv"


def empty_table(data: Path) -> Path:
    (data / "faces.csv").touch()
    return data


def one_class(data: Path) -> Path:
    (data / "with_mask").mkdir()
    return data


def nearly(data: Path) -> Path:
    (data / "With_Mask").mkdir()
    (data / "without mask").mkdir()
    return data


def ten(data: Path) -> Path:
    return write_photos(data, 5, ("with_mask", "without_mask"))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (nothing, "holds nothing to train on: name a folder with one folder of photos for each class (with_mask/, "),
        (pictures_alone, "holds nothing to train on: name a folder with one folder"),
        (a_picture, "a.jpg holds nothing to train on"),
        (no_table, "faces.csv is not a table of comma-separated values"),
        (empty_table, "faces.csv is not a table of comma-separated values"),
        (one_class, "has no folder without_mask/: a model learns to tell the two apart, so it needs photos of both."),
        (nearly, "rename With_Mask/ to with_mask/ and without mask/ to without_mask/."),
        (ten, "has too few photos: 5 in with_mask/, 5 in without_mask/. At least 20 of each are needed, and a few"),
    ],
)
def test_what_is_no_such_folder(train: Train, tmp_path: Path, make: Callable[[Path], Path], says: str):
    (tmp_path / "data").mkdir()
    result = train(make(tmp_path / "data"))
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def test_a_work_folder_that_cannot_be_written_is_named(train: Train, photos: Path, tmp_path: Path):
    (tmp_path / "runs" / "taken").touch()
    result = train(photos, "--name", "taken")
    assert result.exit_code == 1
    assert str(tmp_path / "runs" / "taken") in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.output
