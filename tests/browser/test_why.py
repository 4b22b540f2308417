"""The why of an answer: of the largest face, of one that is tapped, of one chosen from the list."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.live_page import LivePage
from tests.browser.serving import Server

NEAR = {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.5}
FAR = {"x": 0.7, "y": 0.3, "width": 0.1, "height": 0.15}


def _face(track: int, box: dict[str, float], label: str, **more: object) -> dict[str, Any]:
    probabilities = {"with_mask": 0.1, "without_mask": 0.2, "incorrect": 0.7}
    certain = {**probabilities, label: 0.9} if label != "unsure" else probabilities
    return {"box": box, "track": track, "label": label, "score": 0.87, "settled": True, "probabilities": certain} | more


def _hear(live: LivePage, *faces: dict[str, Any]) -> None:
    live.answer_with(json.dumps([{"kind": "result", "result": {"faces": faces, "dropped": 0}}]))
    labels = ",".join(face["label"] for face in faces)
    live.wait(lambda data: data["labels"] == labels)


def _why(live: LivePage, name: str) -> str:
    return live.page.locator(f"[data-why={name}]").inner_text().replace("\u00a0", " ")


TWO = (_face(3, NEAR, "with_mask"), _face(5, FAR, "unsure", reason="too_small"))


def test_largest_face_at_first(live: LivePage) -> None:
    live.start()
    _hear(live, *TWO)
    shown = live.page.locator("[data-figure=picture]")
    live.wait(lambda _: "×" in shown.inner_text())
    picture = shown.inner_text().split()
    pixels = max(0.3 * float(picture[0]), 0.5 * float(picture[2]))
    assert _why(live, "size") == f"{round(pixels)} px, 50 % of the height"
    assert _why(live, "score") == "87 %"
    winner = live.page.locator(".certainty.winner")
    assert winner.get_attribute("data-certainty") == "with_mask"
    assert winner.locator(".percent").inner_text() == "90\u00a0%"
    assert live.page.locator("#because").inner_text() == "The answer has settled."
    live.wait(lambda _: _why(live, "standing") not in ("–", "0 s"))  # it counts while the answer stands
    _hear(live, _face(3, NEAR, "incorrect", settled=False), TWO[1])
    assert _why(live, "standing") == "0 s"
    assert live.page.locator("#because").inner_text() == "The answer has not settled yet."


def test_a_box_that_is_clicked_is_followed(live: LivePage) -> None:
    live.start()
    _hear(live, *TWO)
    live.press("mirror")  # off: boxes where the answers have them
    live.page.wait_for_timeout(500)
    place = live.page.evaluate(
        """({ x, y, width, height }) => {
            const canvas = document.querySelector("#overlay").getBoundingClientRect();
            const video = document.querySelector("#video");
            const scale = Math.min(canvas.width / video.videoWidth, canvas.height / video.videoHeight);
            const [wide, high] = [video.videoWidth * scale, video.videoHeight * scale];
            return [canvas.left + (canvas.width - wide) / 2 + (x + width / 2) * wide,
                canvas.top + (canvas.height - high) / 2 + (y + height / 2) * high];
        }""",
        FAR,
    )
    live.page.mouse.move(*place)
    assert live.page.evaluate("document.querySelector('#stage').classList.contains('over-face')")
    live.page.mouse.click(*place)
    because = live.page.locator("#because")
    expect(because).to_have_text("Not sure because the face is small in the picture: come closer.")
    assert live.page.locator("input[name=face]:checked").input_value() == "5"
    assert live.page.evaluate("getComputedStyle(document.querySelector('.face:has(:checked)')).fontWeight") == "600"
    # It is larger now, elsewhere, and not the largest: still the one that was clicked.
    _hear(live, TWO[0], _face(5, {"x": 0.6, "y": 0.1, "width": 0.2, "height": 0.3}, "unsure", reason="too_dark"))
    expect(because).to_have_text("Not sure because the face is too dark: more light, please.")
    assert _why(live, "size").endswith("30 % of the height")
    # It leaves: said at first, and then the largest is looked at again.
    _hear(live, TWO[0])
    expect(because).to_have_text("This face is not in the picture now.")
    expect(because).to_have_text("The answer has settled.")
    assert live.page.locator("input[name=face]:checked").input_value() == ""
    expect(live.page.locator("input[name=face]")).to_have_count(2)


def test_a_face_is_chosen_by_keyboard(live: LivePage) -> None:
    live.start()
    _hear(live, *TWO)
    live.page.locator("input[name=face]").first.focus()
    live.page.keyboard.press("ArrowDown")
    live.page.keyboard.press("ArrowDown")
    expect(live.page.locator("#because")).to_have_text(
        "Not sure because the face is small in the picture: come closer."
    )
    expect(live.page.locator(".face:has(:checked)")).to_have_text("5: not sure")
    blue = live.page.evaluate(
        """() => {
            const canvas = document.querySelector("#overlay");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            let count = 0;
            for (let at = 0; at < data.length; at += 4) {
                const far = Math.abs(data[at] - 31) + Math.abs(data[at + 1] - 79) + Math.abs(data[at + 2] - 216);
                count += far < 12 && data[at + 3] > 250;
            }
            return count;
        }"""
    )
    assert blue > 50, "the chosen face's plate is marked"


def test_a_tap_opens_the_sheet(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    live = LivePage(context.new_page(), server.url).start()
    _hear(live, _face(1, {"x": 0.2, "y": 0.2, "width": 0.6, "height": 0.6}, "unsure", reason="turned_away"))
    live.page.wait_for_timeout(300)
    live.page.locator("#stage").tap()
    expect(live.page.locator("#because")).to_have_text("Not sure because the face is turned: face the camera.")
    context.close()


def test_turns_with_the_language(live: LivePage) -> None:
    live.start()
    _hear(live, *TWO)
    live.page.locator("[data-action=pause]").focus()
    live.page.locator("select[data-action=language]").select_option("es")
    unsure = live.page.evaluate(
        "fetch('/static/lang/es.json').then((answer) => answer.json()).then((words) => words.labels.unsure)",
    )
    assert unsure != "not sure"
    expect(live.page.locator("label:has(input[name=face][value='5'])")).to_have_text(f"5: {unsure}")
    expect(live.page.locator("[data-output=smoothing]")).to_have_text("0,2 s")
