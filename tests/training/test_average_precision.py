"""pycocotools, asked in MaskGate's terms; expected values computed by hand (COCO reads 101 points of recall)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from server.training.average_precision import FACE, RANGES, AveragePrecision, average_precisions
from server.training.scenes import Find, Scene, TrueFace
from server.vision.messages import Box

LARGE, OTHER = Box(100, 100, 80, 100), Box(300, 100, 80, 100)
NOWHERE = Box(500, 300, 80, 100)


def scene(*boxes: Box, ignored: tuple[Box, ...] = (), source: str = "here", label: str = "with_mask") -> Scene:
    return Scene("a.jpg", source, tuple(TrueFace(box, label) for box in boxes), ignored)


def find(box: Box, score: float = 0.9, probabilities: Mapping[str, float] | None = None) -> Find:
    return Find(box, score, probabilities=probabilities or {})


def by_size(true: Scene, *finds: Find) -> dict[tuple[float, float | None], AveragePrecision]:
    """Of finding alone."""
    return {sizes: found[FACE] for _, sizes, found in average_precisions([(true, finds)], ())}


def average_precision(true: Scene, *finds: Find) -> AveragePrecision:
    return by_size(true, *finds)[24, None]


# The box moved down by 16 of its 100 px: an IoU of 84/116 = .724.
NEAR = Box(100, 116, 80, 100)


@pytest.mark.parametrize(
    ("true", "finds", "half", "strict"),
    [
        pytest.param(scene(LARGE, OTHER), [find(LARGE), find(OTHER)], 1, 1, id="perfect"),
        pytest.param(scene(LARGE, OTHER), [find(LARGE)], 51 / 101, 51 / 101, id="half missed: recall 0 to .50"),
        pytest.param(scene(LARGE), [find(NOWHERE), find(LARGE, 0.8)], 0.5, 0.5, id="a false find comes first"),
        pytest.param(scene(LARGE), [find(NOWHERE, 0.8), find(LARGE)], 1, 1, id="a false find comes last"),
        pytest.param(scene(LARGE), [find(NEAR)], 1, 0.5, id="a hit at .5, .55, .6, .65 and .7 of ten"),
        pytest.param(
            scene(LARGE, ignored=(NOWHERE,)), [find(NOWHERE), find(LARGE, 0.8)], 1, 1, id="the false find is ignored"
        ),
        pytest.param(
            scene(LARGE, ignored=(Box(500, 300, 80, 40),)),
            [find(NOWHERE), find(LARGE, 0.8)],
            0.5,
            0.5,
            id="less than half of it lies where finds are ignored",
        ),
        pytest.param(scene(LARGE), [], 0, 0, id="nothing found"),
        pytest.param(scene(LARGE), [find(LARGE, 0.01)], 0, 0, id="lower scores than are asked for"),
        pytest.param(scene(), [find(LARGE)], None, None, id="no face is there"),
    ],
)
def test_by_hand(true: Scene, finds: Sequence[Find], half: float | None, strict: float | None) -> None:
    found = average_precision(true, *finds)
    assert (found.half, found.strict) == (pytest.approx(half), pytest.approx(strict))


@pytest.mark.parametrize(
    ("box", "counted"),
    [
        pytest.param(Box(100, 100, 23.9, 10), [], id="too small"),
        pytest.param(Box(100, 100, 24, 10), [(24, None), (24, 32)], id="24 px"),
        pytest.param(Box(100, 100, 10, 32), [(24, None), (32, 64)], id="32 px, of a small area"),
        pytest.param(Box(100, 100, 60, 63.9), [(24, None), (32, 64)], id="just under 64 px"),
        pytest.param(Box(100, 100, 64, 20), [(24, None), (64, None)], id="64 px"),
    ],
)
def test_a_size_is_the_longer_side(box: Box, counted: list[tuple[float, float | None]]) -> None:
    found = by_size(scene(box), find(box))
    assert tuple(found) == RANGES
    assert [sizes for sizes in RANGES if found[sizes].half is not None] == counted
    assert all(found[sizes] == AveragePrecision(pytest.approx(1), pytest.approx(1)) for sizes in counted)


def test_false_finds_of_other_sizes_do_not_count() -> None:
    small, nowhere = Box(300, 100, 40, 50), Box(500, 300, 40, 50)
    found = by_size(scene(LARGE, small), find(nowhere), find(LARGE, 0.8), find(small, 0.7))
    assert found[64, None].half == pytest.approx(1)
    assert found[32, 64].half == pytest.approx(0.5)


def test_a_label_is_as_likely_as_both_its_face_and_its_name() -> None:
    true = scene(LARGE)
    finds = [
        find(NOWHERE, 0.9, {"with_mask": 0.4, "without_mask": 0.6}),
        find(LARGE, 0.5, {"with_mask": 0.9, "without_mask": 0.1}),
    ]
    ((_, _, found), *_) = average_precisions([(true, finds)])
    assert found[FACE].half == pytest.approx(0.5)
    assert found["with_mask"].half == pytest.approx(1)
    assert found["without_mask"] == AveragePrecision(None, None)


def test_a_label_that_is_never_answered_has_none_of_its_faces() -> None:
    ((_, _, found), *_) = average_precisions([(scene(LARGE, label="incorrect"), [find(LARGE, 0.9, {"with_mask": 1})])])
    assert (found[FACE].half, found["incorrect"].half) == (pytest.approx(1), 0)


def test_by_source_in_silence(capsys: pytest.CaptureFixture[str]) -> None:
    scored = [(scene(LARGE, source="here"), [find(LARGE)]), (scene(OTHER, source="there"), [])]
    lines = average_precisions(scored, ())
    assert {source: found[FACE].half for source, sizes, found in lines if sizes == (24, None)} == {
        "all": pytest.approx(51 / 101),
        "here": pytest.approx(1),
        "there": 0,
    }
    assert [source for source, *_ in lines] == [source for source in ("all", "here", "there") for _ in RANGES]
    assert capsys.readouterr().out == ""
