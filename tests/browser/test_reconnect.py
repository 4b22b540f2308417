"""A page that stays open survives what happens to the server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.live_page import LivePage
from tests.browser.serving import Server


@pytest.fixture
def mortal(server: Server) -> Iterator[Server]:
    """The server, running again after the test whatever happened in it."""
    yield server
    server.stop()
    server.start()


def test_comes_back_by_itself_after_the_server_was_away(live: LivePage, mortal: Server) -> None:
    live.start()
    mortal.stop()
    stalled = live.wait(lambda data: data["state"] == "stalled")
    chip = live.page.locator("#chip")
    assert "server cannot be reached" in chip.inner_text()
    first = chip.inner_text()
    live.page.wait_for_timeout(1_500)
    assert chip.inner_text() != first, "the notice counts the seconds"
    assert live.brackets("--on-picture-stale") is not None, "boxes that are old are grey"

    mortal.start()
    live.wait(lambda data: data["state"] == "live" and int(data["frames"]) > int(stalled["frames"]))
    assert not chip.is_visible()
    assert live.brackets("--on-picture-stale") is None


def test_says_so_when_the_server_is_there_and_silent(live: LivePage, mortal: Server) -> None:
    live.start()
    mortal.freeze()
    try:
        stalled = live.wait(lambda data: data["state"] == "stalled")
        assert "No answer for" in live.page.locator("#chip").inner_text()
    finally:
        mortal.thaw()
    live.wait(lambda data: data["state"] == "live" and int(data["frames"]) > int(stalled["frames"]))


def test_says_so_when_the_camera_sends_nothing_more(live: LivePage) -> None:
    live.start()
    live.page.evaluate("document.querySelector('#video').pause()")
    live.wait(lambda data: data["state"] == "stalled")
    assert "camera has sent no picture" in live.page.locator("#chip").inner_text()
    live.page.evaluate("document.querySelector('#video').play()")
    live.wait(lambda data: data["state"] == "live")
