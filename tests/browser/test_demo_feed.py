"""Without any camera the demo shows how the page works, through the same session as a camera."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from server import demo
from tests.browser.chromium import ALLOWED, CAMERA, Launch
from tests.browser.live_page import LivePage
from tests.browser.serving import Server

PICTURES = Path(__file__).parents[2] / "static" / "vendor" / "demo"
OFFER = "#notice [data-action=demo]"


@pytest.fixture(scope="module", autouse=True)
def _pictures() -> None:
    """As `make` does."""
    if not (PICTURES / "mask.webp").exists():
        demo.make(PICTURES)


def test_the_demo_is_answered_like_a_camera(launch: Launch, server: Server) -> None:
    page = LivePage(launch(ALLOWED).new_page(), server.url).open()
    assert not page.page.locator(OFFER).is_visible()
    page.press("start")
    page.wait(lambda data: data["state"] == "error")
    assert page.page.locator("#notice-title").inner_text() == "Plug in a camera"
    assert page.page.locator("[data-action=start]").count() == 1
    mark = page.page.get_by_text("Demo, not a camera")
    assert not mark.is_visible()
    page.page.locator(OFFER).focus()
    page.page.keyboard.press("Enter")
    assert page.page.evaluate("document.activeElement.dataset.action") == "pause", "the focus goes where the way on is"
    for label in ("without_mask", "with_mask", "incorrect"):
        page.wait(lambda data, label=label: (data["state"], data["labels"]) == ("live", label), 90)  # type: ignore[misc]
        assert mark.is_visible()
    page.press("pause")
    page.wait(lambda data: data["state"] == "idle")
    assert page.page.locator("#notice-title").inner_text() == "The demo is paused"
    assert page.page.evaluate("document.querySelector('#video').srcObject") is None
    assert not mark.is_visible()
    assert page.page.locator("[data-action=start]").count() == 1
    frames = int(page.dataset["frames"])
    page.press("demo")
    page.wait(lambda data: data["state"] == "live" and int(data["frames"]) > frames)
    page.press("pause")
    page.press("start")
    page.wait(lambda data: data["state"] == "error")
    assert page.page.locator(OFFER).is_visible(), "again, for there still is no camera"
    assert page.errors == []


def test_the_demo_ends_where_the_camera_begins(live: LivePage) -> None:
    live.page.add_init_script(
        "window.streams = []; const { captureStream } = HTMLCanvasElement.prototype;"
        "HTMLCanvasElement.prototype.captureStream = function (...rate) {"
        "  const stream = captureStream.call(this, ...rate); window.streams.push(stream); return stream; };"
    )
    live.open()
    # Not offered where there is a camera.
    live.page.evaluate(
        "const button = document.createElement('button'); button.dataset.action = 'demo';"
        "document.body.append(button); button.click(); button.remove();"
    )
    live.wait(lambda data: data["state"] == "live")
    live.press("pause")
    live.press("start")
    live.wait(lambda data: data["state"] == "live")
    assert live.page.evaluate("window.streams.map((stream) => stream.active)") == [False]
    assert not live.page.locator("#demo-mark").is_visible()


@pytest.mark.parametrize(
    ("error", "offered"), [("NotFoundError", True), ("NotAllowedError", True), ("NotReadableError", False)]
)
def test_the_demo_is_offered_where_there_is_no_camera(
    chromium: Browser, server: Server, error: str, offered: bool
) -> None:
    context = chromium.new_context()
    page = LivePage(context.new_page(), server.url)
    page.page.add_init_script(
        f"""navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("the cause", "{error}"));
        navigator.permissions.query = () => Promise.resolve({{ state: "denied" }});"""
    )
    page.open().press("start")
    page.wait(lambda data: data["state"] == "error")
    assert page.page.locator(OFFER).is_visible() is offered
    context.close()


@pytest.mark.parametrize("missing", ["mediaDevices", "isSecureContext"])
def test_the_demo_needs_no_camera_interface(launch: Launch, server: Server, missing: str) -> None:
    page = LivePage(launch(CAMERA, ALLOWED).new_page(), server.url)
    owner = "navigator" if missing == "mediaDevices" else "window"
    page.page.add_init_script(f"Object.defineProperty({owner}, '{missing}', {{ get: () => undefined }});")
    page.open().press("start")
    page.wait(lambda data: data["state"] == "error")
    assert page.page.locator("#notice button.primary").inner_text() == "Check a photo instead"
    page.press("demo")
    page.wait(lambda data: data["state"] == "live" and data["labels"] != "")
    assert page.errors == []


def test_the_demo_s_pictures_are_missing(launch: Launch, server: Server) -> None:
    page = LivePage(launch(ALLOWED).new_page(), server.url)
    page.page.route("**/vendor/demo/*", lambda route: route.fulfill(status=404))
    page.open().press("start")
    page.wait(lambda data: data["state"] == "error")
    page.press("demo")
    page.page.get_by_role("heading", name="Run make once more").wait_for()
    assert page.dataset["state"] == "error"
    assert page.page.locator("[data-action=start]").count() == 1
