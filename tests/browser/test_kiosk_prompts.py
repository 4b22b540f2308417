"""What the kiosk says to those who do not look at it."""

from __future__ import annotations

import json

from playwright.sync_api import Browser

from tests.browser.chromium import ALLOWED, CAMERA, Launch
from tests.browser.kiosk_page import KioskPage, Somebody
from tests.browser.serving import Server

SPEAKS = """(voices) => {
    window.heard = [];
    class Utterance extends EventTarget { constructor(text) { super(); this.text = text; } }
    window.SpeechSynthesisUtterance = Utterance;
    const synth = {
        getVoices: () => voices,
        cancel() {},
        speak: (spoken) => window.heard.push([spoken.text, spoken.voice.name, spoken.rate]),
    };
    Object.defineProperty(window, "speechSynthesis", { get: () => synth });
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (...rest) {
        window.heard.push("tone");
        return start.apply(this, rest);
    };
}"""
LOCAL = {"name": "here", "lang": "en-GB", "localService": True}
REMOTE = {"name": "elsewhere", "lang": "en-GB", "localService": False}
FOREIGN = {"name": "foreign", "lang": "de-DE", "localService": True}
TONES = ["tone", "tone"]


def test_who_does_not_look_hears_it_once(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(service_workers="block")
    page = KioskPage(context.new_page(), server.url).by_hand().open()
    page.page.evaluate(
        """() => {
            window.said = [];
            const region = document.querySelector("#spoken");
            new MutationObserver(() => window.said.push(region.textContent)).observe(region, { childList: true });
        }"""
    )
    assert page.page.locator("#spoken").get_attribute("aria-live") == "polite"
    page.show(Somebody(1, "without_mask"))
    page.answers("without_mask")
    page.page.wait_for_timeout(2_500)
    page.show(Somebody(1, "with_mask"))
    page.answers("with_mask")
    page.page.wait_for_timeout(2_500)
    assert page.page.evaluate("window.said") == ["Please put on a mask", "Thank you"]
    assert page.errors == []
    context.close()


def test_spoken_by_a_local_voice_or_else_the_chime(launch: Launch, server: Server) -> None:
    browser = launch(CAMERA, ALLOWED, "--autoplay-policy=no-user-gesture-required")
    cases: tuple[tuple[list[object], dict[str, object], list[object]], ...] = (
        ([REMOTE, FOREIGN, LOCAL], {"voice": 1}, [["Thank you", "here", 0.95]]),
        ([REMOTE, FOREIGN], {"voice": 1}, TONES),
        ([LOCAL], {"voice": 0, "chime": "bell"}, TONES),
        ([LOCAL], {}, []),
    )
    for voices, options, heard in cases:
        context = browser.new_context(service_workers="block")
        page = KioskPage(context.new_page(), server.url, **options).by_hand()
        page.page.add_init_script(f"({SPEAKS})({json.dumps(voices)})")
        page.open()
        page.show(Somebody(1, "with_mask"))
        page.answers("with_mask")
        page.page.wait_for_timeout(1_500)
        assert page.page.evaluate("window.heard") == heard
        assert page.errors == []
        context.close()
