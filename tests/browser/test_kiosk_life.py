"""The kiosk runs for months, whatever happens around it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.chromium import ALLOWED, CAMERA, Launch
from tests.browser.kiosk_page import KioskPage, Somebody
from tests.browser.live_page import PATIENCE_S
from tests.browser.serving import Server

ENDED = "document.querySelector('#video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))"
RUNNING = "document.querySelector('#video').srcObject?.getVideoTracks()[0].label"


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh profile, without the worker that would keep pages from it."""
    fresh = chromium.new_context(
        viewport={"width": 1280, "height": 800}, reduced_motion="reduce", service_workers="block"
    )
    yield fresh
    fresh.close()


@pytest.fixture
def kiosk(context: BrowserContext, server: Server) -> Iterator[KioskPage]:
    """Answered by hand and not yet opened; after the test no error must have gone unnoticed in it."""
    page = KioskPage(context.new_page(), server.url).by_hand()
    yield page
    assert page.errors == []


@pytest.fixture
def mortal(server: Server) -> Iterator[Server]:
    """The server, running again after the test whatever happened in it."""
    yield server
    server.stop()
    server.start()


def _live(page: KioskPage) -> dict[str, str]:
    frames = int(page.dataset["frames"])
    return page.wait(lambda data: data["state"] == "live" and int(data["frames"]) > frames)


def test_server_away_page_thrown_away_and_both_back(chromium: Browser, mortal: Server) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = KioskPage(context.new_page(), mortal.url, stream="front door").open()
    _live(page)
    kept = "caches.open('maskgate-kiosk').then((cache) => cache.keys()).then((keys) => keys.length)"
    page.page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    for _ in range(10 * PATIENCE_S):
        if page.page.evaluate(kept) > 20:
            break
        page.page.wait_for_timeout(100)
    page.page.evaluate("window.same = true")

    mortal.stop()
    page.wait(lambda data: data["state"] == "stalled")
    trouble = page.page.locator("#trouble")
    page.wait(lambda data: data["scene"] == "attract" and data["labels"] == "")
    assert "comes back by itself" in trouble.inner_text()
    assert not page.page.locator(".invite").is_visible(), "nobody is asked before a screen that cannot answer"
    assert page.sentence == "", "no answer that is not from now"

    page.page.reload()
    page.wait(lambda data: data["state"] == "connecting")
    assert page.page.evaluate("window.same") is None
    assert page.page.locator("#clock").inner_text() != ""

    mortal.start()
    _live(page)
    assert not trouble.is_visible()
    assert page.errors == []
    context.close()


def test_it_reloads_for_a_new_version_once_nobody_is_there(kiosk: KioskPage) -> None:
    kiosk.open()
    _live(kiosk)
    kiosk.show(Somebody(1, "with_mask"))
    kiosk.answers("with_mask")
    new = {"ready": True, "version": "0123456789abcdef"}
    kiosk.page.route("**/healthz", lambda route: route.fulfill(json=new))
    kiosk.page.evaluate("window.same = true")
    kiosk.wire("wire.parts.choice()")  # a new connection, perhaps to a new server
    kiosk.page.wait_for_timeout(1_500)
    assert kiosk.page.evaluate("window.same") is True, "somebody would be disturbed"
    kiosk.show()
    with kiosk.page.expect_event("load", timeout=1_000 * PATIENCE_S):
        pass
    assert kiosk.page.evaluate("window.same") is None
    # The page is still of the old version, for the route says so: it does not reload for ever.
    _live(kiosk)
    kiosk.page.evaluate("window.same = true")
    kiosk.wire("wire.parts.choice()")
    kiosk.page.wait_for_timeout(1_500)
    assert kiosk.page.evaluate("window.same") is True


def test_denied_then_allowed(launch: Launch, server: Server) -> None:
    context = launch(CAMERA).new_context(service_workers="block")
    page = KioskPage(context.new_page(), server.url).by_hand().open()
    button = page.page.locator("[data-action=start]")
    assert (page.dataset["state"], button.count(), button.is_enabled()) == ("idle", 1, True)
    page.press("start")
    page.wait(lambda data: data["state"] == "error")
    assert page.page.locator("#notice-title").inner_text() == "Allow the camera for this page"
    assert (button.count(), button.is_visible()) == (1, True)
    context.grant_permissions(["camera"], origin=server.url)
    _live(page)
    assert page.errors == []


def test_no_camera_at_first(kiosk: KioskPage) -> None:
    kiosk.page.add_init_script(
        """const { mediaDevices } = navigator;
        const real = mediaDevices.getUserMedia.bind(mediaDevices);
        let tries = 0;
        mediaDevices.getUserMedia = (wish) => {
            tries += 1;
            return tries < 3 ? Promise.reject(new DOMException("none", "NotFoundError")) : real(wish);
        };"""
    )
    kiosk.open()
    kiosk.wait(lambda data: data["state"] == "error")
    assert kiosk.page.locator("#notice-title").inner_text() == "Plug in a camera"
    _live(kiosk)
    assert not kiosk.page.locator("#notice").is_visible()


def test_the_camera_asked_for_and_another_when_it_is_gone(launch: Launch, server: Server) -> None:
    browser = launch(f"{CAMERA}=device-count=3", ALLOWED)
    page = KioskPage(browser.new_page(service_workers="block"), server.url, camera="DEVICE_1").by_hand()
    page.page.add_init_script(
        """const { mediaDevices } = navigator;
        const real = mediaDevices.getUserMedia.bind(mediaDevices);
        mediaDevices.getUserMedia = async (wish) => {
            const stream = await real(wish);
            if (!window.gone || !stream.getVideoTracks()[0].label.includes("device_1")) return stream;
            throw new DOMException("held", "NotReadableError");
        };"""
    )
    page.open()
    _live(page)
    assert "device_1" in page.page.evaluate(RUNNING)
    page.page.evaluate(f"window.gone = true; {ENDED}")
    page.wait(lambda data: data["state"] == "error" and data["labels"] == "")
    _live(page)
    assert "device_1" not in page.page.evaluate(RUNNING)
    page.page.evaluate("window.gone = false; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    for _ in range(10 * PATIENCE_S):
        if "device_1" in (page.page.evaluate(RUNNING) or ""):
            break
        page.page.wait_for_timeout(100)
    assert "device_1" in page.page.evaluate(RUNNING), "back to the one that was asked for"
    assert page.errors == []


def test_a_camera_that_sends_nothing_more_is_begun_anew(kiosk: KioskPage) -> None:
    kiosk.open()
    _live(kiosk)
    kiosk.show(Somebody(1, "with_mask"))
    kiosk.answers("with_mask")
    kiosk.page.evaluate("window.first = document.querySelector('#video').srcObject; window.first && 0")
    kiosk.page.evaluate("document.querySelector('#video').pause()")
    kiosk.wait(lambda data: data["state"] == "stalled" and data["answer"] == "nobody")
    another = "![window.first, null].includes(document.querySelector('#video').srcObject)"
    kiosk.wait(lambda _: kiosk.page.evaluate(another))
    _live(kiosk)


def _counted(page: KioskPage, **numbers: int) -> None:
    """Today's numbers become these, and the rest stay 0."""
    wanted = {"with_mask": 0, "without_mask": 0, "incorrect": 0, "unsure": 0} | numbers
    page.wait(lambda _: {**page.counts(), "day": None} == {**wanted, "day": None})


def test_somebody_counts_once_when_they_leave_with_their_last_settled_label(kiosk: KioskPage) -> None:
    kiosk.open()
    _live(kiosk)
    kiosk.show(Somebody(1, "without_mask"), Somebody(2, "with_mask", x=0.7, settled=False))
    kiosk.answers("without_mask", "without_mask")
    kiosk.show(Somebody(1, "with_mask"))
    kiosk.answers("with_mask")
    kiosk.show(Somebody(1, "unsure", settled=False))  # turned away to go
    kiosk.answers("unsure")
    assert kiosk.counts() == {}
    kiosk.show()
    _counted(kiosk, with_mask=1)

    # Over a lost connection the same person is not another one.
    kiosk.show(Somebody(5, "incorrect"))
    kiosk.answers("incorrect")
    # At once: no answer of the old connection comes over the new one.
    same, other = Somebody(1, "incorrect", x=0.42), Somebody(2, "with_mask", x=0.8, size=0.3)
    kiosk.show(same, other, meanwhile="wire.parts.choice()")
    kiosk.answers("incorrect", "incorrect,with_mask")
    kiosk.page.wait_for_timeout(2_000)
    kiosk.show()
    _counted(kiosk, with_mask=2, incorrect=1)

    kiosk.open()  # thrown away by the browser and loaded again
    _live(kiosk)
    kiosk.show(Somebody(1, "without_mask"))
    kiosk.answers("without_mask")
    kiosk.show()
    _counted(kiosk, with_mask=2, incorrect=1, without_mask=1)


def test_a_new_day_begins_at_local_midnight(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(timezone_id="Asia/Dhaka", service_workers="block")
    page = KioskPage(context.new_page(), server.url).by_hand()
    evening = datetime.datetime(2026, 11, 24, 23, 50, tzinfo=datetime.timezone(datetime.timedelta(hours=6)))
    page.page.clock.install(time=evening)
    page.open()
    _live(page)
    page.show(Somebody(1, "with_mask"))
    page.answers("with_mask")
    page.show()
    page.wait(lambda _: page.counts().get("with_mask") == 1)
    assert page.counts()["day"] == "2026-11-24"
    page.page.clock.fast_forward("11:00")
    page.wait(lambda _: page.counts().get("day") == "2026-11-25")
    assert page.counts()["with_mask"] == 0
    page.show(Somebody(2, "without_mask"))
    page.answers("without_mask")
    page.show()
    _counted(page, without_mask=1)
    assert re.fullmatch(r"12:0\d\sAM", page.page.locator("#clock").inner_text())
    context.close()


def test_the_screen_is_kept_on(kiosk: KioskPage) -> None:
    kiosk.page.add_init_script(
        """window.locks = [];
        const wakeLock = { request: async (kind) => {
            const sentinel = new EventTarget();
            window.locks.push(kind);
            window.release = () => sentinel.dispatchEvent(new Event("release"));
            return sentinel;
        } };
        Object.defineProperty(Navigator.prototype, "wakeLock", { get: () => wakeLock });"""
    )
    kiosk.open()
    _live(kiosk)
    assert kiosk.page.evaluate("window.locks") == ["screen"]
    kiosk.page.evaluate("window.release()")
    kiosk.page.wait_for_timeout(200)
    assert kiosk.page.evaluate("window.locks") == ["screen", "screen"]


def test_no_way_out_by_accident(kiosk: KioskPage) -> None:
    kiosk.open()
    _live(kiosk)
    stopped = kiosk.page.evaluate(
        """() => {
            const on = (event) => !document.querySelector("#video").dispatchEvent(event);
            const all = { bubbles: true, cancelable: true };
            return {
                menu: on(new MouseEvent("contextmenu", all)),
                drag: on(new DragEvent("dragstart", all)),
                drop: on(new DragEvent("drop", all)),
                pinch: on(new WheelEvent("wheel", { ...all, ctrlKey: true })),
                sideButton: on(new MouseEvent("mouseup", { ...all, button: 3 })),
                back: on(new KeyboardEvent("keydown", { ...all, key: "ArrowLeft", altKey: true })),
                tab: on(new KeyboardEvent("keydown", { ...all, key: "Tab" })),
                letter: on(new KeyboardEvent("keydown", { ...all, key: "a" })),
            };
        }"""
    )
    free = {"tab", "letter"}
    assert stopped == {name: name not in free for name in stopped}
    style = kiosk.page.evaluate(
        "(({ userSelect, touchAction, cursor, overflow }) => ({ userSelect, touchAction, cursor, overflow }))"
        "(getComputedStyle(document.body))"
    )
    assert style == {"userSelect": "none", "touchAction": "none", "cursor": "none", "overflow": "hidden"}
