"""3,000 answers leave nothing behind in the kiosk; `make soak` watches it for an hour."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.browser.kiosk_page import CROWD, KioskPage
from tests.browser.serving import Server

FRAMES = 3_000


def test_memory_stays_flat(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(service_workers="block")
    kiosk = KioskPage(context.new_page(), server.url).by_hand().fast().open()
    kiosk.wait(lambda data: data["state"] == "live")

    def after(frames: int) -> dict[str, int]:
        kiosk.wire(f"(wire.every = 0, wire.faces = {CROWD}, 0)")
        since = int(kiosk.dataset["frames"])
        kiosk.wait(lambda data: int(data["frames"]) >= since + frames, patience_s=240)
        kiosk.wire("(wire.every = 50, wire.faces = [], 0)")
        kiosk.wait(lambda data: data["faces"] == "0")
        kiosk.page.wait_for_timeout(2_000)  # until everybody has left
        return kiosk.memory()

    first, last = after(FRAMES // 3), after(FRAMES)
    assert last["bytes"] - first["bytes"] < 300_000, (first, last)
    assert last["nodes"] - first["nodes"] < 30, (first, last)
    assert last["listeners"] - first["listeners"] < 10, (first, last)
    assert kiosk.errors == []
    context.close()
