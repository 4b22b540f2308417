from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from server.training.scenes import (
    Figures,
    Find,
    Scene,
    ScenesError,
    TrueFace,
    figures,
    lowest_threshold,
    match,
    read_scenes,
    summary,
    table,
)
from server.vision.messages import LABELS, Box

FACE = Box(100, 100, 40, 50)
OTHER = Box(300, 100, 40, 50)
SMALL = Box(300, 300, 20, 30)


def face(box: Box = FACE, label: str = "with_mask") -> TrueFace:
    return TrueFace(box, label)


def find(box: Box = FACE, score: float = 0.9, label: str = "with_mask") -> Find:
    return Find(box, score, label, "unclear" if label == "unsure" else None)


def down(pixels: float, box: Box = FACE) -> Box:
    """A box moved down: its IoU with the unmoved is (height - pixels) / (height + pixels)."""
    return Box(box.x, box.y + pixels, box.width, box.height)


def score(
    faces: list[TrueFace], finds: list[Find], ignored: tuple[Box, ...] = (), min_size: float = 32
) -> tuple[str, str, str, str, str]:
    """recall, precision, right, unsure, end to end of one scene, as k/n."""
    found = figures(table([(Scene("a.jpg", "here", tuple(faces), ignored), finds)]), min_size)
    rates = (found.recall, found.precision, found.right, found.unsure, found.end_to_end)
    shares = [f"{0 if rate.value is None else round(rate.value * rate.n)}/{rate.n}" for rate in rates]
    return (shares[0], shares[1], shares[2], shares[3], shares[4])


@pytest.mark.parametrize(
    ("faces", "finds", "ignored", "min_size", "expected"),
    [
        pytest.param([face()], [find()], (), 32, ("1/1", "1/1", "1/1", "0/1", "1/1"), id="found and named"),
        pytest.param([face()], [], (), 32, ("0/1", "0/0", "0/0", "0/0", "0/1"), id="missed"),
        pytest.param([], [find()], (), 32, ("0/0", "0/1", "0/0", "0/0", "0/0"), id="false find"),
        pytest.param([], [], (), 32, ("0/0", "0/0", "0/0", "0/0", "0/0"), id="nothing there, nothing found"),
        pytest.param(
            [face()],
            [find(label="incorrect")],
            (),
            32,
            ("1/1", "1/1", "0/1", "0/1", "0/1"),
            id="found and misnamed",
        ),
        pytest.param(
            [face()], [find(label="unsure")], (), 32, ("1/1", "1/1", "0/1", "1/1", "0/1"), id="unsure is not right"
        ),
        pytest.param(
            [face()],
            [find(down(21))],  # IoU 29/71 = .408
            (),
            32,
            ("1/1", "1/1", "1/1", "0/1", "1/1"),
            id="a hit from an IoU of .4",
        ),
        pytest.param(
            [face()],
            [find(down(22))],  # IoU 28/72 = .389: no hit, and too near to be a false find
            (),
            32,
            ("0/1", "0/0", "0/0", "0/0", "0/1"),
            id="no hit under .4",
        ),
        pytest.param(
            [face()],
            [find(down(33))],  # IoU 17/83 = .205
            (),
            32,
            ("0/1", "0/0", "0/0", "0/0", "0/1"),
            id="over .2 with a true box: not false",
        ),
        pytest.param(
            [face()],
            [find(down(34))],  # IoU 16/84 = .190
            (),
            32,
            ("0/1", "0/1", "0/0", "0/0", "0/1"),
            id="at most .2: false",
        ),
        pytest.param(
            [face()],
            [find(), find(down(5), 0.8)],
            (),
            32,
            ("1/1", "1/1", "1/1", "0/1", "1/1"),
            id="a second find on a face counts neither way",
        ),
        pytest.param(
            [face()],
            [find(down(5), 0.8, "incorrect"), find(down(10), 0.9)],
            (),
            32,
            ("1/1", "1/1", "1/1", "0/1", "1/1"),
            id="the higher score comes first, though it lies worse and later",
        ),
        pytest.param(
            [face(label="with_mask"), face(down(20), "incorrect")],
            [find(down(18), label="incorrect"), find(down(6), 0.8, "with_mask")],
            (),
            32,
            ("2/2", "2/2", "2/2", "0/2", "2/2"),
            id="a find takes the true box of highest IoU",
        ),
        pytest.param(
            [face(), face(down(10), "incorrect")],
            [find(down(4)), find(down(3), 0.8, "incorrect")],
            (),
            32,
            ("2/2", "2/2", "2/2", "0/2", "2/2"),
            id="and of those only one that is unused",
        ),
        pytest.param(
            [face(SMALL)],
            [find(SMALL)],
            (),
            32,
            ("0/0", "0/0", "0/0", "0/0", "0/0"),
            id="a hit on a small face counts neither way",
        ),
        pytest.param(
            [face(SMALL)],
            [find(Box(295, 295, 30, 40))],  # IoU .5; itself over the limit
            (),
            32,
            ("0/0", "0/0", "0/0", "0/0", "0/0"),
            id="nor does it where the find is large",
        ),
        pytest.param(
            [face()],
            [find(Box(105, 110, 30, 31))],  # IoU .465, itself under the limit
            (),
            32,
            ("1/1", "1/1", "1/1", "0/1", "1/1"),
            id="a small find hits a large face",
        ),
        pytest.param(
            [face(SMALL)], [find(SMALL)], (), 30, ("1/1", "1/1", "1/1", "0/1", "1/1"), id="a face of just the size"
        ),
        pytest.param([], [find(SMALL)], (), 32, ("0/0", "0/0", "0/0", "0/0", "0/0"), id="a small false find"),
        pytest.param([], [find(SMALL)], (), 30, ("0/0", "0/1", "0/0", "0/0", "0/0"), id="a false find of the size"),
        pytest.param(
            [],
            [find()],
            (Box(100, 100, 40, 26),),
            32,
            ("0/0", "0/0", "0/0", "0/0", "0/0"),
            id="over half its area in an ignore region",
        ),
        pytest.param(
            [],
            [find()],
            (Box(100, 100, 40, 25),),
            32,
            ("0/0", "0/1", "0/0", "0/0", "0/0"),
            id="just half its area in it",
        ),
        pytest.param(
            [],
            [find()],
            (Box(100, 100, 40, 20), Box(100, 125, 40, 20)),
            32,
            ("0/0", "0/1", "0/0", "0/0", "0/0"),
            id="regions are not added up",
        ),
        pytest.param(
            [],
            [find()],
            (Box(0, 0, 500, 500),),
            32,
            ("0/0", "0/0", "0/0", "0/0", "0/0"),
            id="share of the find, not IoU with the region",
        ),
        pytest.param(
            [face()],
            [find()],
            (FACE,),
            32,
            ("1/1", "1/1", "1/1", "0/1", "1/1"),
            id="a hit in an ignore region is a hit",
        ),
    ],
)
def test_the_definition(
    faces: list[TrueFace], finds: list[Find], ignored: tuple[Box, ...], min_size: float, expected: tuple[str, ...]
) -> None:
    assert score(faces, finds, ignored, min_size) == expected


def test_match_tells_who_hits_whom() -> None:
    scene = Scene("a.jpg", "here", (face(), face(OTHER)))
    assert match(scene, [find(down(30)), find(OTHER, 0.5), find(down(1), 0.6)]) == {2: 0, 1: 1}


SCENES = [
    (Scene("a.jpg", "here", (face(), face(OTHER, "incorrect"), face(SMALL))), [find(), find(SMALL, label="unsure")]),
    (Scene("b.jpg", "there", (face(label="without_mask"),)), [find(label="without_mask"), find(OTHER)]),
    (Scene("c.jpg", "there", (), (OTHER,)), [find(down(1, OTHER))]),
]


def test_every_figure_can_be_computed_again_from_the_csv() -> None:
    rows = table(SCENES)
    again = pd.read_csv(StringIO(rows.to_csv(index=False)))
    assert summary(again) == summary(rows)


def test_summary_by_source_size_and_label() -> None:
    lines = {(source, size): (found, labels) for source, size, found, labels in summary(table(SCENES))}
    assert list(lines) == [(source, size) for source in ("all", "here", "there") for size in (24, 32, 64)]

    def count(found: Figures) -> tuple[float | None, int, float | None, int, float | None]:
        return found.recall.value, found.recall.n, found.precision.value, found.precision.n, found.end_to_end.value

    assert count(lines["all", 24][0]) == (0.75, 4, 0.75, 4, 0.5)
    assert count(lines["all", 32][0]) == (pytest.approx(2 / 3), 3, pytest.approx(2 / 3), 3, pytest.approx(2 / 3))
    assert count(lines["all", 64][0]) == (None, 0, None, 0, None)
    assert count(lines["here", 24][0]) == (pytest.approx(2 / 3), 3, 1, 2, pytest.approx(1 / 3))
    assert lines["here", 24][0].unsure.value == 0.5
    assert count(lines["there", 24][0]) == (1, 1, 0.5, 2, 1)
    labels = lines["all", 24][1]
    assert tuple(labels) == LABELS
    assert {label: found.recall.value for label, found in labels.items()} == {
        "with_mask": 1,
        "without_mask": 1,
        "incorrect": 0,
    }
    assert all(found.precision.value is None for found in labels.values())


@pytest.mark.parametrize(
    ("precision", "threshold"),
    [
        pytest.param(0.6, 0.05, id="as low as it was searched"),
        pytest.param(0.75, 0.41, id="a hundredth above the false find: 1/1; as low as .06, only 2/3"),
        pytest.param(1, 0.41, id="just that precision is enough"),
    ],
)
def test_the_lowest_threshold_of_a_precision(precision: float, threshold: float) -> None:
    finds = [find(score=0.9), find(OTHER, 0.2), find(Box(500, 500, 40, 40), 0.4)]
    rows = table([(Scene("a.jpg", "here", (face(), face(OTHER), face(Box(100, 300, 40, 50)))), finds)])
    assert lowest_threshold(rows, precision, 32, 0.05) == threshold


def test_no_threshold_makes_a_hit_of_false_finds() -> None:
    rows = table([(Scene("a.jpg", "here", (face(),)), [find(OTHER, 0.4)])])
    assert lowest_threshold(rows, 0.5, 32, 0.05) is None


def test_no_scenes_make_an_empty_table() -> None:
    rows = table([])
    assert rows.empty
    assert figures(rows, 24).recall.value is None
    assert summary(rows) == []


def coco(**changes: object) -> dict[str, object]:
    bbox = [1.0, 2.0, 30.0, 40.0]
    return {
        "images": [
            {"id": 7, "file_name": "val/a.jpg", "source": "here", "height": 480},
            {"id": 8, "file_name": "val/b.jpg"},
        ],
        "categories": [{"id": number, "name": label} for number, label in enumerate(LABELS, 1)],
        "annotations": [
            {"image_id": 7, "category_id": 3, "bbox": [10, 20, 30, 40], "iscrowd": 0},
            {"image_id": 8, "category_id": 1, "bbox": [5, 5, 0, 40], "iscrowd": 0},  # of no width: no face
            *({"image_id": 7, "category_id": number, "bbox": bbox, "iscrowd": 1} for number in (1, 2, 3)),
        ],
        **changes,
    }


def test_scenes_are_read_from_coco(tmp_path: Path) -> None:
    path = tmp_path / "val.json"
    path.write_text(json.dumps(coco()), encoding="utf-8")
    assert read_scenes(path) == [
        Scene("val/a.jpg", "here", (TrueFace(Box(10, 20, 30, 40), "incorrect"),), (Box(1, 2, 30, 40),), 480),
        Scene("val/b.jpg", "", ()),
    ]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (None, "is missing: point --data at a folder with scenes"),
        ("not json", "is not COCO"),
        ("[]", "is not COCO"),
        (json.dumps({"images": []}), "is not COCO.*categories"),
        (json.dumps(coco(annotations=[{"image_id": 7, "category_id": 1, "bbox": [1, 2, -3, 4]}])), "above 0"),
        (json.dumps(coco(categories=[{"id": n, "name": "face"} for n in (1, 2, 3)])), r"categories \['face'\]"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str | None, wrong: str) -> None:
    path = tmp_path / "val.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenesError, match=wrong) as caught:
        read_scenes(path)
    assert str(path) in str(caught.value)


def test_near_faces_are_those_of_a_third_of_the_height() -> None:
    high, low = Box(0, 0, 50, 100), Box(300, 0, 90, 99)
    scene = Scene("a.jpg", "here", (face(high), face(low)), height=300)
    rows = table([(scene, [find(low), find(Box(500, 0, 10, 120)), find(Box(600, 0, 200, 20))])])
    (near_ones,) = (found for _, size, found, _ in summary(rows) if size is None)
    assert (near_ones.recall.value, near_ones.recall.n) == (0, 1)
    assert near_ones.precision.n == 1  # the false find of 120 px; that of 20 px is not near
