"""Every screen that people meet, and what must be true of each: for tests that look at all of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
from playwright.sync_api import FilePayload, Page

from tests.browser.axe import objections
from tests.browser.feed import write_film
from tests.browser.kiosk_page import KioskPage
from tests.browser.live_page import LivePage

ROOT = Path(__file__).parents[2]
PORTRAIT = ROOT / "static" / "pictures" / "portrait.webp"
PICTURES = ROOT / "artefacts" / "screens"
SIZES = ((360, 740), (768, 1024), (1920, 1080))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
ZOOM = 2

_NO_CAMERA = """navigator.mediaDevices.getUserMedia =
    () => Promise.reject(new DOMException("Permission denied", "NotAllowedError"))"""


@dataclass(frozen=True, slots=True)
class Screen:
    """A page in one state. name: of its pictures. path: to open. prepare: what to do there before looking."""

    name: str
    path: str
    prepare: Callable[[LivePage], object] = lambda page: None

    def open(self, page: Page, url: str) -> None:
        """Open it in a page of the browser; url: the server's."""
        page.goto(url + self.path)
        self.prepare(LivePage(page, url + self.path))


def look_at(page: Page, name: str) -> None:
    """Look at what a page shows now, at three widths in two themes, and keep the pictures for people to look at.

    Raises AssertionError where axe-core objects to something or the page is wider than its window.
    """
    PICTURES.mkdir(parents=True, exist_ok=True)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": 1280, "height": 800})
        assert objections(page) == []
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert width_needed(page) <= width
            page.screenshot(path=PICTURES / f"{name}-{width}-{scheme}.png")
        # What a browser shows of 1280 px at 200 % zoom.
        page.set_viewport_size({"width": 1280 // ZOOM, "height": 800 // ZOOM})
        assert width_needed(page) <= 1280 // ZOOM


def width_needed(page: Page) -> int:
    """Pixels; more than the window's are reached by scrolling sideways alone."""
    return int(page.evaluate("document.documentElement.scrollWidth"))


def _live(page: LivePage) -> None:
    page.press("start")
    page.wait(lambda data: data["state"] == "live" and data["faces"] == "1")


def _no_camera(page: LivePage) -> None:
    page.page.add_init_script(_NO_CAMERA)
    page.open().press("start")
    page.wait(lambda data: data["state"] == "error")


def _photos(page: LivePage, count: int) -> None:
    page.page.locator("#photo-input").set_input_files([PORTRAIT] * count)
    page.wait(lambda data: data["labels"].split(",") == ["with_mask"] * count)


def _film(page: LivePage) -> None:
    with tempfile.TemporaryDirectory() as folder:
        portrait = cv2.imread(str(PORTRAIT))
        path = write_film(Path(folder) / "door.webm", [portrait[..., ::-1]] * 5)
        film: FilePayload = {"name": path.name, "mimeType": "video/webm", "buffer": path.read_bytes()}
    page.page.locator("#photo-input").set_input_files(film)
    page.page.locator("#film[aria-busy=false]").wait_for()


def _share(page: LivePage) -> None:
    page.press("share")
    page.page.locator("#share-link input").wait_for()
    page.page.locator("#guests").wait_for()


def _watch(page: LivePage) -> None:
    owner = LivePage(page.page.context.new_page(), page.url).open()
    _live(owner)
    _share(owner)
    page.page.goto(owner.page.locator("#share-link input").input_value())
    page.wait(lambda data: data["state"] == "live" and data["faces"] == "1")


def _answered(page: LivePage) -> None:
    page.wait(lambda data: data["labels"] != "")


def _alone(page: LivePage) -> KioskPage:
    kiosk = KioskPage(page.page, page.url.removesuffix("/kiosk"), stream="Front door").by_hand()
    kiosk.open()
    kiosk.wait(lambda data: data["state"] == "live" and data["scene"] == "attract")
    return kiosk


def _kiosk_settings(page: LivePage) -> None:
    _alone(page).tap_corner()
    page.page.locator("#settings").wait_for()


def _kiosk_without_camera(page: LivePage) -> None:
    page.page.add_init_script(_NO_CAMERA)
    page.open()
    page.wait(lambda data: data["state"] == "error")


SCREENS = (
    Screen("live-invitation", "/"),
    Screen("live", "/", _live),
    Screen("live-no-camera", "/", _no_camera),
    Screen("photo", "/", lambda page: _photos(page, 1)),
    Screen("gallery", "/", lambda page: _photos(page, 2)),
    Screen("film", "/", _film),
    Screen("share", "/", _share),
    Screen("watch", "/", _watch),
    Screen("watch-unknown", "/watch/nowhere"),
    Screen("guest-unknown", "/try/nowhere"),
    Screen("kiosk", "/kiosk?stream=Front%20door", _answered),
    Screen("kiosk-asleep", "/kiosk", _alone),
    Screen("kiosk-settings", "/kiosk", _kiosk_settings),
    Screen("kiosk-no-camera", "/kiosk", _kiosk_without_camera),
    Screen("models", "/models"),
    Screen("model", "/models/mobilenetv2"),
    Screen("model-missing", "/models/nowhere"),
)
"""Those behind a password and those of guests are looked at in `test_login.py`."""
