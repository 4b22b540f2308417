"""`python -m server export`: the model again, from what its training left."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result

from server.training.portrait import FACE, portrait
from server.vision.classifiers.card import load_card
from server.vision.classifiers.litert import load_classifier
from tests.commands.tiny import Trained, run

pytestmark = pytest.mark.usefixtures("tiny")


def export(trained: Trained, data: Path, models: Path, *, recipe: str = "tiny", runs: Path | None = None) -> Result:
    return run("export", recipe, "--data", data, "--runs", runs or trained.runs, "--models", models)


def test_exporting_again_gives_the_same_model(trained: Trained, made_up_faces: Path, tmp_path: Path):
    result = export(trained, made_up_faces, tmp_path)
    assert result.exit_code == 0
    assert result.stdout.strip().splitlines()[-1].startswith(f"{tmp_path / 'tiny'} is ready; accuracy on test ")
    first, second = load_card(trained.models / "tiny"), load_card(tmp_path / "tiny")
    assert second.model_dump(exclude={"sha256"}) == first.model_dump(exclude={"sha256"})
    (before,), (after,) = (
        load_classifier(folder / "tiny").classify(portrait(), [FACE]) for folder in (trained.models, tmp_path)
    )
    assert after == pytest.approx(before, abs=1e-6)
    assert (tmp_path / "tiny" / "README.md").is_file()


@pytest.mark.parametrize("gone", ["best.weights.h5", "run.json"])
def test_what_is_missing_is_named(trained: Trained, made_up_faces: Path, tmp_path: Path, gone: str):
    shutil.copytree(trained.runs, tmp_path / "runs")
    (tmp_path / "runs" / "tiny" / gone).unlink()
    result = export(trained, made_up_faces, tmp_path / "models", runs=tmp_path / "runs")
    assert result.exit_code == 1
    assert f"{gone} is missing: train the model first (python -m server train tiny)." in result.stderr
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("text", ['{"seed": 1, "rec', "{}", "[1]"])
def test_a_broken_record_is_named(trained: Trained, made_up_faces: Path, tmp_path: Path, text: str):
    shutil.copytree(trained.runs, tmp_path / "runs")
    (tmp_path / "runs" / "tiny" / "run.json").write_text(text)
    result = export(trained, made_up_faces, tmp_path / "models", runs=tmp_path / "runs")
    assert result.exit_code == 1
    folder = tmp_path / "runs" / "tiny"
    assert result.stderr == f"Error: {folder / 'run.json'} is broken: remove {folder} and begin again.\n"


def test_a_recipe_that_was_never_trained(trained: Trained, made_up_faces: Path, tmp_path: Path):
    result = export(trained, made_up_faces, tmp_path, recipe="alexnet")
    assert result.exit_code == 1
    assert "alexnet" in result.stderr
    assert "train the model first (python -m server train alexnet)." in result.stderr


def test_other_data_than_it_was_trained_on_is_refused(trained: Trained, made_up_faces: Path, tmp_path: Path):
    (tmp_path / "faces").symlink_to(made_up_faces / "faces")
    pd.read_csv(made_up_faces / "faces.csv").assign(label="with_mask").to_csv(tmp_path / "faces.csv", index=False)
    result = export(trained, tmp_path, tmp_path / "models")
    assert result.exit_code == 1
    assert "was trained on other data: name the same, or train again." in result.stderr


def test_a_folder_without_a_list(trained: Trained, tmp_path: Path):
    result = export(trained, tmp_path, tmp_path / "models")
    assert result.exit_code == 1
    assert "faces.csv is missing: --data takes the folder" in result.stderr
