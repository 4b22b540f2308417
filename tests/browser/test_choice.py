"""The choice of model and face finder."""

from __future__ import annotations

import json
from urllib.request import urlopen

from playwright.sync_api import Route, WebSocketRoute, expect

from tests.browser.live_page import LivePage


def with_one_more(route: Route) -> None:
    """A list that holds one thing the server has no more."""
    answer = route.fetch()
    gone = {"name": "gone-since", "title": "Gone since", "default": False}
    route.fulfill(response=answer, json=[*answer.json(), gone])


def test_another_face_finder_is_asked_for_and_remembered(live: LivePage) -> None:
    with urlopen(f"{live.url}/api/v1/detectors") as answer:
        offered = json.load(answer)
    other = next(each["name"] for each in offered if not each["default"])
    sent: list[str] = []
    live.page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda data: sent.append(data) if isinstance(data, str) else None),
    )
    live.start()
    select = live.page.locator("select[data-action=detector]")
    assert select.locator("option").count() == len(offered)
    select.select_option(other)
    frames = int(live.dataset["frames"])
    live.wait(lambda data: int(data["frames"]) > frames + 5 and data["faces"] == "1")
    assert any('"configure"' in text and f'"{other}"' in text for text in sent)
    assert not live.page.locator("#choice-note").is_visible()

    sent.clear()
    live.start()
    assert select.input_value() == other
    assert any('"configure"' in text and f'"{other}"' in text for text in sent), "asked for anew on each connection"


def test_refused_choice_is_taken_back_in_words(live: LivePage) -> None:
    live.page.route("**/api/v1/detectors", with_one_more)
    live.start()
    select = live.page.locator("select[data-action=detector]")
    before = select.input_value()
    select.select_option("gone-since")
    note = live.page.locator("#choice-note")
    note.wait_for(state="visible")
    assert "gone-since" in note.inner_text()
    assert select.input_value() == before
    frames = int(live.dataset["frames"])
    live.wait(lambda data: data["state"] == "live" and int(data["frames"]) > frames)


def test_no_camera_no_connection(live: LivePage) -> None:
    sockets: list[str] = []
    live.page.on("websocket", lambda socket: sockets.append(socket.url))
    live.open()
    live.page.locator("select[data-action=model] option").first.wait_for(state="attached")
    assert sockets == []


def test_remembered_choice_is_asked_for_though_the_lists_come_late(live: LivePage) -> None:
    with urlopen(f"{live.url}/api/v1/detectors") as answer:
        other = next(each["name"] for each in json.load(answer) if not each["default"])
    sent: list[str] = []
    live.page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda data: sent.append(data) if isinstance(data, str) else None),
    )

    def late(route: Route) -> None:
        live.page.wait_for_timeout(500)
        route.continue_()

    live.open()
    live.page.evaluate("(name) => localStorage.setItem('maskgate.detector', name)", other)
    live.page.route("**/api/v1/detectors", late)
    live.start()
    assert any('"configure"' in text and f'"{other}"' in text for text in sent)
    assert live.page.locator("select[data-action=detector]").input_value() == other


def test_remembered_choice_that_the_server_refuses_is_told_and_forgotten(live: LivePage) -> None:
    live.page.route("**/api/v1/models", with_one_more)
    live.open()
    live.page.evaluate("localStorage.setItem('maskgate.model', 'gone-since')")
    live.start()
    note = live.page.locator("#choice-note")
    assert note.is_visible()
    assert "gone-since" in note.inner_text()
    assert live.page.evaluate("localStorage.getItem('maskgate.model')") == ""
    expect(live.page.locator("[data-output=smoothing]")).not_to_be_empty()  # what holds instead is shown


def test_a_late_answer_takes_nothing_back_that_was_chosen_since(live: LivePage) -> None:
    held: list[str | bytes] = []
    holding = False

    def hold_answers(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def came(message: str | bytes) -> None:
            if holding and str(message).startswith("43/stream,"):
                held.append(message)
                if len(held) == 2:
                    for answer in held:
                        route.send(answer)
            else:
                route.send(message)

        server.on_message(came)

    live.page.route_web_socket("**/socket.io/**", hold_answers)
    live.start()
    live.page.evaluate(
        """() => {
            window.told = [];
            const output = document.querySelector("[data-output=smoothing]");
            new MutationObserver(() => window.told.push(output.textContent)).observe(output, { childList: true });
        }"""
    )
    holding = True
    for value in (0.6, 0.8):
        live.page.locator("input[data-action=smoothing]").fill(str(value))
    live.wait(lambda _: len(held) == 2)
    frames = int(live.dataset["frames"])
    live.wait(lambda data: int(data["frames"]) > frames + 1)  # those after both answers
    told = [float(text.split()[0]) for text in live.page.evaluate("window.told")]
    assert told == sorted(told)
    assert told[-1] == 0.8
