"""`python -m server reproduce`: every network of the thesis, for a few steps on drawn faces."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from server.training import recipes
from server.training.dataset import read_faces
from server.training.made_up import write_made_up
from tests.commands.tiny import run

NETWORKS = ("mobilenetv2-binary", "alexnet-plain", "vgg16", "thesis-cnn")
"""A recipe of each network: the others differ by data alone."""


@pytest.mark.timeout(900)  # four trainings
def test_quick_trains_and_scores_every_network_and_keeps_nothing(tmp_path: Path, monkeypatch):
    assert {recipes.load(name).architecture for name in NETWORKS} == {
        recipes.load(name).architecture for name in recipes.names()
    }
    monkeypatch.chdir(tmp_path)
    result = run("reproduce", *NETWORKS, "--quick")
    assert result.exit_code == 0, result.output
    said = result.stdout.splitlines()
    for name in NETWORKS:
        assert sum(line.startswith(f"{name} on ") for line in said) == 3, name
    assert "comparison.md sets all of" in said[-1]
    assert not list(tmp_path.iterdir())


def test_without_names_every_recipe_but_the_one_that_serves_is_trained(tmp_path: Path, monkeypatch):
    trained = []

    def train(name: str, *_: object) -> SimpleNamespace:
        trained.append(name)
        return SimpleNamespace(metrics={})

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("server.training.run.train", train)
    result = run("reproduce", "--quick")
    assert result.exit_code == 0, result.output
    assert [*trained, "mobilenetv2"] == sorted(recipes.names(), key=lambda name: (name == "mobilenetv2", name))


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
