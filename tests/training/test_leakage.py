"""The field's mistake, made on purpose: what each arrangement lets through, and what is out of step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from server.training import recipes
from server.training.dataset import read_faces, read_window
from server.training.leakage import COPIED, LeakageError, arrangements, out_of_step
from server.training.made_up import write_made_up

FACES = 60


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Drawn faces, four to a group."""
    read = read_faces(write_made_up(tmp_path_factory.mktemp("leak"), 240))
    place = read.groupby("split").cumcount()
    return read.assign(group=[f"{split}-{number // 4}" for split, number in zip(read.split, place, strict=True)])


def of(rows: pd.DataFrame, folder: Path) -> dict:
    recipe = recipes.load("mobilenetv2-binary")
    return {found.name: found for found in arrangements(rows, recipe, FACES, folder, seed=2)}


def test_only_a_split_by_chance_shares_groups(rows: pd.DataFrame, tmp_path: Path):
    found = of(rows, tmp_path)
    assert list(found) == ["by chance", "by group", "by group, a tenth copied"]

    def shared(name: str) -> set:
        learned = {*found[name].train.group, *found[name].val.group}
        return learned & {*found[name].scored.group}

    assert shared("by chance")
    assert not shared("by group")
    copied = found["by group, a tenth copied"]
    assert shared("by group, a tenth copied") == {*copied.scored.group[copied.copied]}


def test_all_learn_from_as_many(rows: pd.DataFrame, tmp_path: Path):
    found = of(rows, tmp_path).values()
    assert {(len(each.train), len(each.val), len(each.scored)) for each in found} == {(60, 6, 20)}
    assert {each.train.split.isin(("train", "val")).all() for each in found} == {True}
    assert [each.copied.sum() for each in found] == [0, 0, COPIED * 20]


def test_copies_are_the_scored_faces_mirrored(rows: pd.DataFrame, tmp_path: Path):
    copied = of(rows, tmp_path)["by group, a tenth copied"]
    originals = copied.scored[copied.copied]
    copies = copied.train[copied.train.path.str.startswith(str(tmp_path))]
    assert len(copies) == len(originals) == 2
    for original, copy in zip(originals.itertuples(), copies.itertuples(), strict=True):
        there, here = read_window(original.path).astype(int), read_window(copy.path).astype(int)
        assert np.abs(there[:, ::-1] - here).mean() < 8
        assert original.x + copy.x + copy.width == there.shape[1]
        assert (original.label, original.y) == (copy.label, copy.y)


def test_more_faces_than_there_are(rows: pd.DataFrame, tmp_path: Path):
    with pytest.raises(LeakageError, match=r"There are \d+ faces of the splits train and val; take fewer than 6000"):
        next(arrangements(rows, recipes.load("mobilenetv2-binary"), 6000, tmp_path, seed=1))


def test_a_perfect_model_out_of_step_is_no_better_than_a_coin():
    truth = ["with_mask", "without_mask"] * 300
    said = pd.DataFrame({"truth": truth, "top": truth})
    labels = ["with_mask", "without_mask"]
    shares = []
    for seed in range(40):
        matrix = out_of_step(said, labels, np.random.default_rng(seed))
        assert matrix.sum(axis=1).tolist() == matrix.sum(axis=0).tolist() == [300, 300]
        shares.append(np.trace(matrix) / 600)
    assert np.mean(shares) == pytest.approx(0.5, abs=0.02)
    assert max(shares) < 0.6
