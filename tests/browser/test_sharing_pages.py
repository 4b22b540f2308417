"""A stream shared from the live page, and those who watch it in profiles of their own."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from server.web.access.state import StateFolder
from tests.browser.live_page import PATIENCE_S, LivePage
from tests.browser.serving import Server
from tests.browser.test_layout import ON_TOP, TOUCH_PX
from tests.browser.test_login import sign_in
from tests.browser.watching import COLOURS, DRAWN, HIDE, Watcher, share, until, viewers
from tests.web.access.light import keep_password

FULL = "document.fullscreenElement !== null"
ONE_MOMENT = """export class Channel {
    constructor(_, { onState, onMoment }) {
        const box = { x: 0.1, y: 0.3, width: 0.2, height: 0.4 };
        const face = { box, label: "with_mask", score: 1, probabilities: {}, track: 1, settled: true };
        onState({ phase: "live", name: "", picture: false });
        setTimeout(() => onMoment({ number: 1, width: 640, height: 480, faces: [face] }, null));
    }
    next() {}
}"""
"""Stands in for `static/js/watch/channel.js`: a share in which nobody moves."""


def test_two_watch_one_leaves_and_the_share_ends(live: LivePage, chromium: Browser) -> None:
    live.start()
    link = share(live)
    assert len(link.rpartition("/")[2]) >= 22, "128 random bits are 22 characters"
    assert live.page.locator("button[data-action=share]").get_attribute("aria-pressed") == "true"
    viewers(live, 0)
    eve = Watcher(chromium, link)
    viewers(live, 1)
    bob = Watcher(chromium, link)
    viewers(live, 2)
    expect(live.page.locator("#share-viewers")).to_have_text("2 people watch.")
    for watcher in (eve, bob):
        seen = watcher.wait(lambda data: data["state"] == "live" and data["labels"] in ("with_mask", "without_mask"))
        assert seen["faces"] == "1"
        assert watcher.page.evaluate(DRAWN)
        assert watcher.page.locator("#answer").inner_text().lower() in ("mask", "no mask")
    bob.leave()
    viewers(live, 1)
    expect(live.page.locator("#share-viewers")).to_have_text("1 person watches.")
    before = int(eve.dataset["frames"])
    eve.wait(lambda data: int(data["frames"]) > before)

    live.press("unshare")
    eve.phase("ended")
    assert "The sharing has ended" in eve.says
    assert (eve.dataset["state"], eve.dataset["faces"]) == ("error", "0")
    assert live.page.locator("button[data-action=share]").get_attribute("aria-pressed") == "false"
    assert live.page.evaluate("document.activeElement.dataset.action") == "share-again"
    assert live.dataset["state"] == "live", "the camera goes on"
    eve.page.reload()
    eve.phase("unknown")
    assert "Ask for a new link" in eve.says
    eve.leave()
    live.press("share-again")
    again = live.page.locator("#share-link input")
    again.wait_for()
    assert again.input_value() != link


def test_the_picture_is_shown_only_while_its_owner_wants_it(live: LivePage, chromium: Browser) -> None:
    live.start()
    eve = Watcher(chromium, share(live)).phase("live")
    before = int(eve.dataset["frames"])
    eve.wait(lambda data: int(data["frames"]) >= before + 3)
    assert eve.pictures == 0, "boxes alone, until the owner says otherwise"
    assert eve.page.evaluate(COLOURS) == 1
    assert "no picture" in eve.page.locator("#privacy").inner_text()

    live.page.locator("#share-picture").check()
    until(eve.page, lambda: eve.page.evaluate(COLOURS) > 1_000, "the picture")
    assert eve.pictures > 0
    assert "lets you see the picture" in eve.page.locator("#privacy").inner_text()

    live.page.locator("#share-picture").uncheck()
    until(eve.page, lambda: eve.page.evaluate(COLOURS) == 1, "the picture to go")
    had, before = eve.pictures, int(eve.dataset["frames"])
    eve.wait(lambda data: int(data["frames"]) >= before + 3)
    assert eve.pictures == had
    eve.leave()


def test_a_pause_and_a_look_away_are_told_and_keep_the_link(live: LivePage, chromium: Browser) -> None:
    live.open()
    link = share(live)
    live.page.locator("#share-name").fill("Front door")
    live.press("share-close")
    eve = Watcher(chromium, link).phase("paused")
    until(eve.page, lambda: eve.page.locator("#name").inner_text() == "Front door", "the name")
    live.press("start")
    eve.phase("live")
    assert eve.page.title() == "Front door · MaskGate"
    live.page.evaluate(HIDE, True)
    eve.phase("paused")
    assert eve.dataset["state"] == "idle"
    assert eve.dataset["faces"] == "0"
    live.page.evaluate(HIDE, False)
    eve.phase("live")
    live.press("pause")
    eve.phase("paused")
    assert live.dataset["state"] == "idle"
    viewers(live, 1)
    live.press("start")
    eve.phase("live")
    eve.leave()


def test_a_reload_of_the_owners_page_takes_the_share_back(live: LivePage, chromium: Browser) -> None:
    link = share(live.open())
    live.page.locator("#share-picture").check()
    eve = Watcher(chromium, link).phase("paused")
    live.page.reload()
    viewers(live, 1)
    live.press("start")
    eve.phase("live")
    until(eve.page, lambda: eve.page.evaluate(COLOURS) > 1_000, "the picture, which was allowed before")
    live.press("share")
    assert live.page.locator("#share-link input").input_value() == link
    live.press("unshare")
    eve.phase("ended")
    eve.leave()


def test_who_does_not_look_is_sent_nothing(live: LivePage, chromium: Browser) -> None:
    live.start()
    eve = Watcher(chromium, share(live)).phase("live")
    eve.page.evaluate(HIDE, True)
    eve.page.wait_for_timeout(1_000)
    frames = eve.dataset["frames"]
    eve.page.wait_for_timeout(1_500)
    assert eve.dataset["frames"] == frames
    eve.page.evaluate(HIDE, False)
    eve.wait(lambda data: int(data["frames"]) > int(frames) + 1)
    eve.leave()


def test_a_viewer_mirrors_the_picture_and_fills_the_screen(live: LivePage) -> None:
    link = share(live.open())
    live.page.route("**/watch/channel.js", lambda route: route.fulfill(body=ONE_MOMENT, content_type="text/javascript"))
    live.page.goto(link)
    live.wait(lambda data: data["labels"] == "with_mask")
    mirror, picture = live.page.locator("[data-action=mirror]"), live.page.locator("#picture")
    for pressed, left, turned in (("false", 0.1, 1), ("true", 0.7, -1), ("false", 0.1, 1)):
        assert mirror.get_attribute("aria-pressed") == pressed
        until(live.page, lambda left=left: _left(live) == pytest.approx(left, abs=0.02), "the box to turn")  # type: ignore[misc]
        assert picture.evaluate("(picture) => new DOMMatrix(getComputedStyle(picture).transform).a") == turned
        assert live.page.locator("#answer").inner_text().lower() == "mask"
        mirror.click()
    for full in (True, False):
        live.press("fullscreen")
        until(live.page, lambda full=full: live.page.evaluate(FULL) is full, "the screen")  # type: ignore[misc]


def _left(live: LivePage) -> float | None:
    box = live.brackets("--on-picture-with-mask")
    return box and box.x


def test_silence_is_told_and_boxes_turn_grey(live: LivePage, chromium: Browser) -> None:
    live.start()
    eve = Watcher(chromium, share(live)).phase("live")
    live.page.evaluate("document.querySelector('#video').pause()")
    eve.phase("stalled")
    assert "Nothing new for" in eve.page.locator("#chip").inner_text()
    live.page.evaluate("document.querySelector('#video').play()")
    eve.phase("live")
    assert not eve.page.locator("#chip").is_visible()
    eve.leave()


def test_the_qr_code_is_the_link(live: LivePage) -> None:
    link = share(live.open())
    code = live.page.locator("#share-link img")
    until(live.page, lambda: code.evaluate("(image) => image.complete && image.naturalWidth > 0"), "the drawing")
    pixels = cv2.imdecode(np.frombuffer(code.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(
        cv2.resize(pixels, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    )
    assert text == link


def test_the_link_is_copied(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    live = LivePage(context.new_page(), server.url).open()
    link = share(live)
    button = live.page.locator("#share-link [data-copy]")
    button.click()
    expect(button).to_have_text("Copied")
    assert live.page.evaluate("navigator.clipboard.readText()") == link
    context.close()


def test_a_link_that_only_this_computer_can_open_is_told(live: LivePage) -> None:
    share(live.open())
    note = live.page.locator("#share-local")
    assert "docs/deploy.md" in note.inner_text()
    live.page.evaluate(
        """async () => {
            const { Link } = await import("/static/js/link.js");
            const root = document.createElement("div");
            document.querySelector("#share").append(root);
            new Link(root).url = "https://masks.example.org/watch/x";
        }"""
    )
    assert not note.is_visible()


@pytest.mark.parametrize(("width", "height"), [(360, 640), (768, 1024), (1920, 1080)])
def test_panel_and_page_fit(chromium: Browser, server: Server, width: int, height: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": height})
    live = LivePage(context.new_page(), server.url).open()
    link = share(live)
    watcher = LivePage(context.new_page(), link).open()
    watcher.wait(lambda data: data["phase"] == "paused")
    for page, within in ((live.page, "#share "), (watcher.page, "")):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for button in page.locator(f"{within}button:visible").all():
            button.scroll_into_view_if_needed()
            box = button.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= TOUCH_PX, button.evaluate("(element) => element.outerHTML")
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert button.evaluate(ON_TOP), "covered or outside the window"
    assert live.page.evaluate(
        "document.querySelector('#share').scrollWidth <= document.querySelector('#share').clientWidth"
    )
    context.close()


def test_by_keyboard_alone(live: LivePage) -> None:
    live.open()
    live.page.locator("button[data-action=share]").focus()
    live.page.keyboard.press("Enter")
    dialog = live.page.locator("#share")
    expect(dialog).to_be_visible()
    viewers(live, 0)
    live.page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    assert live.page.evaluate("document.activeElement.dataset.action") == "share"
    assert live.page.locator("button[data-action=share]").get_attribute("aria-label") == "Share: on, watched by 0"
    live.page.keyboard.press("Enter")
    live.page.locator("[data-action=unshare]").focus()
    live.page.keyboard.press("Enter")
    expect(live.page.locator("#share-count")).to_be_hidden()


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server behind a password that lets one watch a share, and forgets an owner after two seconds."""
    folder = StateFolder(tmp_path_factory.mktemp("narrow") / "state")
    keep_password(folder)
    settings = {"watchers": 1, "share_grace": 2, "detector": "haar", "workers": 1, "state_dir": folder.path}
    running = Server(tmp_path_factory.mktemp("narrow-server") / "log.txt", **settings)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def owner(chromium: Browser, server: Server) -> LivePage:
    """The live page of somebody who signed in; viewers and guests have profiles without that."""
    live = LivePage(chromium.new_context(base_url=server.url).new_page(), server.url)
    sign_in(live.page)
    live.page.locator("[data-action=start]:enabled").wait_for()  # the scripts are there
    return live


def test_one_more_than_may_watch_is_told_and_comes_in_later(chromium: Browser, narrow: Server) -> None:
    live = owner(chromium, narrow)
    link = share(live)
    eve = Watcher(chromium, link).phase("paused")
    bob = Watcher(chromium, link).phase("full")
    assert "All places are taken" in bob.says
    viewers(live, 1)
    eve.leave()
    bob.phase("paused")
    bob.leave()
    live.page.context.close()


def test_a_guest_tries_it_by_a_link_until_it_is_ended(chromium: Browser, narrow: Server) -> None:
    live = owner(chromium, narrow)
    live.press("share")
    live.press("invite")
    item = live.page.locator("#guest-links li")
    expect(item).to_contain_text("Nobody is using it.")
    link = item.locator("input").input_value()
    guest = LivePage(chromium.new_context().new_page(), link).open()
    assert guest.page.locator("[data-action=share]").count() == 0, "the server is not theirs to share"
    guest.press("start")
    expect(item).to_contain_text("1 person is using it.", timeout=PATIENCE_S * 1_000)
    live.press("revoke")
    expect(item).to_have_count(0)
    guest.wait(lambda data: data["state"] not in ("connecting", "live", "asking"))
    assert guest.errors == []
    for page in (guest.page, live.page):
        page.context.close()


def test_an_owner_that_leaves_for_good_ends_the_share(chromium: Browser, narrow: Server) -> None:
    live = owner(chromium, narrow)
    eve = Watcher(chromium, share(live)).phase("paused")
    live.page.context.close()
    eve.phase("away")
    assert "One moment" in eve.says
    eve.phase("ended")
    eve.leave()


def test_a_restart_of_the_server_ends_the_share_and_both_hear_it(chromium: Browser, narrow: Server) -> None:
    live = owner(chromium, narrow)
    eve = Watcher(chromium, share(live)).phase("paused")
    live.press("share-close")
    narrow.stop()
    narrow.start()
    eve.phase("ended")
    trouble = live.page.locator("#share-trouble")
    trouble.wait_for()
    assert "MaskGate was started anew" in trouble.inner_text()
    assert live.page.locator("button[data-action=share]").get_attribute("aria-pressed") == "false"
    eve.leave()
    live.page.context.close()


def test_a_link_that_leads_nowhere_says_so(chromium: Browser, server: Server) -> None:
    eve = Watcher(chromium, f"{server.url}/watch/{'x' * 32}").phase("unknown")
    assert eve.dataset == {"state": "error", "phase": "unknown", "faces": "0", "labels": "", "frames": "0"}
    assert "Ask for a new link" in eve.says
    eve.leave()
