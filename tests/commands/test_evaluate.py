"""`python -m server evaluate`: every printed figure follows from the CSV beside it."""

from __future__ import annotations

import csv
import json
import math
import shutil
import statistics
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result
from scipy.stats import beta

from server.vision.messages import LABELS
from tests.commands.tiny import Trained, run

Row = dict[str, str]


@pytest.fixture(scope="module")
def data(made_up_faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up faces as if from two sources and of many sizes, some too small to count."""
    folder = tmp_path_factory.mktemp("several")
    (folder / "faces").symlink_to(made_up_faces / "faces")
    rows = pd.read_csv(made_up_faces / "faces.csv", keep_default_na=False)
    rows["original_face_px"] = [(20, 30, 60, 112)[place % 4] for place in range(len(rows))]
    rows["source"] = [("door", "street")[place % 3 == 0] for place in range(len(rows))]
    rows.to_csv(folder / "faces.csv", index=False)
    return folder


def evaluate(trained: Trained, data: Path, *arguments: object, model: str = "tiny") -> Result:
    return run("evaluate", model, "--data", data, "--models", trained.models, *arguments)


def rate(k: int, n: int) -> str:
    """A share of so few that its interval is the exact one, by the textbook's formula."""
    if n == 0:
        return "–"
    low = beta.ppf(0.025, k, n - k + 1) if k else 0
    high = beta.ppf(0.975, k + 1, n - k) if k < n else 1
    return f"{k / n * 100:.1f} % ({low * 100:.1f}–{high * 100:.1f}, n {n})"


def f1(rows: list[Row], label: str) -> float:
    hits = sum(row["truth"] == label == top(row) for row in rows)
    mentions = sum((row["truth"] == label) + (top(row) == label) for row in rows)
    return 2 * hits / mentions if mentions else math.nan


def start(share: float) -> str:
    """How a figure begins whose interval comes of a draw."""
    return "–" if math.isnan(share) else f"{share * 100:.1f} % ("


def top(row: Row) -> str:
    return max(LABELS, key=lambda label: float(row[f"p_{label}"]))


def figures(rows: list[Row]) -> list[str]:
    """The cells of a group, from the rows of the CSV alone."""

    def share(right: list[Row], of: list[Row]) -> str:
        return rate(len(right), len(of))

    true = {row["truth"] for row in rows}
    macro = statistics.fmean(f1(rows, label) for label in true) if true else math.nan
    cells = [str(len(rows)), share([row for row in rows if top(row) == row["truth"]], rows), start(macro)]
    for label in LABELS:
        of, answered = [row for row in rows if row["truth"] == label], [row for row in rows if top(row) == label]
        both = [row for row in of if top(row) == label]
        cells += [share(both, of), share(both, answered), start(f1(rows, label))]
    sure = [row for row in rows if row["label"] != "unsure"]
    cells.append(rate(len(rows) - len(sure), len(rows)))
    cells.append(share([row for row in sure if row["label"] == row["truth"]], sure))
    return cells


def tables(printed: str) -> list[list[list[str]]]:
    """The Markdown tables of a text: rows of cells, without head and rule."""
    found: list[list[list[str]]] = []
    for part in printed.split("\n\n"):
        lines = [line for line in part.splitlines() if line.startswith("|")]
        if lines:
            found.append([[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]])
    return found


def test_figures_can_be_recomputed_from_the_csv(trained: Trained, data: Path, tmp_path: Path):
    out = tmp_path / "new" / "faces.csv"
    result = evaluate(trained, data, "--out", out)
    assert result.exit_code == 0
    assert result.stdout.rstrip().endswith(f"Every face is in {out}.")
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert {"file", "truth", "label", *(f"p_{label}" for label in LABELS)} <= set(rows[0])
    counted = [row for row in rows if float(row["original_face_px"]) >= 24]
    assert len(counted) == 9

    def of_size(low: int, high: float) -> list[Row]:
        return [row for row in counted if low <= float(row["original_face_px"]) < high]

    groups, probabilities, confusion = tables(result.stdout)
    assert [row[0] for row in probabilities] == ["all", "mask_or_none"]
    expected = {
        "all": figures(counted),
        "mask_or_none": figures([row for row in counted if row["truth"] != "incorrect"]),
        "source:door": figures([row for row in counted if row["source"] == "door"]),
        "source:street": figures([row for row in counted if row["source"] == "street"]),
        "size:24-48": figures(of_size(24, 48)),
        "size:48-96": figures(of_size(48, 96)),
        "size:96-": figures(of_size(96, math.inf)),
    }
    assert [name for name, *_ in groups] == list(expected)
    for name, *joined in groups:
        cells = " / ".join(joined).split(" / ")
        assert len(cells) == len(expected[name])
        assert all(cell.startswith(figure) for cell, figure in zip(cells, expected[name], strict=True)), name
    assert confusion == [
        [truth, *(str(sum(row["truth"] == truth and top(row) == label for row in counted)) for label in LABELS)]
        for truth in LABELS
    ]


def test_labels_follow_from_the_csv_and_the_cards_thresholds(trained: Trained, data: Path, tmp_path: Path):
    out = tmp_path / "val.csv"
    assert evaluate(trained, data, "--split", "val", "--out", out).exit_code == 0
    thresholds = json.loads((trained.models / "tiny" / "card.json").read_text())["thresholds"]
    with out.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert sum(float(row[f"p_{label}"]) for label in LABELS) == pytest.approx(1, abs=1e-4)
            assert row["top"] == top(row)
            expected = ""
            if float(row["original_face_px"]) < thresholds["min_face_px"]:
                expected = "too_small"
            elif float(row["brightness"]) < thresholds["min_brightness"]:
                expected = "too_dark"
            elif float(row["sharpness"]) < thresholds["min_sharpness"]:
                expected = "too_blurred"
            elif float(row[f"p_{top(row)}"]) < thresholds["min_confidence"]:
                expected = "unclear"
            assert row["reason"] == expected
            assert row["label"] == ("unsure" if expected else row["top"])


def test_the_cards_figures_are_those_of_evaluate(trained: Trained, made_up_faces: Path, tmp_path: Path):
    result = evaluate(trained, made_up_faces, "--out", tmp_path / "test.csv")
    accuracy = json.loads((trained.models / "tiny" / "card.json").read_text())["metrics"]["test"]["all"]["accuracy"]
    assert tables(result.stdout)[0][0][2] == rate(round(accuracy["value"] * accuracy["n"]), accuracy["n"])


def test_without_a_name_the_csv_lies_under_runs(trained: Trained, data: Path, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert evaluate(trained, data).exit_code == 0
    assert (tmp_path / "runs" / "tiny" / "test.csv").is_file()


def test_a_split_that_has_no_faces(trained: Trained, data: Path, tmp_path: Path):
    (tmp_path / "faces").symlink_to(data / "faces")
    pd.read_csv(data / "faces.csv").query("split != 'thesis'").to_csv(tmp_path / "faces.csv", index=False)
    result = evaluate(trained, tmp_path, "--split", "thesis", "--out", tmp_path / "thesis.csv")
    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path / 'faces.csv'} has no faces of split thesis.\n"


def test_an_unknown_model(trained: Trained, data: Path):
    result = evaluate(trained, data, model="alexnet")
    assert result.exit_code == 1
    assert "card.json is missing" in result.stderr


def test_weights_that_are_not_the_cards(trained: Trained, data: Path, tmp_path: Path):
    shutil.copytree(trained.models, tmp_path / "models")
    weights = tmp_path / "models" / "tiny" / "model.tflite"
    weights.write_bytes(weights.read_bytes() + b"\0")
    result = run("evaluate", "tiny", "--data", data, "--models", tmp_path / "models")
    assert result.exit_code == 1
    assert "these are not the weights that were measured" in " ".join(result.stderr.split())


def test_a_picture_that_is_gone(trained: Trained, made_up_faces: Path, tmp_path: Path):
    shutil.copytree(made_up_faces, tmp_path / "data")
    (tmp_path / "data" / "faces" / "test" / "incorrect-2.png").unlink()
    result = evaluate(trained, tmp_path / "data", "--out", tmp_path / "out.csv")
    assert result.exit_code == 1
    assert result.stderr.endswith("incorrect-2.png is missing or is not a picture.\n")
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("--split", "train"), "'train' is not one of 'val', 'test', 'thesis'"), (("--data", "gone"), "does not exist")],
)
def test_wrong_options(trained: Trained, data: Path, arguments: tuple[str, ...], says: str):
    result = evaluate(trained, data, *arguments)
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_model_is_measured_anew_from_its_weights(trained: Trained, made_up_faces: Path, tmp_path: Path):
    models = tmp_path / "models"
    shutil.copytree(trained.models, models)
    card = models / "tiny" / "card.json"
    before, told = (path.read_text() for path in (card, models / "tiny" / "predictions.csv"))
    stripped = json.loads(before) | {"metrics": {}}
    stripped["thresholds"]["min_confidence"] = 0.99
    card.write_text(json.dumps(stripped))
    for name in ("predictions.csv", "README.md"):
        (models / "tiny" / name).unlink()
    result = run("evaluate", "tiny", "--data", made_up_faces, "--models", models, "--rewrite")
    assert result.exit_code == 0
    assert card.read_text() == before
    assert (models / "tiny" / "predictions.csv").read_text() == told
    assert (models / "tiny" / "README.md").is_file()
