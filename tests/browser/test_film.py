"""A film instead of the camera: looked at picture by picture, then a time line of who wore what when."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from server.training.portrait import masked_portrait, portrait
from tests.browser.feed import BIT_PX, BITS, write_film
from tests.browser.live_page import LivePage
from tests.browser.test_gallery import _saved
from tests.browser.test_languages import words

# Hears frames in the server's place: `window.sent` keeps each one's number, read from its pixels, and its time;
# `window.hear(index)` gives the answer. Never more than one may be in flight.
_STUB = f"""async (answers) => {{
    const {{ Transport }} = await import("/static/js/transport.js");
    window.sent = [];
    let flying = false;
    const face = (label, track) => ({{ track, label, score: 1, settled: true,
        box: {{ x: 0.3, y: 0.2, width: 0.3, height: 0.5 }}, probabilities: {{ [label]: 0.9 }} }});
    Object.defineProperty(Transport.prototype, "connected", {{ get: () => true }});
    Object.defineProperty(Transport.prototype, "connection", {{ get: () => window.stream ?? "a" }});
    Transport.prototype.open = Transport.prototype.close = () => {{}};
    Transport.prototype.ready = async () => {{}};
    Transport.prototype.ask = async (bytes, at) => {{
        if (flying) throw new Error("two at once");
        flying = true;
        const bitmap = await createImageBitmap(new Blob([bytes], {{ type: "image/jpeg" }}));
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
        const context = canvas.getContext("2d");
        context.drawImage(bitmap, 0, 0);
        let number = 0;
        for (let bit = 0; bit < {BITS}; bit += 1) {{
            const [red] = context.getImageData((bit + 0.5) * {BIT_PX}, {BIT_PX} / 2, 1, 1).data;
            if (red > 127) number |= 1 << bit;
        }}
        window.sent.push([number, at]);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        while (window.held?.(number)) await new Promise((done) => setTimeout(done, 20));
        flying = false;
        if (answer.kind) return answer;
        const faces = Object.entries(answer).map(([track, label]) => face(label, Number(track)));
        return {{ kind: "result", result: {{ faces, model: "m", detector: "d", dropped: 0, timing_ms: {{}} }} }};
    }};
}}"""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second bare, a second masked."""
    bare, masked = (picture[:384, 64:448] for picture in (portrait(), masked_portrait()))
    return write_film(tmp_path_factory.mktemp("film") / "door.webm", [bare] * 10 + [masked] * 10)


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "blank.webm", [np.full((120, 160, 3), 128, np.uint8)] * 12)


def _give(live: LivePage, *paths: Path) -> None:
    live.page.locator("#photo-input").set_input_files(paths)


def _done(live: LivePage) -> None:
    live.page.locator("#film[aria-busy=false]").wait_for(timeout=120_000)


def _note(live: LivePage) -> str:
    return live.page.locator("#film-note").inner_text()


def _bars(page: Page) -> list[str]:
    return [str(bar.get_attribute("aria-label")).replace("\u00a0", " ") for bar in page.locator(".lane button").all()]


def _stub(live: LivePage, *answers: dict[str, Any]) -> LivePage:
    live.open().page.evaluate(_STUB, list(answers))
    return live


def test_a_film_tells_who_wore_what_when(live: LivePage, door: Path) -> None:
    live.open()
    _give(live, door)
    live.wait(lambda data: data["labels"] == "without_mask", 60)
    assert live.dataset["state"] == "idle"
    assert live.page.locator("[data-action=start]").count() == 1
    assert live.page.locator("#film-seek").is_disabled(), "while it is checked"
    _done(live)
    assert "Checked to its end" in _note(live)

    name, text = _saved(live, "film-csv")
    assert (name, text.count("\r\n")) == ("maskgate-film.csv", 3)
    bare, masked = csv.DictReader(io.StringIO(text, newline=""))
    assert (bare["track"], bare["label"], bare["word"], bare["from"]) == ("1", "without_mask", "no mask", "0")
    assert (masked["track"], masked["label"], masked["to"]) == ("1", "with_mask", "2")
    assert bare["to"] == masked["from"]
    assert 1 <= float(masked["from"]) <= 1.4, "the vote wants clear evidence"
    assert (masked["film"], masked["model"], masked["detector"]) == ("door.webm", "onepass", "onepass")
    name, text = _saved(live, "film-json")
    about = json.loads(text)
    assert (name, about["duration"], about["looked_at"]) == ("maskgate-film.json", 2, 2)
    assert [stretch["label"] for stretch in about["tracks"][0]["stretches"]] == ["without_mask", "with_mask"]

    # The boxes of the moment: by a bar, by the slider, playing.
    live.page.locator(".lane button").nth(1).click()
    live.wait(lambda data: data["labels"] == "with_mask")
    live.page.wait_for_timeout(300)
    assert live.brackets("--on-picture-with-mask") is not None
    live.page.locator("#film-seek").focus()
    live.page.keyboard.press("Home")
    live.wait(lambda data: data["labels"] == "without_mask")
    live.press("film-play")
    live.wait(lambda data: data["labels"] == "with_mask")
    assert "of 0:02.0" in live.page.locator("#film-time").inner_text()


def test_every_picture_is_sent_once_in_order_and_waits_for_its_answer(live: LivePage, blank: Path) -> None:
    _stub(live, {"1": "with_mask"})
    live.page.evaluate("window.held = (number) => number === 5 && !window.go")
    _give(live, blank)
    live.wait(lambda _: live.page.evaluate("window.sent.length") == 6)
    live.page.wait_for_timeout(500)
    assert live.page.evaluate("window.sent.length") == 6, "the film waits for a slow answer"
    live.page.evaluate("window.go = true")
    _done(live)
    sent = live.page.evaluate("window.sent")
    assert [number for number, _ in sent] == list(range(12))
    assert [at for _, at in sent] == pytest.approx([100 * number + 50 for number in range(12)])
    assert _bars(live.page) == ["Face 1: mask, 0:00.0 to 0:01.2, 90 % certain"]


def test_pictures_that_were_not_answered_are_sent_again(live: LivePage, blank: Path) -> None:
    refused = {"kind": "refused", "refused": {"id": 1, "code": "too_many_requests", "message": "Not so fast."}}
    _stub(live, {"1": "with_mask"}, refused, {"kind": "lost"}, {"kind": "timeout"}, {"1": "with_mask"})
    _give(live, blank)
    live.page.get_by_text("The film waits. MaskGate says: Not so fast.").first.wait_for()
    _done(live)
    assert [number for number, _ in live.page.evaluate("window.sent")] == [0, 1, 1, 1, *range(1, 12)]
    assert _bars(live.page) == ["Face 1: mask, 0:00.0 to 0:01.2, 90 % certain"]


def test_a_server_that_is_away_is_said_to_be_after_a_second(live: LivePage, blank: Path) -> None:
    _stub(live, {"1": "with_mask"}).page.evaluate(
        """async () => {
            const { Transport } = await import("/static/js/transport.js");
            Object.defineProperty(Transport.prototype, "connected", { get: () => false });
            let asked = 0;
            Transport.prototype.ready = () => {
                asked ||= performance.now();
                return new Promise(() => {});
            };
            const chip = document.querySelector("#chip");
            new MutationObserver(() => {
                if (chip.textContent.includes("cannot be reached")) window.told ??= performance.now() - asked;
            }).observe(chip, { childList: true });
        }"""
    )
    _give(live, blank)
    chip = live.page.locator("#chip")
    expect(chip).to_have_text(words("en", "video.away"), timeout=30_000)
    assert live.page.evaluate("window.told") >= 950, "milliseconds: until then it may simply be connecting"
    live.speak("de")
    expect(chip).to_have_text(words("de", "video.away"))


def test_another_connection_s_tracks_are_other_faces(live: LivePage, blank: Path) -> None:
    _stub(live, {"1": "with_mask"})
    live.page.evaluate("window.held = (number) => { if (number === 6) window.stream = 'b'; return false; }")
    _give(live, blank)
    _done(live)
    assert _bars(live.page) == [
        "Face 1: mask, 0:00.0 to 0:00.6, 90 % certain",
        "Face 2: mask, 0:00.6 to 0:01.2, 90 % certain",
    ]


def test_refused_for_good(live: LivePage, blank: Path) -> None:
    refused = {"kind": "refused", "refused": {"id": 1, "code": "unknown_model", "message": "It is gone."}}
    _stub(live, {"1": "with_mask"}, {"1": "with_mask"}, refused)
    _give(live, blank)
    _done(live)
    assert _note(live) == "Stopped at 0:00.2. MaskGate says: It is gone."
    assert _bars(live.page) == ["Face 1: mask, 0:00.0 to 0:00.2, 90 % certain"]


def test_stopped_and_checked_again(live: LivePage, blank: Path) -> None:
    _stub(live, {"1": "without_mask"})
    live.page.evaluate("window.held = (number) => number === 4 && !window.go")
    _give(live, blank)
    live.wait(lambda _: live.page.evaluate("window.sent.length") == 5)
    live.press("film-stop")
    live.page.evaluate("window.go = true")
    _done(live)
    assert _note(live) == "Stopped at 0:00.4. What was seen until then stays."
    live.press("film-again")
    live.page.locator("#film-note:text('to its end')").wait_for()
    assert _bars(live.page) == ["Face 1: no mask, 0:00.0 to 0:01.2, 90 % certain"]


def test_time_line_by_keyboard(live: LivePage, blank: Path) -> None:
    one, two = {"1": "with_mask"}, {"1": "without_mask", "2": "incorrect"}
    _stub(live, one, one, one, one, two)
    _give(live, blank)
    _done(live)
    said = live.page.locator("#film-said")
    assert said.inner_text() == "Point at a bar to read it; press it to go there."
    assert live.page.locator(".lane button[tabindex='0']").count() == 1
    live.page.locator("#film-seek").focus()
    live.page.keyboard.press("Tab")
    for key, expected in (
        ("", "Face 1: mask, 0:00.0 to 0:00.4"),
        ("ArrowRight", "Face 1: no mask, 0:00.4 to 0:01.2"),
        ("ArrowDown", "Face 2: worn incorrectly, 0:00.4 to 0:01.2"),
        ("Home", "Face 1: mask, 0:00.0 to 0:00.4"),
        ("End", "Face 2: worn incorrectly, 0:00.4 to 0:01.2"),
    ):
        if key:
            live.page.keyboard.press(key)
        assert said.inner_text().startswith(expected)
    live.page.keyboard.press("Enter")
    live.wait(lambda data: data["labels"] == "without_mask,incorrect")
    assert live.page.evaluate("document.querySelector('#film-video').currentTime") == pytest.approx(0.45, abs=0.01)
    looks = {
        bar.evaluate("(bar) => getComputedStyle(bar).backgroundImage")
        for bar in live.page.locator(".lane button").all()
    }
    assert len(looks) == 3, "told apart without their colours"


def test_a_face_missed_for_a_moment_is_not_gone(live: LivePage) -> None:
    stretches = live.open().page.evaluate(
        """async () => {
            const { Tracks } = await import("/static/js/video/tracks.js");
            const tracks = new Tracks();
            const face = { track: 7, label: "with_mask", probabilities: { with_mask: 0.5 } };
            for (const index of [0, 1, 5, 10]) {
                tracks.add({ index, stream: "a", result: { faces: [face] } });
            }
            return tracks.all.map(({ stretches }) => stretches.map(({ from, to }) => [from, to]));
        }"""
    )
    assert stretches == [[pytest.approx([0, 0.6]), pytest.approx([1, 1.1])]]


def test_of_two_dropped_films_the_first_is_checked_and_that_is_said(live: LivePage, blank: Path, door: Path) -> None:
    _stub(live, {"1": "with_mask"}).page.evaluate("window.held = (number) => number === 2 && !window.go")
    live.bring(blank, door)
    live.wait(lambda _: live.page.evaluate("window.sent?.length") == 3)
    surplus = "2 films were given: one is checked at a time, here the first."
    assert _note(live) == surplus
    live.page.evaluate("window.go = true")
    _done(live)
    assert _note(live) == f"{words('en', 'video.done')} {surplus}"
    live.speak("fr")
    expect(live.page.locator("#film-note")).to_have_text(
        f"{words('fr', 'video.done')} {words('fr', 'video.surplus').format(given=2)}"
    )
    live.bring(blank)
    live.page.locator("#film[aria-busy=true]").wait_for()
    _done(live)
    assert _note(live) == words("fr", "video.done")


def test_another_language_while_a_film_is_shown(live: LivePage, blank: Path) -> None:
    _stub(live, {"1": "with_mask"}).page.evaluate("window.held = (number) => number === 5 && !window.go")
    _give(live, blank)
    live.wait(lambda _: live.page.evaluate("window.sent.length") == 6)
    live.speak("bn")
    time, stop = live.page.locator("#film-time"), live.page.locator("#film-stop")
    expect(time).to_have_text(words("bn", "video.looking").format(time="০:০০.৬", duration="০:০১.২"))
    expect(stop).to_have_text(words("bn", "video.stop"))
    live.page.evaluate("window.go = true")
    _done(live)
    for code, one, end in (("de", "1", "0:01,2"), ("bn", "১", "০:০১.২")):
        live.speak(code)
        expect(live.page.locator("#film-note")).to_have_text(words(code, "video.done"))
        expect(stop).to_have_text(words(code, "video.again"))
        assert time.inner_text() == words(code, "video.time").format(time=end, duration=end)
        assert live.page.locator("#film-seek").get_attribute("aria-valuetext") == time.inner_text()
        assert live.page.locator("#film-play").get_attribute("aria-label") == words(code, "video.play")
        face = words(code, "video.face").format(number=one)
        who = live.page.locator(".who")
        assert who.inner_text() == face
        assert who.evaluate("({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth"), "nothing is cut off"
        (bar,) = _bars(live.page)
        assert bar.startswith(f"{face}: {words(code, 'labels.with_mask')}")
        assert end in bar
        assert live.page.locator("#film-said").inner_text() == words(code, "video.hint")
    (row,) = csv.DictReader(io.StringIO(_saved(live, "film-csv")[1], newline=""))
    assert (row["to"], row["certainty"]) == ("1.2", "0.9"), "plain figures for programs"


@pytest.mark.parametrize("data", [b"", b"This is no film."])
def test_a_file_that_is_no_film(live: LivePage, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "holiday.mp4"
    path.write_bytes(data)
    live.open()
    _give(live, path)
    live.wait(lambda data: data["state"] == "error")
    assert live.page.locator("#notice-title").inner_text() == "Choose an MP4 or WebM film"
    assert "holiday.mp4" in live.page.locator("#notice-text").inner_text()
    assert not live.page.locator("#film").is_visible()
    with live.page.expect_file_chooser():
        live.page.locator("#notice button:visible").first.click()


def test_a_film_that_is_too_long(live: LivePage, blank: Path) -> None:
    live.open()
    live.page.evaluate("Object.defineProperty(HTMLMediaElement.prototype, 'duration', { get: () => 725 })")
    _give(live, blank)
    live.wait(lambda data: data["state"] == "error")
    assert live.page.locator("#notice-title").inner_text() == "Choose a shorter film"
    assert "lasts 12.1 minutes" in live.page.locator("#notice-text").inner_text()


def test_a_film_that_breaks_off(live: LivePage, door: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.webm"
    path.write_bytes(door.read_bytes()[: door.stat().st_size // 2])
    _stub(live, {"1": "with_mask"})
    _give(live, path)
    _done(live)
    assert live.page.locator(".lane button").count() == 1
    assert _note(live).startswith(("Checked to its end.", "The film cannot be read beyond"))


def test_a_film_that_a_browser_recorded(live: LivePage) -> None:
    _stub(live, {"1": "with_mask"})
    # Such a file does not say how long it is.
    live.page.evaluate(
        """async () => {
            const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 120 });
            const context = canvas.getContext("2d");
            const timer = setInterval(() => context.fillRect(0, 0, Math.random() * 160, 120), 50);
            const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" });
            const parts = [];
            recorder.ondataavailable = ({ data }) => parts.push(data);
            recorder.start();
            await new Promise((done) => setTimeout(done, 1500));
            await new Promise((done) => { recorder.onstop = done; recorder.stop(); });
            clearInterval(timer);
            const files = new DataTransfer();
            files.items.add(new File(parts, "recorded.webm", { type: "video/webm" }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: files, bubbles: true }));
        }"""
    )
    _done(live)
    assert live.page.evaluate("window.sent.length") >= 5
    assert live.page.locator(".lane button").count() == 1


def test_a_film_is_let_go_for_the_camera(live: LivePage, blank: Path) -> None:
    live.page.add_init_script(
        """window.kept = new Set();
        const { createObjectURL, revokeObjectURL } = URL;
        URL.createObjectURL = (blob) => { const url = createObjectURL(blob); window.kept.add(url); return url; };
        URL.revokeObjectURL = (url) => { window.kept.delete(url); revokeObjectURL(url); };"""
    )
    live.open()
    for _ in range(2):
        _give(live, blank)
        live.page.locator("#film").wait_for()
        assert live.page.evaluate("window.kept.size") == 1
    live.press("start")
    live.wait(lambda data: data["state"] == "live")
    assert live.page.evaluate("window.kept.size") == 0
    assert not live.page.locator("#film, #film-video").first.is_visible()
    assert live.page.locator("#video").is_visible()
