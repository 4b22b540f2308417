"""`python -m server leakage`: the study on drawn faces, and predictions out of step."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from server.training.made_up import write_made_up
from tests.commands.tiny import Trained, run

pytestmark = pytest.mark.usefixtures("tiny")


def test_three_arrangements_are_fitted_scored_and_thrown_away(tmp_path: Path):
    data = write_made_up(tmp_path / "data", 160)
    arguments = ("--recipe", "tiny", "--data", data, "--weights", "none", "--faces", 30, "--epochs", 1)
    result = run("leakage", "study", *arguments, "--runs", tmp_path / "runs")
    assert result.exit_code == 0
    table = [line for line in result.stdout.splitlines() if line.startswith("|")]
    assert [line.split("|")[1].strip() for line in table[2:]] == ["by chance", "by group", "by group, a tenth copied"]
    assert all(re.search(r"\| 30 \| \d+\.\d % \(.*, n 10\) \|", line) for line in table[2:])
    assert not list(tmp_path.rglob("*.tflite"))


def test_a_study_goes_on_with_its_own_networks_alone(tmp_path: Path):
    """Another seed splits anew: a network of the first study has seen faces that the second one scores."""
    data = write_made_up(tmp_path / "data", 160)
    arguments = ("--recipe", "tiny", "--data", data, "--weights", "none", "--faces", 30, "--epochs", 1)

    def logs(seed: int) -> set[Path]:
        assert run("leakage", "study", *arguments, "--seed", seed, "--runs", tmp_path / "runs").exit_code == 0
        return set(tmp_path.rglob("log.csv"))

    first = logs(1)
    assert len(first) == 3
    assert logs(1) == first
    assert len(logs(2)) == 6


def test_weights_that_are_not_there(tmp_path: Path):
    data = write_made_up(tmp_path / "data", 160)
    result = run("leakage", "study", "--recipe", "tiny", "--data", data, "--faces", 30, "--weights", "gone.h5")
    assert result.exit_code == 1
    assert "--weights: gone.h5 is no file" in result.stderr


def test_too_many_faces_are_refused(tmp_path: Path):
    data = write_made_up(tmp_path / "data", 60)
    arguments = ("--recipe", "tiny", "--data", data, "--weights", "none", "--runs", tmp_path / "runs")
    result = run("leakage", "study", *arguments)
    assert result.exit_code == 1
    assert "take fewer than 3000." in result.stderr


def test_a_model_out_of_step(trained: Trained):
    result = run("leakage", "shuffled", "tiny", "--split", "test", "--models", trained.models)
    assert result.exit_code == 0
    assert "of 12 faces. Out of step" in result.stdout
    counts = [int(cell) for cell in re.findall(r"\| (\d+) (?=\|)", result.stdout)]
    assert sum(counts) == 12


def test_a_model_that_said_nothing(trained: Trained, tmp_path: Path):
    shutil.copytree(trained.models, tmp_path / "models")
    (tmp_path / "models" / "tiny" / "predictions.csv").unlink()
    result = run("leakage", "shuffled", "tiny", "--models", tmp_path / "models")
    assert result.exit_code == 1
    assert "evaluate tiny --data … --rewrite writes it." in " ".join(result.stderr.split())
