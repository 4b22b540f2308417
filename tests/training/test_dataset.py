"""Reading faces.csv and refusing what breaks its rules."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from server.training import recipes
from server.training.dataset import DataError, box_of, digest, learnable, read_faces, read_window, scored, split_rows
from server.vision.messages import LABELS


def changed(folder: Path, tmp_path: Path, change) -> Path:
    rows = pd.read_csv(folder / "faces.csv", keep_default_na=False)
    change(rows).to_csv(tmp_path / "faces.csv", index=False)
    return tmp_path


def test_rows_carry_paths_that_can_be_read(made_up_faces: Path):
    row = next(read_faces(made_up_faces).itertuples())
    assert read_window(row.path).shape == (200, 200, 3)
    assert box_of(row).height == 112


def test_suspect_rows_stay_out_unless_asked_for(made_up_faces: Path):
    rows = read_faces(made_up_faces)
    assert len(split_rows(rows, "train")) == 21
    assert len(split_rows(rows, "train", suspects=True)) == 24
    assert set(split_rows(rows, "val").split) == {"val"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda rows: rows.drop(columns=["group", "x"]), "lacks the columns group, x"),
        (lambda rows: rows.assign(label="helmet"), "label is 'helmet', expected one of with_mask"),
        (lambda rows: rows.assign(split="all"), "split is 'all'"),
        (lambda rows: rows.assign(group="one"), "the group one lies in several splits"),
    ],
)
def test_a_broken_list_is_named(made_up_faces: Path, tmp_path: Path, change, says: str):
    with pytest.raises(DataError, match=says):
        read_faces(changed(made_up_faces, tmp_path, change))


def test_a_missing_list_says_what_data_takes(tmp_path: Path):
    with pytest.raises(DataError, match="--data takes the folder"):
        read_faces(tmp_path)


def test_a_broken_picture_is_named(tmp_path: Path):
    (tmp_path / "face.jpg").write_text("no picture")
    with pytest.raises(DataError, match=r"face\.jpg is missing or is not a picture"):
        read_window(str(tmp_path / "face.jpg"))


def test_digest_changes_with_a_label_and_not_with_the_order(made_up_faces: Path):
    rows = read_faces(made_up_faces)
    assert digest(rows) == digest(rows.sample(frac=1, random_state=1))
    assert digest(rows) != digest(rows.assign(label="with_mask"))


@pytest.mark.data
def test_real_splits_share_no_group():
    data = Path(__file__).parents[3] / "shared" / "data"
    if not (data / "faces.csv").is_file():
        pytest.skip("needs ../shared/data/faces.csv")
    rows = read_faces(data)  # raises if a group crosses
    assert {"train", "val", "test", "thesis"} == set(rows.split)


def test_what_is_learned_from_shares_no_group_with_what_is_scored(made_up_faces: Path):
    check_learnable(read_faces(made_up_faces))


@pytest.mark.data
def test_the_same_of_the_real_faces():
    data = Path(__file__).parents[3] / "shared" / "data"
    if not (data / "faces.csv").is_file():
        pytest.skip("needs ../shared/data/faces.csv")
    rows = read_faces(data)
    check_learnable(rows)
    sets = scored(rows, LABELS)
    assert sets["thesis"].label.value_counts().to_dict() == {"with_mask": 200, "without_mask": 200}
    learned = learnable(rows, ("with_mask", "without_mask"), "thesis")
    assert learned.split.value_counts().to_dict() == {"train": 1423, "val": 177}


def check_learnable(rows: pd.DataFrame):
    """For every recipe that there is: nothing that shares a group with a scored face."""
    for name in recipes.names():
        recipe = recipes.load(name)
        sets = scored(rows, recipe.labels)
        assert set(sets) == {"test", "thesis"}
        learned = learnable(rows, recipe.labels, recipe.rows)
        assert len(learned)
        assert set(learned.label) <= set(recipe.labels)
        for part in sets.values():
            assert not set(learned.group) & set(part.group)
