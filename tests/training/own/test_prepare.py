"""From photos to `faces.csv`: done once, whole or not at all, and said in words."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image as Pillow

from server.training.dataset import DataError, box_of, check_pictures, read_faces, read_window
from server.training.own.prepare import DETECTOR, LEAST, is_prepared, prepare
from server.vision.messages import LABELS
from tests.training.own.conftest import Frames, Photograph, faced, scene

Prepare = Callable[..., pd.DataFrame]


class Told(list):
    """What was said to the user; `in` looks into the sentences."""

    def __contains__(self, words: object) -> bool:
        return any(str(words) in sentence for sentence in self)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def detector() -> Frames:
    return Frames()


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "mine"


@pytest.fixture
def prepared(photos: Path, work: Path, told: Told, detector: Frames) -> Prepare:
    def called(labels: tuple[str, ...] = LABELS) -> pd.DataFrame:
        return prepare(photos, labels, work, told.append, {DETECTOR: detector}.__getitem__)

    return called


def test_every_face_has_a_window_a_box_a_group_and_a_split(prepared: Prepare, work: Path, told: Told):
    rows = prepared()
    assert len(rows) == 2 * LEAST
    check_pictures(rows)
    assert set(rows.original_face_px) == {80}
    for row in rows.itertuples():
        pixels, box = read_window(row.path), box_of(row)
        assert pixels.shape == (144, 144, 3)
        assert (box.x, box.width) == (32, 80)
        assert pixels[36:108, 32].min() > 200  # the frame's left side
    assert set(rows.split) == {"train", "val", "test"}
    assert rows.groupby("split").label.nunique().tolist() == [2, 2, 2]
    assert set(rows.photo) == {f"{label}/{number:02}.png" for label in LABELS[:2] for number in range(LEAST)}
    assert told == Told([told[0]])
    assert re.fullmatch(
        r"40 faces \(20 with_mask, 20 without_mask\) in [34]\d scenes: \d+ to learn from, \d+ to choose by, \d+ to "
        rf"score on\. They lie in {re.escape(str(work / 'data'))}\.",
        told[0],
    )
    assert is_prepared(work / "data")
    assert is_prepared(work / "data" / "faces.csv")
    assert not is_prepared(work)


def test_the_same_photos_are_looked_through_once(prepared: Prepare, work: Path, detector: Frames, told: Told):
    first = prepared()
    corrected = pd.read_csv(work / "data" / "faces.csv").drop(index=0)
    corrected.to_csv(work / "data" / "faces.csv", index=False)
    again = prepared()
    assert detector.asked == 2 * LEAST
    assert "The photos are those of before: their faces are taken from" in told
    assert again.file.tolist() == first.file.tolist()[1:]


def test_changed_photos_are_looked_through_again(prepared: Prepare, photos: Path, detector: Frames, photograph):
    first = prepared()
    photograph("with_mask/new.png", faced(scene(77), (10, 10, 60)))
    photograph("with_mask/00.png", faced(scene(78), (10, 10, 60)))
    (photos / "without_mask" / "00.png").rename(photos / "without_mask" / "renamed.png")
    rows = prepared()
    assert len(rows) == len(first) + 1
    assert detector.asked == 4 * LEAST + 1
    assert {"with_mask/new.png", "without_mask/renamed.png"} <= set(rows.photo)
    assert set(rows.file) & set(first.file) == set(first.file) - set(first.file[first.photo == "with_mask/00.png"])


def test_photos_that_change_under_a_training_are_refused(prepared: Prepare, work: Path, photos: Path, photograph):
    first = prepared()
    (work / "run.json").write_text("{}")
    assert prepared().equals(first)
    photograph("with_mask/new.png", faced(scene(77), (10, 10, 60)))
    photograph("with_mask/00.png", faced(scene(78), (10, 10, 60)))
    (photos / "without_mask" / "00.png").unlink()
    photograph("without_mask/new.png", faced(scene(79), (10, 10, 60)))
    with pytest.raises(DataError) as caught:
        prepared()
    assert f"not those that {work} was begun with (2 new, 1 gone, 1 changed): choose another --name" in str(
        caught.value
    )
    assert read_faces(work / "data").equals(first)


def test_an_interrupted_search_leaves_nothing_that_counts(prepared: Prepare, work: Path, detector: Frames, monkeypatch):
    def pulled_plug(*_arguments: object) -> None:
        if detector.asked == 3:
            raise KeyboardInterrupt
        detector.asked += 1

    with monkeypatch.context() as patch:
        patch.setattr(detector, "detect", lambda *_: pulled_plug() or [])
        with pytest.raises(KeyboardInterrupt):
            prepared()
    assert not list(work.rglob("*.*"))
    assert len(prepared()) == 2 * LEAST
    assert [path.name for path in work.iterdir()] == ["data"]


def test_pictures_of_every_make_are_read_upright_and_in_colour(prepared: Prepare, photograph: Photograph):
    image = faced(scene(50), (40, 200, 60))
    photograph("with_mask/grey.png", Pillow.fromarray(image).convert("L"))
    alpha = Pillow.fromarray(faced(scene(51), (40, 200, 60)))
    alpha.putalpha(7)
    photograph("with_mask/alpha.png", alpha)
    exif = Pillow.Exif()
    exif[0x0112] = 6  # the camera was held upright: to be turned by a quarter clockwise
    turned = faced(scene(52), (40, 200, 60))
    photograph("with_mask/turned.jpg", Pillow.fromarray(np.rot90(turned)), exif=exif, quality=95)
    photograph("with_mask/small.webp", Pillow.fromarray(faced(scene(53), (40, 200, 60))), lossless=True)
    rows = prepared().set_index("photo")
    for name in ("grey.png", "alpha.png", "turned.jpg", "small.webp"):
        row = rows.loc[f"with_mask/{name}"]
        assert row.original_face_px == pytest.approx(60, abs=2), name
    upright = read_window(rows.loc["with_mask/turned.jpg"].path)
    expected = turned[200 - 24 : 260 + 24, 40 - 24 : 100 + 24]
    assert np.abs(upright.astype(int) - expected).mean() < 6


def test_what_cannot_be_used_is_left_out_and_named(prepared: Prepare, photos: Path, photograph: Photograph, told: Told):
    for name in ("notes.txt", "page.html", "film.mp4", "raw.heic"):
        (photos / "with_mask" / name).write_text("no picture")
    cut = photograph("without_mask/cut.jpg", scene(60))
    cut.write_bytes(cut.read_bytes()[:2000])
    (photos / "without_mask" / "empty.jpg").touch()
    (photos / "without_mask" / "gone.jpg").symlink_to(photos / "nowhere.jpg")
    os.mkfifo(photos / "without_mask" / "pipe.jpg")
    photograph("with_mask/wall.png", scene(61))
    shutil.copy(photos / "with_mask" / "03.png", photos / "with_mask" / "copy-of-03.png")
    photograph("with_mask/crowd.png", faced(scene(62), (10, 10, 100), (200, 10, 90), (300, 200, 40), (350, 200, 35)))
    photograph("with_mask/crop.png", scene(63, 120, 110))
    rows = prepared()
    assert len(rows) == 2 * LEAST + 2
    assert sorted(rows.photo[~rows.photo.str.fullmatch(r".*/\d\d\.png")]) == [
        "with_mask/crop.png",
        "with_mask/crowd.png",
    ]
    assert rows.set_index("photo").original_face_px["with_mask/crowd.png"] == 100
    assert told[:-1] == [
        "8 files left out, unreadable: with_mask/film.mp4, with_mask/notes.txt, with_mask/page.html and 5 more. "
        "with_mask/film.mp4: This is not a JPEG, PNG or WebP picture; convert it to one of these.",
        "1 photo left out, the very same as another: with_mask/copy-of-03.png.",
        "1 photo left out, no face found: with_mask/wall.png.",
        "3 faces left out beside larger ones: a photo's label is that of its largest.",
        "No face found in 1 small picture: each is taken for a face as a whole.",
    ]


def test_the_same_picture_in_two_folders_is_pointed_at(prepared: Prepare, photos: Path, told: Told):
    shutil.copy(photos / "with_mask" / "03.png", photos / "without_mask" / "wrong.png")
    rows = prepared().set_index("photo")
    assert (
        "Look the same but lie in different folders, check them: with_mask/03.png and without_mask/wrong.png." in told
    )
    assert rows.group["with_mask/03.png"] == rows.group["without_mask/wrong.png"]


@pytest.mark.parametrize(("labels", "faces"), [(LABELS, 60), (LABELS[:2], 40)])
def test_a_class_that_is_not_wanted_is_not_looked_at(
    prepared: Prepare, photograph: Photograph, detector: Frames, labels: tuple[str, ...], faces: int
):
    for number in range(LEAST):
        photograph(f"incorrect/{number}.png", faced(scene(2000 + number), (90, 90, 70)))
    assert len(prepared(labels)) == detector.asked == faces


def test_an_empty_third_class_is_none(prepared: Prepare, photos: Path):
    (photos / "incorrect").mkdir()
    assert len(prepared()) == 2 * LEAST


def fewer(photos: Path, photograph: Photograph) -> None:
    (photos / "with_mask" / "00.png").unlink()


def few_incorrect(photos: Path, photograph: Photograph) -> None:
    photograph("incorrect/1.png", faced(scene(5), (90, 90, 70)))


def unreadable(photos: Path, photograph: Photograph) -> None:
    for path in (photos / "without_mask").iterdir():
        path.write_text("no picture")


def faceless(photos: Path, photograph: Photograph) -> None:
    for number in range(LEAST):
        photograph(f"without_mask/{number:02}.png", scene(number))


def repeated(photos: Path, photograph: Photograph) -> None:
    for number in range(LEAST):
        photograph(f"without_mask/{number:02}.png", faced(scene(number // 5), (150, 100, 80 + number % 5)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (fewer, "has too few photos: 19 in with_mask/, 20 in without_mask/. At least 20 of each are needed, and a few"),
        (
            few_incorrect,
            "20 in without_mask/, 1 in incorrect/. At least 20 of each are needed (or no folder incorrect/",
        ),
        (unreadable, "has too few faces: 20 in with_mask/, 0 in without_mask/. At least 20"),
        (faceless, "has too few faces: 20 in with_mask/, 0 in without_mask/. At least 20"),
        (
            repeated,
            " of with_mask, 4 of without_mask, and 10 of each are needed. Take photos of other people",
        ),
    ],
)
def test_too_few(prepared: Prepare, photos: Path, photograph: Photograph, work: Path, change: Callable, says: str):
    change(photos, photograph)
    with pytest.raises(DataError) as caught:
        prepared()
    assert str(caught.value).startswith(str(photos))
    assert says in str(caught.value)
    assert not list(work.rglob("*.*"))
