"""A photo instead of the camera: same overlay, same engine, no socket."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image as Pillow
from playwright.sync_api import Route

from server.training.portrait import FACE, masked_portrait, portrait
from server.vision.messages import Box
from tests.browser.live_page import LivePage

PORTRAIT_PX = 512
DETECT = re.compile(r"/api/v1/detect(\?|$)")


def answer_with(live: LivePage, answer: Callable[[Route], None]) -> None:
    """Hand every picture that is asked about to `answer` instead of to the server."""

    def on_route(route: Route) -> None:  # `answer` may be a list's own method, which Playwright cannot take
        answer(route)

    live.page.route(DETECT, on_route)


def _give(live: LivePage, path: Path) -> None:
    live.page.locator("#photo-input").set_input_files(path)


def _on_the_face(live: LivePage, label: str, face: Box) -> None:
    live.wait(lambda data: data["labels"] == label)
    live.page.wait_for_timeout(200)
    box = live.brackets(f"--on-picture-{label.replace('_', '-')}")
    assert box is not None
    assert box.iou(face) > 0.5


@pytest.mark.parametrize("label", ["without_mask", "with_mask"])
def test_photo_is_answered_without_camera_and_socket(live: LivePage, tmp_path: Path, label: str) -> None:
    sockets: list[str] = []
    live.page.on("websocket", lambda socket: sockets.append(socket.url))
    path = tmp_path / "photo.png"
    Pillow.fromarray(masked_portrait() if label == "with_mask" else portrait()).save(path)
    live.open()
    _give(live, path)
    _on_the_face(live, label, FACE.scaled(1 / PORTRAIT_PX, 1 / PORTRAIT_PX))
    assert live.dataset["state"] == "idle"
    assert live.page.locator("[data-action=start]").count() == 1
    assert sockets == []


def test_photo_larger_than_the_limits_is_shrunk_first(live: LivePage, tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Pillow.fromarray(portrait()).resize((5000, 5000)).save(path, compress_level=1)
    live.open()
    with live.page.expect_response(DETECT) as answered:
        _give(live, path)
    answer = answered.value.json()
    assert (answer["width"], answer["height"]) == (4096, 4096)
    _on_the_face(live, "without_mask", FACE.scaled(1 / PORTRAIT_PX, 1 / PORTRAIT_PX))


def test_photo_taken_sideways_is_answered_upright(live: LivePage, tmp_path: Path) -> None:
    path = tmp_path / "sideways.jpg"
    tags = Pillow.Exif()
    tags[0x0112] = 6  # orientation: turn by 90 degrees clockwise to see it upright
    Pillow.fromarray(portrait()).rotate(90).save(path, exif=tags, quality=92)
    live.open()
    _give(live, path)
    _on_the_face(live, "without_mask", FACE.scaled(1 / PORTRAIT_PX, 1 / PORTRAIT_PX))


def test_photo_takes_the_cameras_place_and_gives_it_back(live: LivePage, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    Pillow.fromarray(portrait()).save(path)
    live.start()
    live.page.evaluate("window.before = document.querySelector('#video').srcObject")
    _give(live, path)
    live.wait(lambda data: data["state"] == "idle" and data["labels"] == "without_mask")
    assert live.page.evaluate("window.before.active") is False
    live.press("start")
    live.wait(lambda data: data["state"] == "live")
    assert not live.page.locator("#photo").is_visible()


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_photo_dropped_or_pasted(live: LivePage, tmp_path: Path, way: str) -> None:
    path = tmp_path / "photo.jpg"
    Pillow.fromarray(portrait()).save(path)
    live.open().bring(path, way=way)
    live.wait(lambda data: data["labels"] == "without_mask")
    assert live.page.locator("#faces .face").all_inner_texts()[1:] == ["1: no mask"]


@pytest.mark.parametrize("data", [b"", b"This is no picture.", b"\xff\xd8\xff\xe0 and then nothing"])
def test_file_that_is_no_picture(live: LivePage, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(data)
    live.open()
    _give(live, path)
    live.wait(lambda data: data["state"] == "error")
    assert live.page.locator("#notice-title").inner_text() == "Choose a JPEG, PNG or WebP photo"
    assert "holiday.jpg" in live.page.locator("#notice-text").inner_text()
    with live.page.expect_file_chooser():
        live.page.locator("#notice-button").click()
    assert live.page.locator("[data-action=start]").count() == 1
    live.press("start")
    live.wait(lambda data: data["state"] == "live")


def test_photo_that_the_server_refuses(live: LivePage, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    Pillow.fromarray(portrait()).save(path)
    live.open()
    # A model that was there when the page was opened and is not any more.
    live.page.route(DETECT, lambda route: route.continue_(url=f"{live.url}/api/v1/detect?model=gone-since"))
    _give(live, path)
    live.wait(lambda data: data["state"] == "error")
    assert live.page.locator("#notice-title").inner_text() == "Choose another photo"
    assert "gone-since" in live.page.locator("#notice-text").inner_text()


def test_photo_while_the_server_is_away(live: LivePage, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    Pillow.fromarray(portrait()).save(path)
    live.open()
    live.page.route(DETECT, lambda route: route.abort("connectionrefused"))
    _give(live, path)
    live.wait(lambda data: data["state"] == "error")
    assert live.page.locator("#notice-title").inner_text() == "Start the server, then try again"
    live.page.unroute(DETECT)
    live.page.locator("#notice-button").click()
    live.wait(lambda data: data["labels"] == "without_mask")


def test_photos_are_let_go(live: LivePage, tmp_path: Path) -> None:
    live.page.add_init_script(
        """window.kept = new Set();
        const { createObjectURL, revokeObjectURL } = URL;
        URL.createObjectURL = (blob) => { const url = createObjectURL(blob); window.kept.add(url); return url; };
        URL.revokeObjectURL = (url) => { window.kept.delete(url); revokeObjectURL(url); };"""
    )
    path = tmp_path / "photo.jpg"
    Pillow.fromarray(portrait()).save(path)
    live.open()
    held: list[Route] = []  # or the moment without an answer could be too short to be seen
    answer_with(live, held.append)
    for _ in range(3):
        _give(live, path)
        live.wait(lambda data: data["labels"] == "" and bool(held))
        held.pop().continue_()
        live.wait(lambda data: data["labels"] == "without_mask")
        assert live.page.evaluate("window.kept.size") == 1
    live.press("start")
    live.wait(lambda data: data["state"] == "live")
    assert live.page.evaluate("window.kept.size") == 0
