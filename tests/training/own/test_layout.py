"""What a folder of photos may look like, and what is said of one that does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from server.training.dataset import DataError
from server.training.own.layout import holds_classes, meant, photos_in
from server.vision.messages import LABELS


def folder(root: Path, *files: str) -> Path:
    """Files, and folders where a name ends in a slash."""
    for name in files:
        path = root / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_text(name)
    return root


def found(root: Path, labels=LABELS) -> tuple[list[str], list[str]]:
    said: list[str] = []
    return [photo.name for photo in photos_in(root, labels, said.append)], said


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("with_mask", "with_mask"),
        ("With_Mask", "with_mask"),
        ("with mask", "with_mask"),
        ("mask", "with_mask"),
        ("Masked", "with_mask"),
        ("WithoutMask", "without_mask"),
        ("no_mask", "without_mask"),
        ("Non Mask", "without_mask"),
        ("unmasked", "without_mask"),
        ("bare", "without_mask"),
        ("incorrect_mask", "incorrect"),
        ("mask_weared_incorrect", "incorrect"),
        ("notes", None),
        ("train", None),
    ],
)
def test_what_a_name_means(name: str, label: str | None):
    assert meant(name) == label


def test_every_file_of_every_class_at_any_depth_but_hidden_ones(tmp_path: Path):
    root = folder(tmp_path, "with_mask/b.jpg", "with_mask/ward/3/a.jpg", "without_mask/c.png", "incorrect/d.webp")
    folder(root, "with_mask/.hidden.jpg", "with_mask/.trash/e.jpg", "without_mask/Thumbs.db", ".git/f.jpg", "readme.md")
    names, said = found(root)
    assert names == ["with_mask/b.jpg", "with_mask/ward/3/a.jpg", "without_mask/c.png", "incorrect/d.webp"]
    assert not said


def test_links_are_followed_and_loops_end(tmp_path: Path):
    elsewhere = folder(tmp_path / "elsewhere", "a.jpg", "more/b.jpg")
    root = folder(tmp_path / "photos", "with_mask/c.jpg", "without_mask/")
    (root / "without_mask" / "linked").symlink_to(elsewhere)
    (root / "with_mask" / "d.jpg").symlink_to(elsewhere / "a.jpg")
    (root / "with_mask" / "loop").symlink_to(root / "with_mask")
    names, _ = found(root)
    expected = ["with_mask/c.jpg", "with_mask/d.jpg", "without_mask/linked/a.jpg", "without_mask/linked/more/b.jpg"]
    assert names == expected


def test_what_is_left_out_is_said(tmp_path: Path):
    root = folder(
        tmp_path, *(f"{name}/a.jpg" for name in ("with_mask", "without_mask", "incorrect", "misc", "no_mask"))
    )
    names, said = found(root, LABELS[:2])
    assert names == ["with_mask/a.jpg", "without_mask/a.jpg"]
    assert said == [
        "incorrect/ is left out: this recipe does not tell that class apart.",
        "misc/ is left out: it is no class.",
        "no_mask/ is left out: it is no class.",
    ]


def test_a_third_class_that_is_named_differently_is_pointed_at(tmp_path: Path):
    _, said = found(folder(tmp_path, "with_mask/", "without_mask/", "mask_weared_incorrect/"))
    assert said == ["mask_weared_incorrect/ is left out: rename it to incorrect/ to use it."]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (["with_mask/a.jpg"], "has no folder without_mask/: a model learns to tell the two apart"),
        (["without_mask/", "incorrect/"], "has no folder with_mask/: a model learns"),
        (
            ["with mask/", "No_Mask/"],
            "no folder with_mask/ and no folder without_mask/: rename No_Mask/ to without_mask/ and with mask/ to "
            "with_mask/.",
        ),
        (["With_Mask/", "without_mask/"], "has no folder with_mask/: rename With_Mask/ to with_mask/."),
        (
            ["train/with_mask/", "train/without_mask/", "test/with_mask/"],
            "but train/ seems to hold the classes: --data",
        ),
        (["Train/WithMask/", "Train/WithoutMask/"], "but Train/ seems to hold the classes: --data"),
    ],
)
def test_a_missing_class_is_named_with_the_cure(tmp_path: Path, files: list[str], says: str):
    root = folder(tmp_path, *files)
    assert holds_classes(root)
    with pytest.raises(DataError) as caught:
        found(root)
    assert says in str(caught.value)


@pytest.mark.parametrize("files", [[], ["a.jpg"], ["one/", "two/b.jpg"], ["faces.csv", "with_mask/", "without_mask/"]])
def test_other_folders_hold_no_classes(tmp_path: Path, files: list[str]):
    assert not holds_classes(folder(tmp_path, *files))


def test_neither_does_a_file(tmp_path: Path):
    (tmp_path / "with_mask").touch()
    assert not holds_classes(tmp_path / "with_mask")
    assert not holds_classes(tmp_path)


def test_a_name_that_is_no_text_is_spelt_out(tmp_path: Path):
    root = folder(tmp_path, "with_mask/a.jpg", "without_mask/b.jpg")
    try:
        (root / "with_mask" / os.fsdecode(b"M\xfcller.jpg")).touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 alone")
    assert found(root)[0] == ["with_mask/M\\xfcller.jpg", "with_mask/a.jpg", "without_mask/b.jpg"]
