"""`python -m server reproduce`: every network of the thesis, for a few steps on drawn faces."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.training import recipes
from server.training.dataset import read_faces
from server.training.made_up import write_made_up
from tests.commands.tiny import run


@pytest.mark.timeout(1200)  # eleven trainings
def test_quick_trains_and_scores_every_network_and_keeps_nothing(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("reproduce", "--quick")
    assert result.exit_code == 0, result.output
    said = result.stdout.splitlines()
    for name in recipes.names():
        expected = 0 if name == "mobilenetv2" else 3
        assert sum(line.startswith(f"{name} on ") for line in said) == expected, name
    assert "comparison.md sets all of" in said[-1]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [((), "name the folder with faces.csv by --data"), (("lenet", "--quick"), "there is no recipe 'lenet'")],
)
def test_what_cannot_be_reproduced(arguments: tuple[str, ...], says: str):
    result = run("reproduce", *arguments)
    assert result.exit_code > 0
    assert says in result.stderr


def test_drawn_faces_are_a_data_set_like_any_other(tmp_path: Path):
    rows = read_faces(write_made_up(tmp_path, 40))
    assert len(rows) == 40
    counts = rows.groupby(["split", "label"]).size().unstack(fill_value=0)
    assert set(counts.index) == {"train", "val", "test", "thesis"}
    assert (counts > 0).all(axis=None)
    assert all(Path(path).is_file() for path in rows.path)
