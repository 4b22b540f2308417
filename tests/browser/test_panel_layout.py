"""The panel's controls on small screens: large enough to be touched, inside the window, and in both schemes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.live_page import LivePage
from tests.browser.serving import Server

TOUCH_PX = 44
TARGETS = "#details :is(button, select, a, input[type=range]), #details label:is(.face, .switch)"
_MEASURE = """(targets) => {
    const wide = [...document.querySelectorAll("#details, #details *")].filter((each) => {
        const { overflowX, clipPath } = getComputedStyle(each);
        if (each.clientWidth <= 1 || clipPath !== "none") return false;
        const cut = overflowX !== "visible" && each.scrollWidth > each.clientWidth + 1;
        return cut || each.getBoundingClientRect().right > innerWidth + 1;
    });
    const sizes = [...document.querySelectorAll(targets)].map((each) => {
        const { width, height } = each.getBoundingClientRect();
        return [Math.min(width, height), each.outerHTML];
    });
    return [wide.map((each) => each.outerHTML), sizes];
}"""


@pytest.mark.parametrize(("width", "height"), [(360, 740), (640, 360), (768, 1024)])
def test_panel_can_be_touched_and_nothing_overflows(chromium: Browser, server: Server, width: int, height: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=True)
    page = LivePage(context.new_page(), server.url).start().page
    if page.locator("[data-action=panel]").is_visible():
        page.locator("[data-action=panel]").tap()
    for part in ("capture", "network", "queue", "decode", "detect", "classify"):
        assert page.locator(f"[data-share={part}]").is_visible(), "the chart's words"
    # In one go, for faces come and go.
    wide, targets = page.evaluate(_MEASURE, TARGETS)
    assert wide == []
    assert len(targets) >= 9
    assert [html for size, html in targets if size < TOUCH_PX] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
