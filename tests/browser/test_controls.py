"""Every control of the live page, by pointer and by keyboard."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from playwright.sync_api import Browser, Page, expect

from server.vision.catalogue import OWN_DETECTOR
from server.vision.classifiers.card import load_card
from tests.browser.feed import BIT_PX, BITS, Film
from tests.browser.live_page import LivePage
from tests.browser.serving import Server

MODELS = Path(__file__).parents[2] / "models"
HEAR_TONES = """window.tones = 0;
window.OscillatorNode = class extends OscillatorNode {
    start(when) { window.tones += 1; super.start(when); }
};"""
FACE = {"x": 0.4, "y": 0.3, "width": 0.2, "height": 0.3}


def _answers(*labels: str) -> str:
    """Answers of one person's track that keep on saying each label for ten times, the last for ever."""
    faces = [
        {"box": FACE, "label": label, "score": 0.9, "probabilities": {label: 0.9}, "track": 1, "settled": True}
        for label in labels
    ]
    results = [{"kind": "result", "result": {"faces": [face], "dropped": 0}} for face in faces for _ in range(10)]
    return json.dumps(results)


def _slide(page: Page, verb: str, value: float) -> None:
    page.locator(f"input[data-action={verb}]").fill(str(value))


def _output(live: LivePage, verb: str) -> str:
    return live.page.locator(f"[data-output={verb}]").inner_text().replace("\u00a0", " ")


def _asked(live: LivePage) -> list[dict[str, Any]]:
    """All that is asked for by `configure` from now on."""
    asked: list[dict[str, Any]] = []

    def hear(payload: str | bytes) -> None:
        if isinstance(payload, str) and (found := re.search(r'\["configure",(\{.*\})\]', payload)):
            asked.append(json.loads(found[1]))

    live.page.on("websocket", lambda socket: socket.on("framesent", hear))
    return asked


def test_sliders_show_what_is_in_force_and_are_remembered(live: LivePage) -> None:
    asked = _asked(live)
    live.start()
    assert _output(live, "smoothing") == "0.2 s", "the server's own"
    own = f"{100 * (load_card(MODELS / OWN_DETECTOR).min_score or 0):.0f} %"
    assert _output(live, "min_score") == own, "the default face finder's own"
    _slide(live.page, "smoothing", 0.6)
    _slide(live.page, "min_score", 0.75)
    live.wait(lambda _: bool(asked) and asked[-1]["min_score"] == 0.75)
    assert asked[-1]["smoothing"] == 0.6
    assert (_output(live, "smoothing"), _output(live, "min_score")) == ("0.6 s", "75 %")

    asked.clear()
    live.start()
    assert (asked[0]["smoothing"], asked[0]["min_score"]) == (0.6, 0.75), "asked for anew on each connection"
    assert (_output(live, "smoothing"), _output(live, "min_score")) == ("0.6 s", "75 %")
    live.press("defaults")
    live.wait(lambda _: _output(live, "smoothing") == "0.2 s" and _output(live, "min_score") == own)
    assert live.page.locator("input[data-action=smoothing]").input_value() == "0.2"


def test_the_servers_own_is_unknown_until_it_says_so(live: LivePage) -> None:
    live.start()
    _slide(live.page, "smoothing", 0.8)
    live.wait(lambda _: _output(live, "smoothing") == "0.8 s")
    live.press("pause")
    live.press("defaults")
    slider = live.page.locator("input[data-action=smoothing]")
    assert (_output(live, "smoothing"), slider.input_value()) == ("", "1"), "the middle, as before the first start"
    assert slider.get_attribute("aria-valuetext") is None
    assert live.page.evaluate("localStorage.getItem('maskgate.smoothing')") == ""
    live.press("start")
    live.wait(lambda _: _output(live, "smoothing") == "0.2 s")


def test_a_high_score_hides_the_face(live: LivePage) -> None:
    live.start()
    live.wait(lambda data: data["faces"] == "1")
    _slide(live.page, "min_score", 0.95)
    live.wait(lambda _: _output(live, "min_score") == "95 %")
    live.page.locator("select[data-action=detector]").select_option("haar")
    live.wait(lambda data: data["faces"] == "0")


def test_a_refused_slider_goes_back_in_words(live: LivePage) -> None:
    live.start()
    live.page.locator("input[data-action=smoothing]").evaluate("(slider) => { slider.max = 9; }")
    _slide(live.page, "smoothing", 8)
    live.page.locator("#choice-note").wait_for(state="visible")
    assert "smoothing" in live.page.locator("#choice-note").inner_text()
    assert _output(live, "smoothing") == "0.2 s"


def test_sound_is_off_at_first_and_rings_when_a_mask_comes_off(live: LivePage) -> None:
    live.page.add_init_script(HEAR_TONES)
    live.start()
    tones = "window.tones"
    live.answer_with(_answers("with_mask", "without_mask"))
    live.wait(lambda data: data["labels"] == "without_mask")
    live.page.wait_for_timeout(300)
    assert live.page.evaluate(tones) == 0, "off until it is wanted"

    live.press("sound")
    assert live.page.locator("[data-action=sound]").get_attribute("aria-pressed") == "true"
    live.answer_with(_answers("with_mask", "without_mask"))
    live.wait(lambda _: live.page.evaluate(tones) == 2)
    live.open()
    assert live.page.locator("[data-action=sound]").get_attribute("aria-pressed") == "true"


def test_alarm_heeds_settled_answers_alone_at_a_polite_rate(live: LivePage) -> None:
    live.open()
    rang = live.page.evaluate(
        """async () => {
            const { Alarm } = await import("/static/js/sound.js");
            const alarm = new Alarm();
            const face = (label, settled = true, track = 1) => ({ label, settled, track });
            return [
                [[face("without_mask", false)], 0], [[face("without_mask")], 1_000], [[face("without_mask")], 9_000],
                [[face("with_mask")], 10_000], [[face("incorrect")], 11_000], [[face("unsure")], 20_000],
                [[face("with_mask"), face("without_mask", true, 2)], 30_000], [[face("without_mask")], 31_000],
            ].map(([faces, now]) => alarm.hear(faces, now));
        }"""
    )
    assert rang == [False, True, False, False, True, False, True, False]


def _snapshot(live: LivePage, act: str | None = None) -> tuple[Pillow.Image, str]:
    with live.page.expect_download() as saved:
        live.page.keyboard.press(act) if act else live.press("snapshot")
    data = Path(saved.value.path()).read_bytes()
    return Pillow.open(io.BytesIO(data)), saved.value.suggested_filename


def _detail(picture: Pillow.Image, film: Film) -> float:
    """How sharp the middle of the face is."""
    grey = np.asarray(picture.convert("L"), float)
    blocks = grey[BIT_PX // 2, BIT_PX // 2 : BITS * BIT_PX : BIT_PX]
    face = film.face(sum(int(block > 127) << bit for bit, block in enumerate(blocks)))
    down, across = slice(int(face.y), int(face.y + face.height)), slice(int(face.x), int(face.x + face.width))
    quarter = int(face.width / 4)
    middle = grey[down, across][quarter:-quarter, quarter:-quarter]
    return float(np.abs(np.diff(middle, axis=1)).mean())


def _bracket_pixels(picture: Pillow.Image) -> int:
    pixels = np.asarray(picture.convert("RGB"), int)
    on_picture = ((255, 122, 107), (61, 220, 151))  # no mask, mask
    return max(int((np.abs(pixels - colour).sum(axis=2) < 12).sum()) for colour in on_picture)


def test_snapshot_is_saved_here_with_faces_blurred_or_not(live: LivePage, film: Film) -> None:
    requests: list[str] = []
    assert live.open().page.locator("[data-action=snapshot]").is_disabled(), "there is nothing to save yet"
    live.start()
    live.wait(lambda data: data["faces"] == "1")
    live.page.on("request", lambda request: requests.append(request.method))
    live.press("mirror")  # off: the film's own coordinates
    blurred, name = _snapshot(live)
    assert re.fullmatch(r"maskgate-\d{4}-\d\d-\d\d-\d{6}\.png", name)
    assert "faces blurred" in live.page.locator("#chip").inner_text()
    live.page.locator("input[data-action=blur]").uncheck()
    live.page.evaluate("document.activeElement.blur()")
    sharp, _ = _snapshot(live, "s")
    assert "Faces can be seen" in live.page.locator("#chip").inner_text()
    assert blurred.size == sharp.size == (640, 480), "as the camera gives it"
    assert _detail(sharp, film) > 2 * _detail(blurred, film)
    assert min(_bracket_pixels(blurred), _bracket_pixels(sharp)) > 50, "the box is drawn"
    assert "POST" not in requests
    live.open()
    assert not live.page.locator("input[data-action=blur]").is_checked()


def test_full_screen(live: LivePage) -> None:
    live.open()
    button = live.page.locator("[data-action=fullscreen]")
    for press in (button.click, lambda: live.page.keyboard.press("f")):
        press()
        live.wait(lambda _: bool(live.page.evaluate("document.fullscreenElement !== null")))
        live.wait(lambda _: button.get_attribute("aria-pressed") == "true")
        press()
        live.wait(lambda _: bool(live.page.evaluate("document.fullscreenElement === null")))


def test_keys_act_unless_a_field_has_the_focus_or_they_are_off(live: LivePage) -> None:
    live.start()
    mirror = live.page.locator("[data-action=mirror]")
    live.page.evaluate("document.activeElement.blur()")
    live.page.keyboard.press("m")
    assert mirror.get_attribute("aria-pressed") == "false"
    live.page.keyboard.press("n")
    assert live.page.locator("[data-action=sound]").get_attribute("aria-pressed") == "true"
    live.page.keyboard.press("Control+m")
    assert mirror.get_attribute("aria-pressed") == "false"
    live.page.locator("select[data-action=model]").focus()
    live.page.keyboard.press("m")
    assert mirror.get_attribute("aria-pressed") == "false"
    mirror.focus()
    live.page.keyboard.press(" ")
    assert mirror.get_attribute("aria-pressed") == "true", "a button's own"
    assert live.dataset["state"] in ("live", "stalled")
    live.page.evaluate("document.activeElement.blur()")
    live.page.keyboard.press(" ")
    live.wait(lambda data: data["state"] == "idle")
    live.page.evaluate("document.activeElement.blur()")
    live.page.keyboard.press(" ")
    live.wait(lambda data: data["state"] == "live")
    live.page.locator("input[data-action=shortcuts]").uncheck()
    live.page.evaluate("document.activeElement.blur()")
    live.page.keyboard.press("m")
    assert mirror.get_attribute("aria-pressed") == "true"
    live.open().page.locator("[data-action=start]:enabled").wait_for()
    live.page.keyboard.press("m")
    assert mirror.get_attribute("aria-pressed") == "true", "off is remembered"
    live.page.locator("input[data-action=shortcuts]").check()
    live.page.evaluate("document.activeElement.blur()")
    live.page.keyboard.press("m")
    assert mirror.get_attribute("aria-pressed") == "false"


def test_all_controls_by_keyboard_alone(live: LivePage) -> None:
    choosers: list[bool] = []
    live.page.on("filechooser", lambda chooser: choosers.append(chooser.is_multiple()))
    live.start()
    live.wait(lambda data: data["faces"] == "1")
    wanted = {
        "camera", "pause", "mirror", "sound", "snapshot", "photo", "fullscreen", "face", "model", "detector",
        "min_score", "smoothing", "defaults", "blur", "shortcuts", "language",
    }  # fmt: skip
    # A camera alone is no choice, and there is one here: test_camera.py has three.
    wanted -= {"camera"}
    state = """() => {
        const { dataset, ariaPressed, checked, value } = document.activeElement;
        return [dataset.action ?? "", ariaPressed ?? String(checked ?? value)];
    }"""
    live.page.evaluate("document.activeElement.blur()")
    reached: set[str] = set()
    for _ in range(40):
        live.page.keyboard.press("Tab")
        verb, before = live.page.evaluate(state)
        if verb in reached or verb not in wanted:
            continue
        reached.add(verb)
        outline = live.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert verb == "face" or outline == "solid", f"the focus on {verb} cannot be seen"
        if verb in ("mirror", "sound"):
            for key in ("Enter", " "):
                live.page.keyboard.press(key)
                after = live.page.evaluate(state)[1]
                assert after != before, verb
                before = after
        elif verb in ("blur", "shortcuts"):
            live.page.keyboard.press(" ")
            assert live.page.evaluate(state)[1] != before
        elif verb in ("min_score", "smoothing"):
            live.page.keyboard.press("ArrowRight")
            changed = live.page.evaluate("Number(document.activeElement.value)")
            live.wait(lambda _, verb=verb, value=changed: _shown(live, verb) == pytest.approx(value))  # type: ignore[misc]
        elif verb == "face":
            live.wait(lambda _: live.page.locator("#faces .face").count() > 1)
            live.page.keyboard.press("ArrowDown")
            assert live.page.evaluate("document.activeElement.value") != "", "from the largest to a face of its own"
            live.page.keyboard.press("ArrowUp")
        elif verb == "snapshot":
            with live.page.expect_download():
                live.page.keyboard.press("Enter")
        elif verb in ("model", "detector"):
            live.page.keyboard.press("ArrowDown")
            assert live.page.evaluate(state)[1] != before
            live.page.keyboard.press("ArrowUp")
        elif verb == "language":
            for key, code in (("ArrowDown", "bn"), ("ArrowUp", "en")):
                live.page.keyboard.press(key)
                expect(live.page.locator(f"html[lang={code}]")).to_be_attached()
        elif verb == "photo":
            live.page.keyboard.press("Enter")
            live.wait(lambda _: bool(choosers))
    assert reached == wanted
    live.wait(lambda data: data["state"] == "live")


def _shown(live: LivePage, verb: str) -> float:
    value, unit = _output(live, verb).split()
    return float(value) / (100 if unit == "%" else 1)


def test_touch_alone(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    live = LivePage(context.new_page(), server.url).open()
    page = live.page
    page.locator("[data-action=start]").tap()
    live.wait(lambda data: data["state"] == "live")
    for verb in ("mirror", "sound"):
        before = page.locator(f"[data-action={verb}]").get_attribute("aria-pressed")
        page.locator(f"[data-action={verb}]").tap()
        assert page.locator(f"[data-action={verb}]").get_attribute("aria-pressed") != before
    with page.expect_download():
        page.locator("[data-action=snapshot]").tap()
    page.locator("[data-action=panel]").tap()
    page.locator("label:has(input[data-action=blur])").tap()
    assert not page.locator("input[data-action=blur]").is_checked()
    page.locator("[data-action=panel]").tap()
    page.locator("[data-action=pause]").tap()
    live.wait(lambda data: data["state"] == "idle")
    assert live.errors == []
    context.close()
