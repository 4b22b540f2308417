"""A page that stays open survives what happens to the server."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import WebSocketRoute

from tests.browser.live_page import PATIENCE_S, LivePage
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
        deadline = time.monotonic() + PATIENCE_S
        while _age_ms(live) < 3_000:
            assert time.monotonic() < deadline, "the age of what is drawn grows while nothing is answered"
            live.page.wait_for_timeout(100)
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


def test_goes_on_after_an_answer_was_lost(live: LivePage) -> None:
    lost: list[str] = []

    def swallow_one(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def came(message: str | bytes) -> None:
            if isinstance(message, str) and '"result"' in message and not lost:
                lost.append(message)
            else:
                route.send(message)

        server.on_message(came)

    live.page.route_web_socket("**/socket.io/**", swallow_one)
    live.start()
    assert len(lost) == 1


def test_says_why_pictures_are_refused_and_goes_on(live: LivePage) -> None:
    live.start()
    refused = "{ kind: 'refused', refused: { id: 1, code: 'unknown_model', message: 'There is no such model.' } }"
    live.answer_with(f"[{refused}]")
    chip = live.page.locator("#chip")
    chip.wait_for(state="visible")
    # Long enough to be read: not overwritten by the stall's notice.
    for _ in range(10):
        assert "There is no such model." in chip.inner_text()
        live.page.wait_for_timeout(200)
    assert live.dataset["state"] == "stalled"
    live.answer_with("[{ kind: 'result', result: { faces: [], dropped: 0 } }]")
    live.wait(lambda data: data["state"] == "live")
    assert not chip.is_visible()


def test_waits_longer_each_time_that_a_connection_breaks_at_once(live: LivePage) -> None:
    tried: list[float] = []

    def break_at_once(route: WebSocketRoute) -> None:
        tried.append(time.monotonic())
        route.on_message(lambda _: route.close())
        route.send('0{"sid": "s", "upgrades": [], "pingTimeout": 20000, "pingInterval": 25000, "maxPayload": 1000000}')

    live.page.route_web_socket("**/socket.io/**", break_at_once)
    live.open().press("start")
    deadline = time.monotonic() + PATIENCE_S
    while len(tried) < 5:
        assert time.monotonic() < deadline
        live.page.wait_for_timeout(100)
    # 0.5, 1, 2 and 4 s, a third more or less.
    assert tried[4] - tried[0] > 4
    assert "server cannot be reached" in live.page.locator("#chip").inner_text()
    live.page.unroute_all()


def test_a_stall_is_read_aloud_once(live: LivePage) -> None:
    live.start()
    live.page.evaluate(
        """() => {
            window.said = [];
            const spoken = document.querySelector("#chip-spoken");
            new MutationObserver(() => window.said.push(spoken.textContent)).observe(spoken, { childList: true });
            document.querySelector("#video").pause();
        }"""
    )
    live.wait(lambda data: data["state"] == "stalled")
    live.page.wait_for_timeout(2_500)
    said = live.page.evaluate("window.said")
    assert len(said) == 1, said
    assert "camera has sent no picture" in said[0]


def _age_ms(live: LivePage) -> float:
    value, unit = live.page.locator("[data-figure=age]").inner_text().split()
    return float(value.replace(",", "")) * {"ms": 1, "s": 1_000}[unit]
