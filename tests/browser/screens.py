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


SCREENS = (
    Screen("live-invitation", "/"),
    Screen("live", "/", _live),
    Screen("models", "/models"),
    Screen("model", "/models/mobilenetv2"),
    Screen("model-missing", "/models/nowhere"),
)
