"""The page looks after itself: nobody looks, the laptop slept, the camera was unplugged."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.chromium import ALLOWED, CAMERA, Launch
from tests.browser.live_page import LivePage
from tests.browser.serving import Server

HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
RUNNING = "document.querySelector('#video').srcObject?.getVideoTracks()[0].getSettings().deviceId ?? ''"
UNPLUG = """() => {
    const media = navigator.mediaDevices;
    window.before ??= media.enumerateDevices.bind(media);
    const track = document.querySelector("#video").srcObject.getVideoTracks()[0];
    const gone = track.getSettings().deviceId;
    media.enumerateDevices = async () => (await window.before()).filter(({ deviceId }) => deviceId !== gone);
    track.stop();
    track.dispatchEvent(new Event("ended"));
    media.dispatchEvent(new Event("devicechange"));
    return gone;
}"""
PLUG_IN = """() => {
    navigator.mediaDevices.enumerateDevices = window.before;
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
}"""


def test_camera_pauses_while_nobody_looks_and_comes_back(live: LivePage) -> None:
    live.page.clock.install()
    live.start()
    live.page.evaluate("window.before = document.querySelector('#video').srcObject")
    live.page.evaluate(HIDE, True)
    live.page.clock.fast_forward(8_000)
    assert live.page.evaluate("window.before.active"), "a short look elsewhere costs nothing"
    live.page.clock.fast_forward(3_000)
    live.wait(lambda data: data["state"] == "idle")
    assert live.page.evaluate("window.before.active") is False, "the camera's light is off"
    assert live.page.locator("#notice-title").text_content() == "Paused while nobody looked"
    frames = int(live.dataset["frames"])
    live.page.evaluate(HIDE, False)
    live.wait(lambda data: data["state"] == "live" and int(data["frames"]) > frames)


def test_what_was_paused_by_hand_stays_paused(live: LivePage) -> None:
    live.page.clock.install()
    live.start().press("pause")
    live.page.evaluate(HIDE, True)
    live.page.clock.fast_forward(11_000)
    live.page.evaluate(HIDE, False)
    live.page.wait_for_timeout(300)
    assert live.dataset["state"] == "idle"
    assert live.page.locator("#notice-title").text_content() == "Paused"


def test_connects_anew_at_once_after_the_laptop_slept(live: LivePage) -> None:
    sockets: list[str] = []
    live.page.on("websocket", lambda socket: sockets.append(socket.url))
    live.page.clock.install()
    live.start()
    assert len(sockets) == 1
    live.page.clock.fast_forward(2_000)
    live.page.wait_for_timeout(500)
    assert len(sockets) == 1, "two seconds are no sleep"
    live.page.clock.fast_forward("01:00:00")  # as after the lid was opened again: all timers jump
    live.wait(lambda _: len(sockets) == 2)
    frames = int(live.dataset["frames"])
    live.wait(lambda data: data["state"] == "live" and int(data["frames"]) > frames + 2)


def test_another_camera_steps_in_and_gives_way_again(launch: Launch, server: Server) -> None:
    browser = launch(f"{CAMERA}=device-count=2", ALLOWED)
    live = LivePage(browser.new_page(), server.url).start()
    first = live.page.evaluate(RUNNING)
    assert live.page.evaluate(UNPLUG) == first
    live.wait(lambda _: live.page.evaluate(RUNNING) not in ("", first))
    chip = live.page.locator("#chip")
    expect(chip).to_contain_text("The camera was unplugged. Now")
    frames = int(live.dataset["frames"])
    live.wait(lambda data: data["state"] == "live" and int(data["frames"]) > frames + 2)
    assert live.page.locator("select[data-action=camera]").input_value() != first
    assert live.page.evaluate("localStorage.getItem('maskgate.camera')") is None, "nobody chose it"

    live.page.evaluate(PLUG_IN)
    live.wait(lambda _: live.page.evaluate(RUNNING) == first)
    expect(chip).to_contain_text("The camera is back")
    frames = int(live.dataset["frames"])
    live.wait(lambda data: data["state"] == "live" and int(data["frames"]) > frames + 2)
    assert live.errors == []


def test_the_only_camera_is_waited_for(live: LivePage) -> None:
    live.start()
    live.page.evaluate(UNPLUG)
    live.wait(lambda data: data["state"] == "error")
    assert live.page.locator("#notice-title").inner_text() == "Connect the camera again"
    live.page.evaluate(PLUG_IN)
    live.wait(lambda data: data["state"] == "live")
