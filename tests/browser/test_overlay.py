"""Where plates and boxes go, tried out in the browser's own modules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.live_page import LivePage

PICTURE = {"x": 0, "y": 0, "width": 640, "height": 480}
SIZE = {"width": 120, "height": 30}

Rect = dict[str, float]


def _rect(x: float, y: float, width: float, height: float) -> Rect:
    return {"x": x, "y": y, "width": width, "height": height}


def _overlap(one: Rect, other: Rect) -> float:
    across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
    return max(across, 0) * max(down, 0)


def _place(live: LivePage, faces: list[Rect]) -> tuple[list[Rect], list[Rect]]:
    live.open()
    found: dict[str, Any] = live.page.evaluate(
        """async ([faces, size, picture]) => {
            const { mouth, placePlate } = await import("/static/js/plates.js");
            const plates = [];
            for (const face of faces) plates.push(placePlate(face, size, picture, faces, plates));
            return { mouths: faces.map(mouth), plates };
        }""",
        [faces, SIZE, PICTURE],
    )
    return found["plates"], found["mouths"]


@pytest.mark.parametrize(
    ("case", "faces"),
    [
        ("in the middle", [_rect(250, 150, 140, 180)]),
        ("at the lower edge", [_rect(250, 300, 140, 180)]),
        ("filling the height", [_rect(200, 0, 240, 480)]),
        ("filling the picture", [_rect(0, 0, 640, 480)]),
        ("in the corner", [_rect(0, 0, 30, 40)]),
        ("in the other corner", [_rect(610, 440, 30, 40)]),
        ("one above the other", [_rect(250, 20, 100, 120), _rect(250, 150, 100, 120)]),
        ("side by side", [_rect(100, 100, 60, 80), _rect(170, 105, 60, 80), _rect(240, 100, 60, 80)]),
        ("at the right, below the plate of another", [_rect(300, 100, 130, 160), _rect(560, 240, 70, 80)]),
    ],
)
def test_plates_stay_in_the_picture_off_the_mouths_and_apart(live: LivePage, case: str, faces: list[Rect]) -> None:
    plates, mouths = _place(live, faces)
    for index, plate in enumerate(plates):
        assert plate["x"] >= 0
        assert plate["y"] >= 0
        assert plate["x"] + plate["width"] <= PICTURE["width"]
        assert plate["y"] + plate["height"] <= PICTURE["height"]
        assert all(_overlap(plate, mouth) == 0 for mouth in mouths)
        assert all(_overlap(plate, other) == 0 for other in plates[:index])


def test_plate_lies_on_nobody_elses_face(live: LivePage) -> None:
    faces = [_rect(250, 60, 140, 200), _rect(500, 300, 130, 180), _rect(20, 330, 150, 150)]
    plates, _ = _place(live, faces)
    for index, plate in enumerate(plates):
        others = faces[:index] + faces[index + 1 :]
        assert all(_overlap(plate, other) == 0 for other in others)


def test_plate_is_under_its_face_where_there_is_room(live: LivePage) -> None:
    (plate,), _ = _place(live, [_rect(250, 150, 140, 180)])
    assert plate["y"] == 150 + 180 + 8
    assert plate["x"] + plate["width"] / 2 == 250 + 70


def test_words_are_the_same_over_a_mirrored_picture(live: LivePage) -> None:
    live.open()
    plain, mirrored, aside, aside_mirrored = live.page.evaluate(
        """async () => {
            const { Overlay } = await import("/static/js/overlay.js");
            const canvas = document.createElement("canvas");
            document.querySelector("#stage").append(canvas);
            const overlay = new Overlay(canvas, () => {});
            overlay.fit(640, 480);
            const pictures = [];
            for (const x of [0.4, 0.1]) {
                const face = { box: { x, y: 0.3, width: 0.2, height: 0.3 }, score: 1, label: "without_mask",
                    probabilities: { without_mask: 0.9 } };
                for (const mirrored of [false, true]) {
                    overlay.clear();
                    overlay.mirrored = mirrored;
                    overlay.show([face], null);
                    await new Promise((done) => setTimeout(done, 100));
                    pictures.push(canvas.toDataURL());
                }
            }
            return pictures;
        }"""
    )
    # A box in the middle mirrors onto itself: only mirrored words could make a difference.
    assert plain == mirrored
    assert aside != aside_mirrored
