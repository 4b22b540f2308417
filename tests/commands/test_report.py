"""`python -m server report` and `compare`: pages from what was measured, without the photos."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.commands.tiny import Trained, run


@pytest.fixture
def two(trained: Trained, tmp_path: Path) -> Path:
    """Two models: `tiny`, and `other` that says the opposite of it for half of the faces."""
    models = tmp_path / "models"
    shutil.copytree(trained.models, models)
    shutil.copytree(models / "tiny", models / "other")
    card = models / "other" / "card.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"name": "other", "title": "Other"}))
    said = pd.read_csv(models / "other" / "predictions.csv", keep_default_na=False)
    said.loc[::2, "top"] = said.truth.map({"with_mask": "without_mask"}).fillna("with_mask")
    said.to_csv(models / "other" / "predictions.csv", index=False)
    return models


def test_pages_and_pictures_are_written_again_as_they_were(two: Path, tmp_path: Path):
    kept = {path: path.read_bytes() for path in (two / "tiny").rglob("*") if path.is_file()}
    assert {"curves.svg", "confusion-test.svg", "confusion-thesis.svg", "roc.svg", "reliability.svg"} <= {
        path.name for path in kept
    }
    for path in kept:
        if path.suffix in (".svg", ".webp", ".md"):
            path.unlink()
    result = run("report", "tiny", "--models", two, "--out", tmp_path / "docs")
    assert result.exit_code == 0
    assert {path: path.read_bytes() for path in kept} == kept
    assert not (tmp_path / "docs").exists(), "a single model is not compared"


def test_all_models_are_compared_on_one_page(two: Path, tmp_path: Path):
    result = run("report", "--models", two, "--out", tmp_path / "docs")
    assert result.exit_code == 0
    page = (tmp_path / "docs" / "comparison.md").read_text()
    assert page.count("[tiny](../models/tiny/README.md)") == page.count("[other](../models/other/README.md)") == 2
    assert "The thesis's faces" in page
    assert "Unseen faces" in page
    assert (tmp_path / "docs" / "comparison.svg").is_file()


def make_own(models: Path, name: str) -> None:
    """What `train` leaves where the photos were its user's: other faces, of the source `own`."""
    path = models / name / "card.json"
    card = json.loads(path.read_text())
    del card["metrics"]["thesis"]
    card["metrics"]["test"]["source:own"] = card["metrics"]["test"]["all"]
    path.write_text(json.dumps(card))
    said = pd.read_csv(models / name / "predictions.csv", keep_default_na=False)
    said.assign(file="own/" + said.file).to_csv(models / name / "predictions.csv", index=False)


def test_models_of_ones_own_photos_are_described_and_not_compared(two: Path, tmp_path: Path):
    make_own(two, "other")
    docs = tmp_path / "docs"
    assert run("report", "--models", two, "--out", docs).exit_code == 0
    page = (two / "other" / "README.md").read_text()
    assert "scenes were kept apart, people may be in several sets." in page
    assert "confusion-test.svg" in page
    assert "confusion-thesis" not in page, "a picture of an earlier measurement"
    for file in ("comparison.md", "comparison.svg"):
        text = (docs / file).read_text()
        assert "tiny" in text
        assert "other]" not in text
        assert ">other<" not in text
    make_own(two, "tiny")
    shutil.rmtree(docs)
    assert run("report", "--models", two, "--out", docs).exit_code == 0
    assert not docs.exists()


def test_a_model_scored_on_other_faces_is_not_paired(two: Path, tmp_path: Path):
    path = two / "other" / "predictions.csv"
    said = pd.read_csv(path, keep_default_na=False)
    said.assign(file="elsewhere/" + said.file).to_csv(path, index=False)
    assert run("report", "--models", two, "--out", tmp_path / "docs").exit_code == 0
    lines = [line for line in (tmp_path / "docs" / "comparison.md").read_text().splitlines() if "[other]" in line]
    assert len(lines) == 2
    assert all(line.endswith("| – | – | – |") for line in lines)


def test_two_models_are_compared_face_by_face(two: Path):
    tables = [pd.read_csv(two / name / "predictions.csv").query("set == 'test'") for name in ("tiny", "other")]
    right = [(table.top == table.truth).to_numpy() for table in tables]
    result = run("compare", "tiny", "other", "--models", two)
    assert result.exit_code == 0
    assert "12 faces of test that both were scored on" in result.stdout
    only = [(right[0] & ~right[1]).sum(), (right[1] & ~right[0]).sum()]
    assert f"only tiny is right: {only[0]}; only other: {only[1]}" in result.stdout


@pytest.mark.parametrize("arguments", [("report", "tiny"), ("report",), ("compare", "tiny", "other")])
def test_a_model_without_its_predictions_is_named(two: Path, tmp_path: Path, arguments: tuple[str, ...]):
    (two / "tiny" / "predictions.csv").unlink()
    out = ("--out", tmp_path / "docs") if arguments[0] == "report" else ()
    result = run(*arguments, "--models", two, *out)
    assert result.exit_code == 1
    assert "evaluate tiny --data … --rewrite writes it." in " ".join(result.stderr.split())


@pytest.mark.parametrize("arguments", [("report",), ("evaluate", "tiny", "--rewrite")])
def test_a_card_from_elsewhere_is_told_what_it_lacks(
    two: Path, made_up_faces: Path, tmp_path: Path, arguments: tuple[str, ...]
):
    path = two / "tiny" / "card.json"
    card = json.loads(path.read_text())
    del card["training"]["seed"]
    path.write_text(json.dumps(card))
    out = ("--out", tmp_path / "docs") if arguments[0] == "report" else ("--data", made_up_faces)
    result = run(*arguments, "--models", two, *out)
    assert result.exit_code == 1
    assert "does not say `training.seed`" in " ".join(result.stderr.split())
    assert json.loads(path.read_text()) == card


def test_there_is_nothing_to_report(tmp_path: Path):
    result = run("report", "--models", tmp_path, "--out", tmp_path / "docs")
    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path} holds no model.\n"


def test_models_that_share_no_face(two: Path):
    for name in ("tiny", "other"):
        path = two / name / "predictions.csv"
        table = pd.read_csv(path, keep_default_na=False)
        table.assign(file=name + table.file).to_csv(path, index=False)
    result = run("compare", "tiny", "other", "--models", two)
    assert result.exit_code == 1
    assert "tiny and other were not scored on the same faces of test." in result.stderr
