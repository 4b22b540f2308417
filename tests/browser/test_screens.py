"""Every screen, at three widths in two themes: nothing that axe-core objects to, nothing that sticks out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.axe import objections
from tests.browser.screens import SCREENS, Screen, look_at
from tests.browser.serving import Server


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_screen(chromium: Browser, server: Server, screen: Screen) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, service_workers="block")
    try:
        page = context.new_page()
        screen.open(page, server.url)
        look_at(page, screen.name)
    finally:
        context.close()


def test_axe_objects_to_a_page_that_deserves_it(chromium: Browser, server: Server) -> None:
    page = chromium.new_page()
    page.goto(server.url)
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert [objection["rule"] for objection in objections(page)] == ["button-name"]
    page.close()
