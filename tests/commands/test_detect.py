"""`python -m server detect`, as its user types it."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image as Pictures

from server.__main__ import main
from tests.portrait import masked_portrait, portrait


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
    path = str(tmp_path / "film.avi")
    film = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 10, (512, 512))
    for picture in (portrait(), portrait(), masked_portrait()):
        film.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    film.release()
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
