"""How boxes move from answer to answer, tried out in the browser's own module by a clock of our own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.live_page import LivePage

_GLIDE = """async ([answers, looks, still]) => {
    const { Glide } = await import("/static/js/glide.js");
    const glide = new Glide();
    glide.still = still;
    const seen = [];
    let next = 0;
    for (const now of looks) {
        while (next < answers.length && answers[next][0] <= now) glide.aim(answers[next][1], answers[next++][0]);
        seen.push({ shown: glide.at(now), moving: glide.moving(now) });
    }
    return seen;
}"""

Look = dict[str, Any]


def _face(track: int, x: float, *, settled: bool = True) -> dict[str, Any]:
    box = {"x": x, "y": 0.4, "width": 0.1, "height": 0.2}
    return {"box": box, "track": track, "settled": settled, "label": "with_mask", "probabilities": {}, "score": 1}


def _looks(live: LivePage, answers: list[Any], looks: list[float], *, still: bool = False) -> list[Look]:
    seen: list[Look] = live.open().page.evaluate(_GLIDE, [answers, looks, still])
    return seen


def _places(look: Look) -> dict[int, float]:
    return {shown["face"]["track"]: shown["face"]["box"]["x"] for shown in look["shown"]}


def test_boxes_glide_by_their_track(live: LivePage) -> None:
    # Two people pass each other: by overlap alone each would get the other's box.
    answers = [[0, [_face(1, 0.4), _face(2, 0.5)]], [100, [_face(1, 0.5), _face(2, 0.4)]]]
    start, soon, later, end = _looks(live, answers, [100, 120, 150, 400])
    assert _places(start) == {1: pytest.approx(0.4), 2: pytest.approx(0.5)}
    assert 0.4 < _places(soon)[1] < _places(later)[1] < 0.5
    assert 0.4 < _places(later)[2] < _places(soon)[2] < 0.5
    assert _places(end) == {1: pytest.approx(0.5), 2: pytest.approx(0.4)}
    assert [look["moving"] for look in (start, soon, later, end)] == [True, True, True, False]


def test_a_settled_face_keeps_still_until_it_moves(live: LivePage) -> None:
    steps = [(0, 0.4), (100, 0.403), (200, 0.398), (300, 0.402), (400, 0.43)]
    for settled in (True, False):
        answers = [[at, [_face(1, x, settled=settled)]] for at, x in steps]
        *trembling, end = _looks(live, answers, [99, 199, 299, 399, 800])
        places = {round(_places(look)[1], 6) for look in trembling}
        assert (places == {0.4}) is settled
        assert _places(end)[1] == pytest.approx(0.43)


def test_a_face_that_is_gone_fades_and_may_come_back(live: LivePage) -> None:
    answers: list[Any] = [[0, [_face(1, 0.2), _face(2, 0.6)]], [100, [_face(1, 0.2)]]]
    both, fading, fainter, gone = _looks(live, answers, [50, 150, 250, 700])
    assert [shown["opacity"] for shown in both["shown"]] == [1, 1]
    assert [shown["face"]["track"] for shown in fading["shown"]] == [1, 2]
    assert 0 < fainter["shown"][1]["opacity"] < fading["shown"][1]["opacity"] < 1
    assert fainter["moving"]
    assert list(_places(gone)) == [1]
    assert not gone["moving"]

    back = [*answers, [200, [_face(1, 0.2), _face(2, 0.65)]]]
    at_once, end = _looks(live, back, [200, 700])
    assert [shown["opacity"] for shown in at_once["shown"]] == [1, 1]
    assert _places(at_once)[2] == pytest.approx(0.6), "from where it was fading"
    assert _places(end)[2] == pytest.approx(0.65)


def test_a_new_number_in_the_same_place_takes_over_at_once(live: LivePage) -> None:
    answers: list[Any] = [[0, [_face(1, 0.4)]], [2_000, [_face(2, 0.42)]]]
    (look,) = _looks(live, answers, [2_050])
    assert [shown["face"]["track"] for shown in look["shown"]] == [2]


def test_no_motion_where_none_is_wanted_by_track(live: LivePage) -> None:
    answers: list[Any] = [[0, [_face(1, 0.2), _face(2, 0.6)]], [100, [_face(1, 0.4)]]]
    (look,) = _looks(live, answers, [100], still=True)
    assert _places(look) == {1: 0.4}
    assert not look["moving"]


def test_a_label_that_is_not_settled_is_drawn_thin(live: LivePage) -> None:
    ink = """async ([settled]) => {
        const { Overlay } = await import("/static/js/overlay.js");
        const canvas = document.createElement("canvas");
        document.querySelector("#stage").append(canvas);
        const overlay = new Overlay(canvas, () => {});
        overlay.fit(640, 480);
        overlay.show([{ box: { x: 0.3, y: 0.3, width: 0.3, height: 0.3 }, label: "with_mask", track: 1, settled,
            score: 1, probabilities: { with_mask: 1 } }], null);
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        canvas.remove();
        let opaque = 0;
        for (let at = 3; at < data.length; at += 4) opaque += data[at] > 0;
        return opaque;
    }"""
    live.open()
    assert live.page.evaluate(ink, [False]) < live.page.evaluate(ink, [True])
