"""What the live page loads: little, and all of it from its own server."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Response

from tests.browser.live_page import LivePage

SCRIPT_BYTES = 200_000
SHEET_BYTES = 40_000


def test_page_is_light_and_asks_nobody_else(live: LivePage) -> None:
    asked: list[str] = []
    answers: dict[str, Response] = {}
    live.page.on("request", lambda request: asked.append(request.url))
    live.page.on("websocket", lambda socket: asked.append(socket.url))
    live.page.on("response", lambda answer: answers.setdefault(answer.url, answer))
    live.start().press("snapshot")
    live.page.wait_for_timeout(500)

    host = urlsplit(live.url).netloc
    local = ("blob:", "data:")
    assert [url for url in asked if not url.startswith(local) and urlsplit(url).netloc != host] == []

    sizes = {urlsplit(url).path: len(answer.body()) for url, answer in answers.items() if "/static/" in url}
    scripts = {path: size for path, size in sizes.items() if path.endswith(".js") and "/vendor/" not in path}
    sheets = {path: size for path, size in sizes.items() if path.endswith(".css")}
    assert {"/static/js/main.js", "/static/js/encode-worker.js"} <= scripts.keys()
    assert sum(scripts.values()) < SCRIPT_BYTES, scripts
    assert "/static/css/tokens.css" in sheets
    assert sum(sheets.values()) < SHEET_BYTES, sheets


def test_nothing_but_our_own_sheets_blocks_the_first_paint(live: LivePage) -> None:
    live.open()
    blocking = live.page.evaluate(
        """() => [...document.head.querySelectorAll("script, link[rel=stylesheet], style")]
            .filter((element) => element.tagName !== "SCRIPT" || (element.type !== "module" && !element.defer))
            .map((element) => element.href ?? element.outerHTML)"""
    )
    assert blocking
    assert all(address.startswith(f"{live.url}/static/css/") for address in blocking)
