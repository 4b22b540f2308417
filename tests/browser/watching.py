"""What tests of sharing share: an owner's panel, and somebody who watches in a profile of their own."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Browser, Page

from tests.browser.live_page import PATIENCE_S, LivePage

DRAWN = """() => {
    const canvas = document.querySelector("#overlay");
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width || 1, canvas.height || 1).data;
    return pixels.some((value, index) => index % 4 === 3 && value > 0);
}"""
"""Whether there is anything on the canvas of the boxes."""

COLOURS = """() => {
    const canvas = document.querySelector("#picture");
    const { width, height } = canvas;
    const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, width, height).data.buffer);
    return new Set(pixels).size;
}"""
"""How many colours the canvas of the picture has: a plain ground has one."""

HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


class Watcher(LivePage):
    """Somebody at a link. pictures: messages that came with a picture's bytes."""

    def __init__(self, chromium: Browser, link: str) -> None:
        self.context = chromium.new_context(viewport={"width": 900, "height": 700})
        super().__init__(self.context.new_page(), link)
        self.pictures = 0
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._came))
        self.open()

    @property
    def says(self) -> str:
        """The words that take the stage."""
        return self.page.locator("#notice").inner_text()

    def phase(self, phase: str) -> Watcher:
        """Wait until the share stands so."""
        self.wait(lambda data: data["phase"] == phase)
        return self

    def leave(self) -> None:
        self.context.close()
        assert self.errors == []

    def _came(self, payload: str | bytes) -> None:
        self.pictures += isinstance(payload, bytes)


def share(live: LivePage) -> str:
    """Open the panel, which shares; returns the link."""
    live.press("share")
    link = live.page.locator("#share-link input")
    link.wait_for()
    until(live.page, lambda: link.input_value() != "", "a link")
    return link.input_value()


def until(page: Page, condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"still waiting for {what}"
        page.wait_for_timeout(50)


def viewers(live: LivePage, count: int) -> None:
    """Wait until the owner sees so many."""
    shown = live.page.locator("#share-count")
    until(live.page, lambda: shown.inner_text() == str(count), f"{count} viewers; {shown.inner_text()} are shown")
