"""Every screen that people meet, for tests that look at all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.live_page import LivePage


@dataclass(frozen=True, slots=True)
class Screen:
    """A page in one state. name: of its pictures. path: to open. prepare: what to do there before looking."""

    name: str
    path: str
    prepare: Callable[[LivePage], object] = lambda page: None

    def open(self, page: Page, url: str) -> None:
        """Open it in a page of the browser; url: the server's."""
        page.goto(url + self.path)
        self.prepare(LivePage(page, url + self.path))


def _live(page: LivePage) -> None:
    page.press("start")
    page.wait(lambda data: data["state"] == "live" and data["faces"] == "1")


def _share(page: LivePage) -> None:
    page.press("share")
    page.page.locator("#share-link input").wait_for()
    page.page.locator("#guests").wait_for()


def _watch(page: LivePage) -> None:
    owner = LivePage(page.page.context.new_page(), page.url).open()
    _live(owner)
    _share(owner)
    page.page.goto(owner.page.locator("#share-link input").input_value())
    page.wait(lambda data: data["state"] == "live" and data["faces"] == "1")


def _answered(page: LivePage) -> None:
    page.wait(lambda data: data["labels"] != "")


SCREENS = (
    Screen("live-invitation", "/"),
    Screen("live", "/", _live),
    Screen("share", "/", _share),
    Screen("watch", "/", _watch),
    Screen("watch-unknown", "/watch/nowhere"),
    Screen("guest-unknown", "/try/nowhere"),
    Screen("kiosk", "/kiosk?stream=Front%20door", _answered),
    Screen("models", "/models"),
    Screen("model", "/models/mobilenetv2"),
    Screen("model-missing", "/models/nowhere"),
)
