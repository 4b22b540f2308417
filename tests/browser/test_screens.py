"""Every screen, at three widths in two themes: nothing that axe-core objects to, nothing that sticks out.

The pictures are kept in `artefacts/screens/` for people to look at.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import objections
from tests.browser.screens import SCREENS, Screen
from tests.browser.serving import Server

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "artefacts" / "screens"
SIZES = ((360, 740), (768, 1024), (1920, 1080))
ZOOM = 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_screen(chromium: Browser, server: Server, screen: Screen, scheme: str) -> None:
    context = chromium.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    try:
        page = context.new_page()
        screen.open(page, server.url)
        assert objections(page) == []
        PICTURES.mkdir(parents=True, exist_ok=True)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert width_needed(page) <= width
            page.screenshot(path=PICTURES / f"{screen.name}-{width}-{scheme}.png")
        # What a browser shows of 1280 px at 200 % zoom.
        page.set_viewport_size({"width": 1280 // ZOOM, "height": 800 // ZOOM})
        assert width_needed(page) <= 1280 // ZOOM
    finally:
        context.close()


def test_axe_objects_to_a_page_that_deserves_it(chromium: Browser, server: Server) -> None:
    page = chromium.new_page()
    page.goto(server.url)
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert [objection["rule"] for objection in objections(page)] == ["button-name"]
    page.close()


def width_needed(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))
