from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from server.commands.evaluate_scenes import command
from server.training import peers
from server.training.portrait import FACE, masked_portrait, portrait
from server.training.scenes import figures
from server.vision.messages import Box, Detection, Image
from tests.vision.engine.conftest import tiny_card

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two pictures: a bare face beside one that nobody boxed and none may find wrong, and a masked face."""
    folder = tmp_path / "scenes" / "val"
    folder.mkdir(parents=True)
    pair = np.concatenate([portrait(), portrait()[:, ::-1]], axis=1)
    for name, picture in (("pair.jpg", pair), ("masked.jpg", masked_portrait())):
        cv2.imwrite(str(folder / name), picture[..., ::-1])
    box = [FACE.x, FACE.y, FACE.width, FACE.height]
    mirrored = [1024 - FACE.x - FACE.width, FACE.y, FACE.width, FACE.height]
    labels = ("with_mask", "without_mask", "incorrect")
    coco = {
        "images": [
            {"id": 1, "file_name": "val/pair.jpg", "source": "ours"},
            {"id": 2, "file_name": "val/masked.jpg", "source": "ours"},
        ],
        "categories": [{"id": number, "name": label} for number, label in enumerate(labels, 1)],
        "annotations": [
            {"image_id": 1, "category_id": 2, "bbox": box, "iscrowd": 0},
            {"image_id": 1, "category_id": 2, "bbox": mirrored, "iscrowd": 1},
            {"image_id": 2, "category_id": 1, "bbox": box, "iscrowd": 0},
        ],
    }
    (tmp_path / "scenes" / "val.json").write_text(json.dumps(coco), encoding="utf-8")
    return tmp_path


def run(data: Path, *arguments: str) -> Result:
    out = ["--out", str(data / "rows.csv")]
    return CliRunner().invoke(command, ["--data", str(data), "--split", "val", *out, *arguments])


def test_finding_alone(data: Path) -> None:
    page = data / "page.md"
    ended = run(
        data,
        *("--classifier", "none", "--detector", "blazeface-back", "--detector", "retinaface-320"),
        *("--markdown", str(page)),
    )
    assert ended.exit_code == 0, ended.output
    tables = page.read_text(encoding="utf-8")
    assert tables in ended.output
    assert "| retinaface-320 | ours | 32 px and more | 100.0 %" in tables
    assert "| face AP .5 | face AP .5:.95 |\n" in tables
    assert "| retinaface-320 | ours | 64 px and more | 100.0 |" in tables
    assert "| retinaface-320 | ours | 24 to 32 px | – | – |" in tables
    assert "end to end" not in tables
    rows = pd.read_csv(data / "rows.csv")
    for name in ("blazeface-back", "retinaface-320"):
        scored = rows[rows["detector"] == name]
        assert len(scored) == 3  # two hits, and the unboxed face
        found = figures(scored, 32)
        assert (found.recall.value, found.recall.n) == (1, 2)
        assert (found.precision.value, found.precision.n) == (1, 2)
        assert scored["ignored"].max() > 0.5


def test_a_threshold_of_ones_own(data: Path) -> None:
    ended = run(data, "--classifier", "none", "--detector", "retinaface-320", "--min-score", "1")
    assert ended.exit_code == 0, ended.output
    rows = pd.read_csv(data / "rows.csv")
    assert figures(rows, 32).recall.value == 0
    assert len(rows) == 2


class Peer:
    """Surest of the boxed face, which it calls masked; two corners hold nothing, and one of them it calls bare."""

    def detect(self, image: Image, min_score: float) -> list[Detection]:
        masked, bare = {"with_mask": 0.8, "without_mask": 0.2}, {"with_mask": 0.1, "without_mask": 0.9}
        found = ((FACE, 0.9, masked), (Box(0, 0, 60, 60), 0.5, masked), (Box(0, 400, 60, 60), 0.3, bare))
        return [Detection(box, score, None, label) for box, score, label in found if score >= min_score]


def test_a_peer_that_names_faces_and_a_precision_to_reach(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Path]] = []
    monkeypatch.setattr(peers, "load", lambda *asked_for: asked.append(asked_for) or Peer())
    ended = run(data, "--detector", "peer:aizoo", "--peers", "there", "--min-precision", ".95")
    assert ended.exit_code == 0, ended.output
    assert asked == [("peer:aizoo", Path("there"))]
    rows = pd.read_csv(data / "rows.csv")
    assert set(rows["classifier"]) == {"own"}
    assert set(rows["label"]) == {"with_mask"}  # the third find lies below the working threshold
    found = figures(rows, 32)
    assert (found.recall.value, found.precision.value, found.end_to_end.value) == (1, 0.5, 0.5)
    # In order of score x probability: a hit after the false find of one with_mask, after two of without_mask.
    assert "| peer:aizoo | ours | 24 px and more | 100.0 | 100.0 | 50.0 | 50.0 | 33.3 | 33.3 | – | – |" in ended.output
    assert "| peer:aizoo | 0.51 | 100.0 %" in ended.output


def test_a_precision_that_no_threshold_reaches(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "load", lambda *_: Peer())
    pictures = json.loads((data / "scenes" / "val.json").read_text(encoding="utf-8"))
    (data / "scenes" / "val.json").write_text(json.dumps({**pictures, "annotations": []}), encoding="utf-8")
    ended = run(data, "--detector", "peer:ssd", "--classifier", "none", "--min-precision", ".95")
    assert ended.exit_code == 0, ended.output
    assert "| peer:ssd | none | – | – |" in ended.output


@pytest.mark.skipif(
    not (MODELS / "mobilenetv2" / "card.json").is_file(), reason="models/mobilenetv2 is not trained yet"
)
def test_finding_and_naming_as_served(data: Path) -> None:
    ended = run(data, "--detector", "blazeface-back", "--models", str(MODELS))
    assert ended.exit_code == 0, ended.output
    assert "end to end" in ended.output
    rows = pd.read_csv(data / "rows.csv")
    assert set(rows["classifier"]) == {"mobilenetv2"}
    assert rows[["p_with_mask", "p_without_mask", "p_incorrect"]].sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    assert dict(zip(rows["truth"], rows["label"], strict=True))["without_mask"] == "without_mask"
    found = figures(rows, 32)
    assert (found.recall.value, found.end_to_end.n) == (1, 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--detector", "yolo", "--classifier", "none"), "no detector is called 'yolo'"),
        (("--detector", "haar", "--classifier", "none", "--split", "test"), "test.json is missing"),
        (("--detector", "haar", "--classifier", "alexnet"), "alexnet"),
        (("--detector", "peer:yolo"), "no peer is called 'peer:yolo'"),
        (("--detector", "peer:aizoo", "--peers", "nowhere"), "aizoo_face_mask_detection.tflite is missing: name the"),
        (("--detector", "peer:ssd", "--classifier", "none", "--peers", "nowhere"), "and its .pbtxt are missing"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(data: Path, arguments: tuple[str, ...], said: str) -> None:
    ended = run(data, *arguments)
    assert ended.exit_code == 1
    assert said in ended.output
    assert isinstance(ended.exception, SystemExit)


def test_a_picture_that_is_gone_is_named(data: Path) -> None:
    (data / "scenes" / "val" / "masked.jpg").unlink()
    ended = run(data, "--detector", "retinaface-320", "--classifier", "none")
    assert ended.exit_code == 1
    assert "masked.jpg" in ended.output


def test_a_picture_that_is_broken_is_named(data: Path) -> None:
    (data / "scenes" / "val" / "masked.jpg").write_bytes(b"\xff\xd8\xff broken")
    ended = run(data, "--detector", "retinaface-320", "--classifier", "none")
    assert ended.exit_code == 1
    assert "masked.jpg" in ended.output


def test_weights_that_are_not_the_card_s_are_named_not_a_picture(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "tiny"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(tiny_card().model_dump_json(), encoding="utf-8")
    (folder / "model.tflite").write_bytes(b"other weights")
    models = str(tmp_path / "models")
    ended = run(data, "--detector", "retinaface-320", "--classifier", "tiny", "--models", models)
    assert ended.exit_code == 1
    assert "model.tflite has the SHA-256" in ended.output
    assert "pair.jpg" not in ended.output
