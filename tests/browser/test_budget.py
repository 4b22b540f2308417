"""What the live page loads: little, and all of it from its own server."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Response

from tests.browser.live_page import LivePage

SCRIPT_BYTES = 200_000
SHEET_BYTES = 40_000
BENGALI = "/?lang=bn"
"""Has letters of its own to fetch, and a sheet that says where they are; English is the same without them."""


def test_page_is_light_and_asks_nobody_else(live: LivePage) -> None:
    asked: list[str] = []
    answers: dict[str, Response] = {}
    live.page.on("request", lambda request: asked.append(request.url))
    live.page.on("websocket", lambda socket: asked.append(socket.url))
    live.page.on("response", lambda answer: answers.setdefault(answer.url, answer))
    host = urlsplit(live.url).netloc
    live.url += BENGALI
    live.start().press("snapshot")
    live.page.wait_for_timeout(500)

    local = ("blob:", "data:")
    assert [url for url in asked if not url.startswith(local) and urlsplit(url).netloc != host] == []

    sizes = {urlsplit(url).path: len(answer.body()) for url, answer in answers.items() if "/static/" in url}
    scripts = {path: size for path, size in sizes.items() if path.endswith(".js") and "/vendor/" not in path}
    sheets = {path: size for path, size in sizes.items() if path.endswith(".css")}
    assert {"/static/lang/bn.json", "/static/vendor/fonts/noto-sans-bengali/wght.css"} <= sizes.keys()
    assert {"/static/js/main.js", "/static/js/encode-worker.js"} <= scripts.keys()
    assert sum(scripts.values()) < SCRIPT_BYTES, scripts
    assert "/static/css/tokens.css" in sheets
    assert sum(sheets.values()) < SHEET_BYTES, sheets


def test_nothing_but_our_own_sheets_blocks_the_first_paint(live: LivePage) -> None:
    for language in ("", BENGALI):
        live.page.goto(f"{live.url}{language}")
        live.page.locator("[data-action=start]:enabled").wait_for()
        blocking = live.page.evaluate(
            """() => performance.getEntriesByType("resource")
                .filter((resource) => resource.renderBlockingStatus === "blocking")
                .map((resource) => resource.name)"""
        )
        assert blocking
        assert all(address.startswith(f"{live.url}/static/css/") for address in blocking)
        assert live.page.locator("style").count() == 0
