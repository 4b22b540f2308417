"""The pages in every language: chosen, changed while they run, with the letters that they need, mirrored or not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from server.web.languages import COOKIE, LANGUAGES, read_words
from tests.browser.live_page import LivePage
from tests.browser.serving import ROOT, Server

LANG = ROOT / "static" / "lang"
FETCHED = re.compile(r"/static/(?:lang/(\w+)\.json|vendor/fonts/noto-sans-(\w+)/)")
FONTS = {"bn": "bengali", "ar": "arabic", "zh": "sc"}
PHONE, DESK = (360, 740), (1280, 800)

FACES = [
    {
        "box": {"x": 0.1, "y": 0.3, "width": 0.2, "height": 0.3},
        "score": 1,
        "label": label,
        "probabilities": {label: 0.97},
        **({"reason": "too_small"} if label == "unsure" else {}),
    }
    for label in ("with_mask", "unsure")
]


def words(code: str, path: str) -> str:
    node: Any = read_words(LANG / f"{code}.json")
    for step in path.split("."):
        node = node[step]
    return str(node)


@pytest.fixture
def speak(chromium: Browser, server: Server) -> Iterator[Any]:
    """Opens a page in a browser of some languages; after the test no error must have gone unnoticed in any."""
    opened: list[tuple[BrowserContext, LivePage]] = []

    def start(locale: str, size: tuple[int, int] = DESK, path: str = "", **options: Any) -> LivePage:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, locale=locale, color_scheme="light", **options
        )
        page = LivePage(context.new_page(), server.url + path)
        opened.append((context, page))
        return page

    yield start
    for context, page in opened:
        context.close()
        assert page.errors == []


def language_of(page: Page) -> str:
    return str(page.evaluate("`${document.documentElement.lang} ${document.documentElement.dir}`"))


def answering(label: str) -> str:
    """An answer of one face, for `LivePage.answer_with`."""
    faces = [face for face in FACES if face["label"] == label]
    return f"[{{ kind: 'result', result: {json.dumps({'faces': faces, 'dropped': 0})} }}]"


@pytest.mark.parametrize("code", LANGUAGES)
def test_speaks_the_browser_s_language_and_fetches_no_other(speak: Any, code: str) -> None:
    live: LivePage = speak(f"{code}-XX" if code == "es" else code)
    fetched: list[tuple[str, str]] = []
    live.page.on("request", lambda request: fetched.extend(FETCHED.findall(request.url)))
    live.open()
    button = live.page.locator("[data-action=start]")
    expect(button).to_have_text(words(code, "stage.invite.button"))
    assert language_of(live.page) == f"{code} {'rtl' if code == 'ar' else 'ltr'}"
    expect(live.page.locator("#status")).to_have_text(words(code, "state.idle"))
    live.page.evaluate("document.fonts.ready.then(() => {})")
    assert {file for file, _ in fetched if file} == {code}
    assert {font for _, font in fetched if font} <= {FONTS.get(code)}
    if code in ("bn", "zh"):  # letters that no system's type of ours has
        assert any(font for _, font in fetched)
    expect(live.page.locator("select[data-action=language]")).to_have_value(code)


@pytest.mark.parametrize("path", ["/models", "/models/mobilenetv2", "/models/nothing"])
def test_pages_to_read_speak_it_too(speak: Any, path: str) -> None:
    page = speak("ar", path=path).open().page
    expect(page.locator("nav a").first).to_have_text(words("ar", "pages.live"))
    assert language_of(page) == "ar rtl"
    assert re.search("[\u0600-\u06ff]", page.title())
    if path == "/models/mobilenetv2":
        expect(page.locator(".foreign")).to_be_visible()
        assert page.locator("article.card").get_attribute("lang") == "en"
        page.locator("select[data-action=language]").select_option("en")
        expect(page.locator(".foreign")).to_be_hidden()
        expect(page.locator("h1")).to_contain_text("MobileNetV2, three classes")


def test_changes_while_the_session_goes_on(speak: Any) -> None:
    live: LivePage = speak("en")
    live.start()
    live.answer_with(answering("with_mask"))
    page, select = live.page, live.page.locator("select[data-action=language]")
    for code, direction in (("bn", "ltr"), ("ar", "rtl"), ("en", "ltr")):
        before = int(live.dataset["frames"])
        select.select_option(code)
        expect(page.locator("#status")).to_have_text(words(code, "state.live"))
        expect(page.locator("#answer")).to_have_text(words(code, "labels.with_mask"))
        expect(page.locator("[data-action=pause]")).to_have_attribute("aria-label", words(code, "dock.pause"))
        expect(page.locator("[data-action=model] option[value=mobilenetv2]")).to_contain_text(
            words(code, "modelNames.mobilenetv2.title").strip("\u200f")
        )
        assert language_of(page) == f"{code} {direction}"
        data = live.wait(lambda data, before=before: int(data["frames"]) > before + 2)  # type: ignore[misc]
        assert (data["state"], data["labels"]) == ("live", "with_mask"), "codes, whatever the language"
    assert page.locator("[data-certainty=with_mask] .percent").inner_text() == "97\u00a0%"
    select.select_option("bn")
    expect(page.locator("[data-certainty=with_mask] .percent")).to_have_text("৯৭%")
    select.select_option("fr")
    live.press("pause")
    expect(page.locator("#notice-title")).to_have_text(words("fr", "stage.paused.title"))
    select.select_option("de")
    expect(page.locator("#notice-title")).to_have_text(words("de", "stage.paused.title"))
    expect(page.locator("#answer")).to_have_text(words("de", "summary.idle"))


def test_a_choice_is_remembered_and_an_address_goes_before_it(speak: Any, server: Server) -> None:
    live: LivePage = speak("fr", path="/?lang=de")
    live.open()
    start = live.page.locator("[data-action=start]")
    expect(start).to_have_text(words("de", "stage.invite.button"))
    live.page.goto(server.url)
    expect(start).to_have_text(words("fr", "stage.invite.button"))
    live.page.goto(f"{server.url}/?lang=de&x=1")
    live.page.locator("select[data-action=language]").select_option("es")
    expect(start).to_have_text(words("es", "stage.invite.button"))
    assert live.page.url == f"{server.url}/?x=1", "the address does not ask for another any more"
    live.page.goto(f"{server.url}/models")
    expect(live.page.locator("h1")).to_have_text(words("es", "models.title"))
    (cookie,) = live.page.context.cookies()
    assert (cookie["name"], cookie["value"], cookie["sameSite"]) == (COOKIE, "es", "Lax")
    live.page.locator("select[data-action=language]").select_option("ar")
    expect(live.page.locator("h1")).to_have_text(words("ar", "models.title"))
    live.page.go_back()
    expect(start).to_have_text(words("ar", "stage.invite.button"))


def test_the_page_knows_more_of_the_browser_s_languages_than_the_server_hears(speak: Any) -> None:
    live: LivePage = speak("nl")
    live.page.add_init_script("Object.defineProperty(navigator, 'languages', { value: ['nl-NL', 'ar-EG', 'de'] })")
    live.open()
    expect(live.page.locator("[data-action=start]")).to_have_text(words("ar", "stage.invite.button"))
    assert language_of(live.page) == "ar rtl"


def test_a_word_that_is_missing_is_said_in_english(speak: Any) -> None:
    live: LivePage = speak("de")
    torn = read_words(LANG / "de.json")
    del torn["dock"]["mirror"], torn["summary"]["idle"]
    live.page.route("**/static/lang/de.json", lambda route: route.fulfill(json=torn))
    live.open()
    expect(live.page.locator("[data-action=mirror] span")).to_have_text("Mirror")
    expect(live.page.locator("#answer")).to_have_text("No picture yet")
    expect(live.page.locator("[data-action=start]")).to_have_text(words("de", "stage.invite.button"))


def test_a_language_that_cannot_be_had_leaves_the_page_as_it_is(speak: Any) -> None:
    live: LivePage = speak("en")
    live.open()
    select = live.page.locator("select[data-action=language]")
    for broken in (lambda route: route.abort(), lambda route: route.fulfill(status=503)):
        live.page.route("**/static/lang/fr.json", broken)
        select.select_option("fr")
        expect(select).to_have_value("en")
        assert select.evaluate("(select) => select.validationMessage") == words("en", "language.unreachable")
        expect(live.page.locator("[data-action=start]")).to_have_text(words("en", "stage.invite.button"))
    assert live.page.context.cookies() == []
    select.select_option("de")
    expect(live.page.locator("[data-action=start]")).to_have_text(words("de", "stage.invite.button"))
    assert select.evaluate("(select) => select.validationMessage") == ""


SET_BY = """(font) => [...document.querySelectorAll("#notice-title, #notice-button, #status, .certainty [data-word]")]
    .map((element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        const width = () => range.getBoundingClientRect().width;
        const before = width();
        element.style.fontFamily = font;
        element.style.fontSize = `${parseFloat(getComputedStyle(element).fontSize) + 0.01}px`; // set anew for certain
        const after = width();
        element.style.fontFamily = element.style.fontSize = "";
        return [element.textContent, before, after];
    })"""


@pytest.mark.parametrize(("code", "font"), [("bn", "Noto Sans Bengali Variable"), ("zh", "Noto Sans SC Variable")])
def test_words_are_set_in_letters_that_came_late(speak: Any, code: str, font: str) -> None:
    """Until they come, what stands there is boxes, which are wider in Bengali and narrower in Chinese."""
    live: LivePage = speak(code)
    live.open()
    expect(live.page.locator("[data-action=start]")).to_have_text(words(code, "stage.invite.button"))
    for _ in range(100):
        if live.page.evaluate("document.body.style.fontFeatureSettings !== '' && document.fonts.status === 'loaded'"):
            break
        live.page.wait_for_timeout(100)
    live.page.wait_for_timeout(200)
    for text, before, after in live.page.evaluate(SET_BY, f'"{font}"'):
        assert before == pytest.approx(after, rel=0.06), text


DRAW = """async (label) => {
    const { drawPlate, plateSize, plateWords } = await import("/static/js/marks.js");
    const { readPalette } = await import("/static/js/palette.js");
    const canvas = Object.assign(document.createElement("canvas"), { width: 600, height: 60 });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const palette = readPalette(document.documentElement);
    const face = { label, probabilities: { [label]: 0.97 }, reason: "too_small" };
    const words = plateWords(face);
    const size = plateSize(context, words, palette, 20);
    const icons = new Map([[label, new Path2D("M0 0h24v24h-24z")]]);
    drawPlate(context, { x: 10, y: 10, ...size }, label, words, palette, icons, false);
    const at = (x) => [...context.getImageData(x, Math.round(10 + size.height / 2), 1, 1).data].slice(0, 3).join();
    const wanted = document.createElement("canvas").getContext("2d");
    wanted.fillStyle = palette.onGround(label);
    wanted.fillRect(0, 0, 1, 1);
    const colour = [...wanted.getImageData(0, 0, 1, 1).data].slice(0, 3).join();
    let [first, last] = [Infinity, -1];
    const pixels = context.getImageData(0, 0, 600, 60).data;
    for (let x = 0; x < 600; x += 1) {
        for (let y = 0; y < 60; y += 1) {
            const dark = pixels[4 * (y * 600 + x) + 3] > 200 && pixels[4 * (y * 600 + x)] < 140;
            if (dark) [first, last] = [Math.min(first, x), Math.max(last, x)];
        }
    }
    return { left: at(23) === colour, right: at(Math.round(10 + size.width - 13)) === colour,
             first: first - 10, last: 10 + size.width - last, text: words.answer };
}"""


@pytest.mark.parametrize("label", ["with_mask", "unsure"])
def test_a_plate_begins_where_its_language_does(speak: Any, label: str) -> None:
    for code in ("en", "ar"):
        page = speak(code).open().page
        expect(page.locator("[data-action=start]")).to_have_text(words(code, "stage.invite.button"))
        drawn: Mapping[str, Any] = page.evaluate(DRAW, label)
        assert drawn["text"] == words(code, f"labels.{label}")
        assert (drawn["left"], drawn["right"]) == (code == "en", code == "ar"), "the icon stands first"
        assert 5 <= drawn["first"] <= 16, "nothing is drawn over the plate's edge"
        assert 5 <= drawn["last"] <= 16


def test_right_to_left_turns_the_page_and_not_the_picture(speak: Any) -> None:
    seen = {}
    for code in ("en", "ar"):
        live: LivePage = speak(code)
        live.start()
        live.answer_with(answering("with_mask"))
        live.wait(lambda data: data["labels"] == "with_mask" and data["faces"] == "1")
        live.page.wait_for_timeout(500)
        stage, panel, mark = (live.page.locator(place).bounding_box() for place in ("#stage", "#panel", ".mark"))
        assert stage
        assert panel
        assert mark
        assert (panel["x"] < stage["x"]) is (code == "ar")
        assert (mark["x"] > DESK[0] / 2) is (code == "ar")
        box = live.brackets("--on-picture-with-mask")
        assert box
        seen[code] = (box.x, box.y, box.width)
    assert seen["en"] == pytest.approx(seen["ar"], abs=0.01)


CUT_OFF = """async () => {
    const { lang, scrollWidth } = document.documentElement;
    const words = await (await fetch(`/static/lang/${lang}.json`)).json();
    const status = document.querySelector("#status");
    const cut = scrollWidth > innerWidth ? [`the page: ${scrollWidth} px`] : [];
    for (const text of status ? Object.values(words.state) : []) {
        status.textContent = text;
        status.getBoundingClientRect(); // asks for letters that it lacks
        await document.fonts.ready;
        if (status.scrollWidth > status.clientWidth) cut.push(text);
    }
    for (const button of document.querySelectorAll(".dock button, th button, tbody .control, .ways .control")) {
        const { left, right } = button.getBoundingClientRect();
        const inside = left >= 0 && right <= innerWidth && button.scrollWidth <= button.clientWidth + 1;
        if (button.checkVisibility() && !inside) cut.push(button.textContent.trim());
    }
    return cut;
}"""


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_is_cut_off_in_any_language(speak: Any, code: str) -> None:
    page = speak(code).open().page
    for path, first in (("", "stage.invite.title"), ("/models", "models.title")):
        page.goto(f"{page.url.removesuffix('/')}{path}")
        expect(page.locator("#notice-title, main h1")).to_have_text(words(code, first))
        for width, height in (PHONE, (900, 700)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(CUT_OFF) == [], f"{width} px"
