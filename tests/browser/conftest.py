"""One server, one film and one Chromium for all browser tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.chromium import ALLOWED, CAMERA, CHROMIUM, QUIET, Launch
from tests.browser.feed import Film
from tests.browser.live_page import LivePage
from tests.browser.serving import Server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM.exists():
                item.add_marker(pytest.mark.skip(reason=f"{CHROMIUM} is missing (Debian: apt-get install chromium)"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server, running."""
    running = Server(tmp_path_factory.mktemp("server") / "log.txt")
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def film() -> Film:
    return Film()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture
def launch(playwright: Playwright) -> Iterator[Launch]:
    """Starts a Chromium with the given flags; ended after the test."""
    started: list[Browser] = []

    def start(*flags: str) -> Browser:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *flags])
        started.append(browser)
        return browser

    yield start
    for browser in started:
        browser.close()


@pytest.fixture(scope="session")
def chromium(playwright: Playwright, film: Film, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium whose camera plays the film, allowed without a question."""
    feed = film.write(tmp_path_factory.mktemp("feed") / "film.mjpeg")
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*QUIET, CAMERA, ALLOWED, f"--use-file-for-fake-video-capture={feed}"]
    )
    yield browser
    browser.close()


@pytest.fixture
def live(chromium: Browser, server: Server) -> Iterator[LivePage]:
    """The page in a fresh profile, not yet opened; after the test no error must have gone unnoticed in it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    page = LivePage(context.new_page(), server.url)
    yield page
    context.close()
    assert page.errors == []
