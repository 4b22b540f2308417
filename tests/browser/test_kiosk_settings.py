"""The kiosk's settings: how they are found, kept and guarded."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Route

from tests.browser.kiosk_page import KioskPage, Somebody
from tests.browser.serving import Server
from tests.browser.test_controls import HEAR_TONES


@pytest.fixture
def kiosk(chromium: Browser, server: Server) -> Iterator[KioskPage]:
    """Answered by hand and not yet opened; after the test no error must have gone unnoticed in it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, service_workers="block")
    page = KioskPage(context.new_page(), server.url).by_hand()
    yield page
    context.close()
    assert page.errors == []


def _opened(page: KioskPage) -> KioskPage:
    page.open()
    page.wait(lambda data: data["state"] == "live")
    return page


def test_five_taps_in_a_corner_and_no_fewer(kiosk: KioskPage) -> None:
    dialog = _opened(kiosk).page.locator("#settings")
    kiosk.tap_corner(4)
    kiosk.tap_corner(1, right=False)
    kiosk.page.mouse.click(640, 400)
    assert not dialog.is_visible()
    kiosk.tap_corner(5)
    assert dialog.is_visible()
    kiosk.page.locator("#options [data-action=close]").click()
    assert not dialog.is_visible()
    kiosk.tap_corner(5, right=False, bottom=True)
    assert dialog.is_visible()
    kiosk.page.keyboard.press("Escape")
    assert not dialog.is_visible()


def test_what_is_saved_holds_and_needs_no_address(kiosk: KioskPage) -> None:
    _opened(kiosk).tap_corner()
    form = kiosk.page.locator("#options")
    form.locator("[name=stream]").fill("West wing")
    form.locator("[name=policy]").select_option("advise")
    form.locator("[name=lang]").select_option("fr")
    form.locator("[name=min_face]").fill("30")
    form.locator("[name=rotate]").select_option("180")
    form.locator("[name=chime]").select_option("bell")
    with kiosk.page.expect_navigation():
        form.locator("[data-action=save]").click()
    assert "policy=advise" in kiosk.page.url
    for _ in range(2):
        kiosk.wait(lambda data: data["state"] == "live")
        kiosk.show(Somebody(1, "without_mask", size=0.29), Somebody(2, "with_mask", size=0.31))
        kiosk.answers("with_mask")
        assert kiosk.page.locator("#band").get_attribute("data-tone") == "neutral"
        assert kiosk.page.locator("#door").text_content() == "West wing"
        kiosk.tap_corner()
        names = ("stream", "min_face", "rotate", "chime", "lang")
        values = [form.locator(f"[name={name}]").input_value() for name in names]
        assert values == ["West wing", "30", "180", "bell", "fr"]
        kiosk.open()  # by the bare address, as an installed kiosk starts


def test_the_address_has_the_last_word_and_nonsense_in_it_counts_as_nothing(kiosk: KioskPage) -> None:
    kiosk.url += "?policy=never&min_face=9&rotate=45&voice=maybe&chime=trumpet&stream=%20East%20"
    _opened(kiosk).tap_corner()
    form = kiosk.page.locator("#options")
    names = ("policy", "min_face", "rotate", "chime", "stream")
    assert [form.locator(f"[name={name}]").input_value() for name in names] == ["strict", "12", "0", "off", "East"]
    assert not form.locator("[name=voice]").is_checked()


def test_the_language_is_remembered_too(kiosk: KioskPage) -> None:
    bare = kiosk.url
    kiosk.url += "?lang=en"
    _opened(kiosk)
    kiosk.url = bare
    _opened(kiosk)
    assert kiosk.page.url.endswith("/kiosk?lang=en")


def test_where_storage_is_refused_it_works_all_the_same(kiosk: KioskPage) -> None:
    kiosk.page.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"]) {
            Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError"); } });
        }"""
    )
    _opened(kiosk)
    kiosk.show(Somebody(1, "with_mask"))
    kiosk.answers("with_mask")
    kiosk.show()
    kiosk.page.wait_for_timeout(2_500)
    kiosk.tap_corner()
    assert kiosk.page.locator("#today dd").first.inner_text() == "1"


def test_the_server_hears_the_name_and_no_address_keeps_the_token(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(service_workers="block")
    page = KioskPage(context.new_page(), server.url, stream="Front door", token="secret")
    sent: list[str | bytes] = []
    page.page.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.extend([data])))
    _opened(page)
    (hello,) = [text for text in sent if isinstance(text, str) and text.startswith("40/stream")]
    assert '"stream":"Front door"' in hello
    assert page.page.url.endswith("/kiosk?stream=Front+door"), "the server made a cookie of the token"
    kept = page.page.evaluate("Object.entries(localStorage).flat().join()")
    assert "Front door" in kept
    assert "secret" not in kept
    context.close()
    assert page.errors == []


def test_counts_of_today_are_shown(kiosk: KioskPage) -> None:
    _opened(kiosk)
    kiosk.show(Somebody(1, "with_mask"), Somebody(2, "without_mask", x=0.7, size=0.3))
    kiosk.answers("without_mask")
    kiosk.show()
    kiosk.wait(lambda _: kiosk.counts().get("without_mask") == 1)
    kiosk.tap_corner()
    numbers = kiosk.page.locator("#today dd")
    assert numbers.all_inner_texts() == ["1", "1", "0", "0"]


def test_a_pin_is_asked_first(kiosk: KioskPage) -> None:
    tried: list[str] = []

    def with_pin(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('data-asks-pin="no"', 'data-asks-pin="yes"'))

    def check(route: Route) -> None:
        tried.append(route.request.post_data or "")
        status = {0: 403, 1: 429, 2: 204}[len(tried) - 1]
        route.fulfill(status=status)

    kiosk.page.route("**/kiosk", with_pin)
    kiosk.page.route("**/kiosk/pin", check)
    _opened(kiosk).tap_corner()
    pin, options, note = (kiosk.page.locator(name) for name in ("#pin", "#options", "#pin-note"))
    assert pin.is_visible()
    assert not options.is_visible()
    for digit in "47119":
        pin.locator(f"[data-action=digit][value='{digit}']").click()
    pin.locator("[data-action=delete]").click()
    pin.locator("[type=submit]").click()
    kiosk.page.get_by_text("That is not the PIN").wait_for()
    pin.locator("input").fill("1234")
    kiosk.page.keyboard.press("Enter")
    kiosk.page.get_by_text("Too many tries").wait_for()
    assert not options.is_visible()
    pin.locator("input").fill("4712")
    kiosk.page.keyboard.press("Enter")
    options.wait_for()
    assert not pin.is_visible()
    assert note.is_hidden()
    assert tried == ['{"pin":"4711"}', '{"pin":"1234"}', '{"pin":"4712"}']


def test_the_chime_is_listened_to_and_the_screen_filled(kiosk: KioskPage) -> None:
    kiosk.page.add_init_script(HEAR_TONES)
    _opened(kiosk).tap_corner()
    form = kiosk.page.locator("#options")
    for tune, tones in (("off", 0), ("soft", 2), ("bell", 4)):
        form.locator("[name=chime]").select_option(tune)
        form.locator("[data-action=listen]").click()
        kiosk.wait(lambda _, tones=tones: kiosk.page.evaluate("window.tones") == tones)  # type: ignore[misc]
    for full in (True, False):
        form.locator("[data-action=fullscreen]").click()
        kiosk.wait(lambda _, full=full: kiosk.page.evaluate("document.fullscreenElement !== null") is full)  # type: ignore[misc]
    assert form.is_visible(), "to go on with"


def test_settings_by_keyboard_alone(kiosk: KioskPage) -> None:
    kiosk.page.add_init_script(HEAR_TONES)
    _opened(kiosk).tap_corner()
    press = kiosk.page.keyboard.press
    keys = {
        "camera": "", "stream": "East", "lang": "", "policy": "ArrowDown", "rotate": "ArrowDown", "min_face": "ArrowUp",
        "chime": "ArrowDown", "listen": "Enter", "voice": " ", "save": "", "fullscreen": "", "close": "",
    }  # fmt: skip
    focused = "(({ name, dataset }) => name || dataset.action)(document.activeElement)"
    for name, key in keys.items():
        assert kiosk.page.evaluate(focused) == name, "in the order in which they stand"
        assert kiosk.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", name
        if name == "stream":
            kiosk.page.keyboard.type(key)
        elif key:
            press(key)
        if name != "close":
            press("Tab")
    kiosk.wait(lambda _: kiosk.page.evaluate("window.tones") == 2)
    press("Shift+Tab")
    press("Shift+Tab")
    with kiosk.page.expect_navigation():
        press("Enter")
    asked = dict(parse_qsl(urlsplit(kiosk.page.url).query))
    wanted = {"stream": "East", "policy": "advise", "rotate": "90", "min_face": "0.13", "chime": "soft", "voice": "1"}
    assert asked == wanted
    kiosk.wait(lambda data: data["state"] == "live")
    kiosk.tap_corner()
    press("Escape")
    assert not kiosk.page.locator("#settings").is_visible()


def test_settings_left_open_close_by_themselves(kiosk: KioskPage) -> None:
    kiosk.page.clock.install()
    _opened(kiosk).tap_corner()
    assert kiosk.page.locator("#settings").is_visible()
    kiosk.page.clock.fast_forward(95_000)
    assert not kiosk.page.locator("#settings").is_visible()
