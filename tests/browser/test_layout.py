"""The page on phones, tablets and walls, in light and in dark, by keyboard and with still boxes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.live_page import LivePage
from tests.browser.serving import Server

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"
TOUCH_PX = 44
ON_TOP = """(button) => {
    const { left, top, width, height } = button.getBoundingClientRect();
    const found = document.elementFromPoint(left + width / 2, top + height / 2);
    return top >= 0 && top + height <= innerHeight && found !== null && (found === button || button.contains(found));
}"""


@pytest.mark.parametrize(("width", "height"), [(360, 640), (640, 360), (768, 1024), (1920, 1080)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits(chromium: Browser, server: Server, width: int, height: int, scheme: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = LivePage(context.new_page(), server.url).open()
    for _ in ("idle", "live"):
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width
        for button in page.page.locator("button:visible, select:visible").all():
            box = button.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= TOUCH_PX, button.evaluate("(element) => element.outerHTML")
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert button.evaluate(ON_TOP) or button.evaluate("(button) => button.closest('#details') !== null"), (
                "covered or outside the window"
            )
        if page.dataset["state"] == "idle":
            page.press("start")
            page.wait(lambda data: data["state"] == "live")
    context.close()


def test_every_state_fits_a_phone(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 640})
    page = LivePage(context.new_page(), server.url).open().page
    for status in page.evaluate(
        "fetch('/static/lang/en.json').then((answer) => answer.json()).then((words) => Object.values(words.state))"
    ):
        page.evaluate("(text) => { document.querySelector('#status').textContent = text; }", status)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, status
        cut = "document.querySelector('#status').scrollWidth > document.querySelector('#status').clientWidth"
        assert not page.evaluate(cut), status
    context.close()


@pytest.mark.parametrize(("width", "height"), [(360, 740), (640, 360), (1280, 800)])
def test_panel_keeps_its_place_however_many_faces(chromium: Browser, server: Server, width: int, height: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": height})
    page = LivePage(context.new_page(), server.url).start()
    places = []
    for labels in ([], ["with_mask"], ["incorrect"], ["with_mask", "without_mask", "incorrect", "unsure"]):
        faces = [
            {"box": {"x": 0.2 * at, "y": 0.3, "width": 0.1, "height": 0.2}, "label": label, "probabilities": {}}
            for at, label in enumerate(labels)
        ]
        page.answer_with(f"[{{ kind: 'result', result: {{ faces: {json.dumps(faces)}, dropped: 0 }} }}]")
        page.wait(lambda data, labels=labels: data["labels"] == ",".join(labels))  # type: ignore[misc]
        places.append(page.page.locator(".now").bounding_box())
    assert all(place == places[0] for place in places)
    assert page.page.locator("#answer").inner_text() == "4 faces"
    assert page.page.locator("#advice").inner_text().replace("\u00a0", " ") == (
        "1 no mask, 1 worn incorrectly, 1 not sure, 1 mask"
    )
    context.close()


def test_dock_keeps_its_place_whatever_happens(live: LivePage) -> None:
    def places() -> list[object]:
        return [button.bounding_box() for button in live.page.locator(".dock button, .dock select").all()]

    live.open()
    before = places()
    live.start()
    assert places() == before
    live.press("pause")
    assert places() == before


def test_sheet_on_a_phone_opens_and_closes(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = LivePage(context.new_page(), server.url).open().page
    handle, details = page.locator("[data-action=panel]"), page.locator("#details")
    assert not details.is_visible()
    handle.tap()
    assert details.is_visible()
    assert handle.get_attribute("aria-expanded") == "true"
    handle.tap()
    assert not details.is_visible()
    context.close()


def test_keyboard_alone(live: LivePage) -> None:
    live.open()
    focused = "document.activeElement.dataset.action ?? ''"
    for _ in range(10):
        live.page.keyboard.press("Tab")
        if live.page.evaluate(focused) == "start":
            break
    assert live.page.evaluate(focused) == "start"
    assert live.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    live.page.keyboard.press("Enter")
    live.wait(lambda data: data["state"] == "live")
    assert live.page.evaluate(focused) == "pause", "the focus goes where the way on is"
    live.page.keyboard.press("Enter")
    live.wait(lambda data: data["state"] == "idle")
    assert live.page.evaluate(focused) == "start"


def test_no_motion_where_none_is_wanted(chromium: Browser, server: Server) -> None:
    moved = """async () => {
        const { Glide } = await import("/static/js/glide.js");
        const { Overlay } = await import("/static/js/overlay.js");
        const canvas = document.createElement("canvas");
        document.querySelector("#stage").append(canvas);
        const overlay = new Overlay(canvas, () => {});
        const face = (x) => ({ box: { x, y: 0.3, width: 0.3, height: 0.3 }, score: 1, label: "with_mask",
            probabilities: { with_mask: 1 } });
        overlay.fit(640, 480);
        const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        overlay.show([face(0.2)], null);
        await drawn();
        overlay.show([face(0.3)], null);
        await drawn();
        const soon = canvas.toDataURL();
        await new Promise((done) => setTimeout(done, 400));
        return soon !== canvas.toDataURL();
    }"""
    for motion, expected in (("no-preference", True), ("reduce", False)):
        context = chromium.new_context(reduced_motion=motion)
        page = LivePage(context.new_page(), server.url).open().page
        assert page.evaluate(moved) is expected
        context.close()


def _tokens(scheme: str) -> dict[str, str]:
    text = TOKENS.read_text()
    light, dark = text.split("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    return found if scheme == "light" else found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark))


def _luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour, 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back"),
    [
        *((front, back) for front in ("ink", "quiet-ink") for back in ("ground", "raised", "recess")),
        *((front, "ground") for front in ("with-mask", "without-mask", "incorrect", "unsure", "action")),
        ("on-action", "action"),
    ],
)
def test_words_stand_out(scheme: str, front: str, back: str) -> None:
    tokens = _tokens(scheme)
    light, dark = sorted((_luminance(tokens[front]), _luminance(tokens[back])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
