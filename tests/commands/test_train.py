"""`python -m server train`: a whole training, an interrupted one, and all that can be named wrongly."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import keras
import pandas as pd
import pytest
from click.testing import Result

from server.training import export as export_module
from server.training.dataset import digest, read_faces, split_rows
from server.training.portrait import FACE, portrait
from server.vision.classifiers.card import load_card
from server.vision.classifiers.litert import load_classifier
from tests.commands.tiny import Trained, run

Train = Callable[..., Result]


@pytest.fixture
def train(tiny: None, made_up_faces: Path, tmp_path: Path) -> Train:
    """Train under `tmp_path`, from random weights unless told otherwise."""

    def called(*arguments: object, recipe: str = "tiny", data: Path = made_up_faces) -> Result:
        where = ("--data", data, "--runs", tmp_path / "runs", "--models", tmp_path / "models")
        return run("train", recipe, *where, *(() if "--weights" in arguments else ("--weights", "none")), *arguments)

    return called


def test_a_training_ends_with_a_model_that_serves(trained: Trained, made_up_faces: Path):
    assert trained.result.exit_code == 0
    last = trained.result.stdout.strip().splitlines()[-1]
    assert last.startswith(f"{trained.models / 'tiny'} is ready; accuracy on test ")
    assert last.endswith(", n 12)")
    card = load_card(trained.models / "tiny")
    train_rows = split_rows(read_faces(made_up_faces), "train")
    assert card.name == "tiny"
    assert card.training["faces"] == {"with_mask": 7, "without_mask": 7, "incorrect": 7}  # no suspects
    assert card.training["data_sha256"] == digest(train_rows)
    assert card.metrics["val"]["all"]["faces"] == 12
    (answer,) = load_classifier(trained.models / "tiny").classify(portrait(), [FACE])
    assert sum(answer.values()) == pytest.approx(1, abs=1e-5)


def test_the_work_folder_says_what_was_done(trained: Trained):
    log = pd.read_csv(trained.runs / "tiny" / "log.csv")
    assert list(log.epoch) == [0, 1]
    assert {"loss", "accuracy", "val_loss", "val_accuracy"} <= set(log.columns)
    record = json.loads((trained.runs / "tiny" / "run.json").read_text())
    assert (record["seed"], record["suspects"], record["recipe"]["epochs"]) == (1, False, 2)
    assert not (trained.runs / "tiny" / "checkpoint").exists()


def test_an_interrupted_training_goes_on_where_it_was(train: Train, tmp_path: Path, monkeypatch):
    exported = []
    original = keras.callbacks.CSVLogger.on_epoch_begin

    def pulled_plug(self: keras.callbacks.CSVLogger, epoch: int, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt
        original(self, epoch, logs)

    def export(model, name, recipe, rows, train_rows, models, seed, history):
        exported.append((name, seed, len(train_rows), len(history)))
        return SimpleNamespace(one_stage=False, metrics={"test": {"all": {"accuracy": {"value": None}}}})

    monkeypatch.setattr(export_module, "export", export)
    monkeypatch.setattr(keras.callbacks.CSVLogger, "on_epoch_begin", pulled_plug)
    interrupted = train("--seed", 5, "--include-suspects")
    assert interrupted.exit_code == 1
    assert "Aborted!" in interrupted.stderr
    assert not exported
    log = tmp_path / "runs" / "tiny" / "log.csv"
    first = log.read_text()
    assert list(pd.read_csv(log).epoch) == [0]

    other = train("--seed", 6, "--include-suspects")
    assert other.exit_code == 1
    assert log.read_text() == first

    monkeypatch.setattr(keras.callbacks.CSVLogger, "on_epoch_begin", original)
    resumed = train("--seed", 5, "--include-suspects")
    assert resumed.exit_code == 0
    assert "Epoch 2/2" in resumed.stdout
    assert "Epoch 1/2" not in resumed.stdout
    assert log.read_text().startswith(first)
    assert list(pd.read_csv(log).epoch) == [0, 1]
    assert exported == [("tiny", 5, 24, 2)]


@pytest.mark.parametrize(
    ("arguments", "change"),
    [
        (("--seed", 2), {}),
        (("--epochs", 3), {}),
        (("--include-suspects",), {}),
        ((), {"label": "with_mask"}),
    ],
    ids=["seed", "epochs", "suspects", "data"],
)
def test_a_folder_of_another_training_is_refused(
    tiny: None, trained: Trained, made_up_faces: Path, tmp_path: Path, arguments: tuple, change: dict
):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "faces").symlink_to(made_up_faces / "faces")
    pd.read_csv(made_up_faces / "faces.csv").assign(**change).to_csv(tmp_path / "data" / "faces.csv", index=False)
    before = (trained.runs / "tiny" / "run.json").read_text()
    where = ("--data", tmp_path / "data", "--weights", "none", "--runs", trained.runs, "--models", tmp_path / "models")
    result = run("train", "tiny", *where, *arguments)
    assert result.exit_code == 1
    assert f"{trained.runs / 'tiny'} holds a training with another recipe, seed or data; finish it" in result.stderr
    assert (trained.runs / "tiny" / "run.json").read_text() == before
    assert not (tmp_path / "models").exists()


def test_a_record_without_the_data_can_go_on(train: Train, tmp_path: Path, trained: Trained, monkeypatch):
    shutil.copytree(trained.runs, tmp_path / "runs")
    record = tmp_path / "runs" / "tiny" / "run.json"
    held = json.loads(record.read_text())
    record.write_text(json.dumps({key: value for key, value in held.items() if key != "data"}))
    card = load_card(trained.models / "tiny")
    monkeypatch.setattr(export_module, "export", lambda *_arguments: card)
    assert train().exit_code == 0
    assert json.loads(record.read_text()) == held


@pytest.mark.parametrize("text", ["", '{"seed": 1, "rec', "[1, 2]"])
def test_a_broken_record_is_named(train: Train, tmp_path: Path, text: str):
    folder = tmp_path / "runs" / "tiny"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(text)
    result = train()
    assert result.exit_code == 1
    assert result.stderr == f"Error: {folder / 'run.json'} is broken: remove {folder} and begin again.\n"


def unlisted(data: Path) -> None:
    (data / "faces.csv").unlink()


def picture_gone(data: Path) -> None:
    (data / "faces" / "val" / "incorrect-3.png").unlink()


def picture_broken(data: Path) -> None:
    (data / "faces" / "train" / "incorrect-3.png").write_text("no picture")


def few(data: Path) -> None:
    pd.read_csv(data / "faces.csv").query("split != 'train'").to_csv(data / "faces.csv", index=False)


def none_to_score_on(data: Path) -> None:
    pd.read_csv(data / "faces.csv").query("split != 'test'").to_csv(data / "faces.csv", index=False)


def none_to_choose_by(data: Path) -> None:
    pd.read_csv(data / "faces.csv").query("split != 'val'").to_csv(data / "faces.csv", index=False)


def another_label(data: Path) -> None:
    pd.read_csv(data / "faces.csv").assign(label="helmet").to_csv(data / "faces.csv", index=False)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            unlisted,
            "data holds nothing to train on: name a folder with one folder of photos for each class (with_mask/",
        ),
        (picture_gone, "incorrect-3.png is missing or is not a picture."),
        (picture_broken, "incorrect-3.png is missing or is not a picture."),
        (few, "There are 0 faces of split train; this recipe needs 4 at least."),
        (none_to_score_on, "There are 0 faces of split test; this recipe needs 1 at least."),
        (none_to_choose_by, "There are 0 faces of split val; this recipe needs 1 at least."),
        (another_label, "label is 'helmet', expected one of with_mask"),
    ],
)
def test_data_that_cannot_be_used(
    train: Train, made_up_faces: Path, tmp_path: Path, change: Callable[[Path], None], says: str
):
    data = tmp_path / "data"
    shutil.copytree(made_up_faces, data)
    change(data)
    result = train(data=data)
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "runs").exists()


def test_a_folder_that_is_not_there(train: Train, tmp_path: Path):
    result = train(data=tmp_path / "nowhere")
    assert result.exit_code == 2
    assert f"Path '{tmp_path / 'nowhere'}' does not exist." in result.stderr


@pytest.mark.parametrize(
    ("content", "says"),
    [("no weights", "cannot be used for this recipe ("), (None, "cannot be used for this recipe (")],
    ids=["text", "another network's"],
)
def test_weights_that_do_not_fit(train: Train, tmp_path: Path, content: str | None, says: str):
    path = tmp_path / "start.weights.h5"
    if content is None:
        keras.Sequential([keras.Input((4,)), keras.layers.Dense(2), keras.layers.Dense(2)]).save_weights(path)
    else:
        path.write_text(content)
    result = train("--weights", path)
    assert result.exit_code == 1
    assert f"--weights {path} {says}" in result.stderr
    assert "; name others." in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "runs").exists()


def test_weights_that_cannot_be_fetched(train: Train):
    result = train("--weights", "imagenet")
    assert result.exit_code == 1
    assert "Name or service not known); check the network, or name a file." in result.stderr


def test_weights_that_are_not_there(train: Train):
    result = train("--weights", "gone.h5")
    assert result.exit_code == 1
    assert "--weights: gone.h5 is no file; give one, or 'imagenet', or 'none'." in result.stderr


def test_an_unknown_recipe_lists_those_there_are(train: Train):
    result = train(recipe="alexnet")
    assert result.exit_code == 1
    assert result.stderr == "Error: there is no recipe 'alexnet'; there are: tiny.\n"
