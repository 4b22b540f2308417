"""`python -m server train onepass`: a whole training of a one-stage detector, exported, served and described."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result

from server.training.made_up import write_made_up, write_scenes
from server.training.onepass import fit, network
from server.training.onepass import recipe as recipes
from server.training.onepass.folder import measures
from server.vision.classifiers.card import load_card
from server.vision.messages import Frame
from server.vision.pipeline import standard
from tests.commands.tiny import run
from tests.training.onepass import tiny

MODELS = Path(__file__).parents[2] / "models"
CHANGES = {
    "input_size": "128",
    "batch_size": "2",
    "pictures_an_epoch": "4",
    "epochs": "1",
    "precision": "0.0",
    "second_look": "{ below = 0.6, epochs = 1, learning_rate = 1e-5, batch_size = 2, pictures_an_epoch = 4 }",
}


@dataclass(frozen=True)
class Trained:
    """What the training left. data, runs, models: folders."""

    result: Result
    data: Path
    runs: Path
    models: Path

    def again(self, command: str, *more: object) -> Result:
        return run(command, "onepass", "--data", self.data, "--runs", self.runs, "--models", self.models, *more)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("onepass")
    text = files("server.training.onepass").joinpath("recipes/onepass.toml").read_text("utf-8")
    for key, value in CHANGES.items():
        text, found = re.subn(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
        assert found == 1, key
    (folder / "recipes").mkdir()
    (folder / "recipes" / "onepass.toml").write_text(text)
    data = write_scenes(write_made_up(folder / "data", 24), 3, ("train", "val", "test"))
    models = folder / "models"
    models.mkdir()
    (models / "mobilenetv2").symlink_to(MODELS / "mobilenetv2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipes, "_FOLDER", folder / "recipes")
        for user in (fit, network):
            patch.setattr(user, "build", tiny.network)
        where = ("--data", data, "--runs", folder / "runs", "--models", models)
        yield Trained(run("train", "onepass", "--weights", "none", *where), data, folder / "runs", models)


def test_it_ends_with_a_model_that_finds_and_names(trained: Trained):
    assert trained.result.exit_code == 0, trained.result.output
    assert f"{trained.models / 'onepass'} is ready; accuracy on test " in trained.result.stdout
    card = load_card(trained.models / "onepass")
    assert card.one_stage
    assert card.training["weights"] in ("float32", "int8")
    assert len(card.training["epochs"]) == 1
    assert card.second_look is not None
    assert (trained.models / "onepass" / "second_look.tflite").is_file()
    scene = next((trained.data / "scenes").rglob("*.png"))
    result = standard(trained.models, None, "onepass").run(Frame(scene.read_bytes(), "test", min_score=0.0))
    assert (result.model, result.detector) == ("onepass", "onepass")
    assert result.faces


def test_its_figures_follow_from_what_lies_beside_them(trained: Trained):
    folder = trained.models / "onepass"
    card = load_card(folder)
    finds = pd.read_csv(folder / "finds.csv")
    for split in ("val", "test"):
        assert measures(finds[finds.split == split]) == card.metrics[f"scenes_{split}"]
        assert {"24", "32", "64", "near"} <= set(next(iter(card.metrics[f"scenes_{split}"].values())))
    page = (folder / "README.md").read_text()
    assert f"a face from a score of {card.min_score:.2f} up" in page
    assert "end to end" in page
    assert {path.name for path in (folder / "pictures").iterdir()} >= {"curves.svg", "confusion-test.svg"}


def test_it_is_described_and_exported_again(trained: Trained):
    folder = trained.models / "onepass"
    page, finds, card = (folder / "README.md").read_bytes(), (folder / "finds.csv").read_bytes(), load_card(folder)
    (folder / "README.md").unlink()
    described = run("report", "onepass", "--models", trained.models)
    assert described.exit_code == 0, described.output
    assert (folder / "README.md").read_bytes() == page
    exported = trained.again("export")
    assert exported.exit_code == 0, exported.output
    assert (folder / "finds.csv").read_bytes() == finds
    # Layers' names are in the file, and Keras counts them on within a process.
    assert load_card(folder).model_copy(update={"sha256": card.sha256}) == card


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--faces-only",), "onepass finds faces itself: --faces-only"),
        (("--seed", "2", "--weights", "none"), "holds a training with another recipe, seed, data or beginning"),
        (("--name", "other", "--weights", "nowhere.h5"), "--weights nowhere.h5 cannot be used for this recipe"),
        (("--name", "../other"), "a model's name is of lower-case letters"),
    ],
)
def test_what_is_asked_for_wrongly(trained: Trained, options: tuple[str, ...], words: str):
    refused = trained.again("train", *options)
    assert refused.exit_code == 1
    assert words in refused.output


def test_no_classifier_s_command_takes_it(trained: Trained):
    refused = run("evaluate", "onepass", "--data", trained.data, "--models", trained.models)
    assert refused.exit_code == 1
    assert "finds faces itself" in refused.output


def test_data_without_scenes(trained: Trained, made_up_faces: Path):
    refused = run("train", "onepass", "--data", made_up_faces, "--runs", trained.runs, "--models", trained.models)
    assert refused.exit_code == 1
    assert "point --data at a folder with scenes/<split>.json" in refused.output


def test_a_record_that_is_broken(trained: Trained, tmp_path: Path):
    (tmp_path / "onepass").mkdir()
    record = json.loads((trained.runs / "onepass" / "run.json").read_text())
    record["recipe"]["epochs"] = "many"
    (tmp_path / "onepass" / "run.json").write_text(json.dumps(record))
    refused = run(
        "train",
        "onepass",
        "--data",
        trained.data,
        "--runs",
        tmp_path,
        "--models",
        tmp_path / "models",
        "--weights",
        "none",
    )
    assert refused.exit_code == 1
    assert "run.json is broken" in refused.output
