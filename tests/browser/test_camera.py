"""Whatever keeps the camera from running takes the stage: what happened, what to do, one button."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.chromium import ALLOWED, CAMERA, Launch
from tests.browser.live_page import PATIENCE_S, LivePage
from tests.browser.serving import Server
from tests.browser.test_languages import words


def _failed(page: LivePage, title: str) -> None:
    """The stage says `title`, and one button that can be pressed leads on."""
    page.wait(lambda data: data["state"] == "error")
    notice = page.page.locator("#notice")
    assert notice.locator(".title").inner_text() == title
    assert notice.locator("button.primary:visible").count() == 1
    assert page.page.evaluate("document.querySelector('#video').srcObject") is None


def test_before_the_camera_runs_there_is_one_way_to_start_it(live: LivePage) -> None:
    live.open()
    assert live.dataset == {"state": "idle", "faces": "0", "labels": "", "frames": "0"}
    assert live.page.locator("[data-action=start]").count() == 1
    assert live.page.locator("[data-action=start]").is_enabled()
    assert "Nothing is kept" in live.page.locator("#notice").inner_text()


def test_what_becomes_of_pictures_is_told_at_first_and_in_short_once_start_was_pressed(live: LivePage) -> None:
    note, accepted = live.page.locator("#notice-note"), "localStorage.getItem('maskgate.privacy')"
    first, known = (
        words("en", f"live.privacy.{when}").replace("{host}", urlsplit(live.url).netloc) for when in ("first", "known")
    )
    for _ in range(2):
        live.open()
        expect(note).to_have_text(first)
        assert live.page.evaluate(accepted) is None, "to look is not to agree"
    live.press("start")
    assert live.page.evaluate(accepted) == "accepted"
    live.open()
    expect(note).to_have_text(known)


def test_denied(launch: Launch, server: Server) -> None:
    # Without ALLOWED headless Chromium answers the question with no.
    page = LivePage(launch(CAMERA).new_page(), server.url).open()
    page.press("start")
    _failed(page, "Allow the camera for this page")
    assert page.page.locator("[data-action=start]").count() == 1


def test_no_camera(launch: Launch, server: Server) -> None:
    page = LivePage(launch(ALLOWED).new_page(), server.url).open()
    page.press("start")
    _failed(page, "Plug in a camera")


def test_not_a_secure_address(launch: Launch, server: Server) -> None:
    browser = launch(CAMERA, ALLOWED)
    page = LivePage(browser.new_page(), "http://mask.example/")

    def from_server(route: Route) -> None:
        # The page itself under a foreign name, as over a network without TLS; the server is asked by its own.
        path = route.request.url.removeprefix("http://mask.example")
        route.fulfill(response=route.fetch(url=server.url + path, headers={"Accept": "*/*"}))

    page.page.route("http://mask.example/**", from_server)
    page.open().press("start")
    _failed(page, "Open this page over a secure address")
    assert page.page.locator("#notice [data-action=photo]").inner_text() == "Check a photo instead"
    assert page.page.locator("[data-action=start]").count() == 1, "on the dock, for the stage leads elsewhere"
    page.press("start")
    _failed(page, "Open this page over a secure address")


@pytest.mark.parametrize(
    ("error", "title"),
    [
        ("NotReadableError", "Close the other program that uses the camera"),
        ("AbortError", "Close the other program that uses the camera"),
        ("NotFoundError", "Plug in a camera"),
        ("NotAllowedError", "Allow the camera to go on"),  # closed without an answer: permission is still `prompt`
        ("UnknownError", "Try the camera once more"),
    ],
)
def test_other_refusals(chromium: Browser, server: Server, error: str, title: str) -> None:
    context = chromium.new_context()
    page = LivePage(context.new_page(), server.url)
    page.page.add_init_script(
        f"""navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("the cause", "{error}"));
        navigator.permissions.query = () => Promise.resolve({{ state: "prompt" }});"""
    )
    page.open().press("start")
    _failed(page, title)
    context.close()


def test_prompt_ignored(live: LivePage) -> None:
    live.page.clock.install()
    live.page.add_init_script("navigator.mediaDevices.getUserMedia = () => new Promise(() => {});")
    live.open().press("start")
    live.wait(lambda data: data["state"] == "asking")
    title = live.page.locator("#notice-title")
    assert title.inner_text() == "May MaskGate see the camera?"
    live.page.clock.fast_forward(9_000)
    assert title.inner_text() == "May MaskGate see the camera?"
    live.page.clock.fast_forward(2_000)
    assert title.inner_text() == "Still waiting for your answer"
    assert "address bar" in live.page.locator("#notice-text").inner_text()
    assert live.page.locator("[data-action=start]").is_visible()


def test_unplugged_while_it_runs_and_plugged_in_again(live: LivePage) -> None:
    live.start()
    live.page.evaluate("document.querySelector('#video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")
    _failed(live, "Connect the camera again")
    live.press("start")
    live.wait(lambda data: data["state"] == "live")


def test_camera_of_last_time_is_gone(live: LivePage) -> None:
    live.open()
    live.page.evaluate("localStorage.setItem('maskgate.camera', 'f'.repeat(64))")
    live.start()


def test_picker_remembers_the_camera(launch: Launch, server: Server) -> None:
    browser = launch(f"{CAMERA}=device-count=3", ALLOWED)
    page = LivePage(browser.new_page(), server.url).start()
    picker = page.page.locator("select[data-action=camera]")
    assert picker.locator("option").count() == 3
    running = "document.querySelector('#video').srcObject?.getVideoTracks()[0].getSettings().deviceId"
    other = picker.locator("option").nth(1).get_attribute("value") or ""
    assert page.page.evaluate(running) != other
    picker.focus()
    page.page.keyboard.press("ArrowDown")
    page.wait(lambda data: data["state"] == "live" and page.page.evaluate(running) == other)
    assert page.page.evaluate("document.activeElement.dataset.action") == "camera", "for the next one"
    page.press("pause")
    page.open()
    expect(picker).to_have_value(other, timeout=1_000 * PATIENCE_S)  # seen before the camera runs
    page.start()
    assert page.page.evaluate(running) == other
    assert picker.input_value() == other
    assert page.errors == []


def test_storage_refused(live: LivePage) -> None:
    live.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    live.start().press("mirror")
    assert live.page.locator("[data-action=mirror]").get_attribute("aria-pressed") == "false"
