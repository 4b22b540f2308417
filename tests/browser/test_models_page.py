"""The pages about models: compared by eye and by keyboard, measured with the real server, one of them used live."""

from __future__ import annotations

import io
import json
import re
import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image as Pillow
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from server.training.portrait import masked_portrait
from tests.browser.live_page import LivePage
from tests.browser.serving import ROOT, Server

THREE, TWO, BARE = "mobilenetv2", "mobilenetv2-binary", "bare"
"""A model of three answers with pictures, one of two without, and one whose card tells no figure and no story."""

DETECT = re.compile(r"/api/v1/detect\?model=([a-z0-9-]+)$")
INK = {"light": (20, 30, 40), "dark": (240, 220, 200)}
DRAWING = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 80"><style>
    rect {{ fill: rgb{INK["light"]} }}
    @media (prefers-color-scheme: dark) {{ rect {{ fill: rgb{INK["dark"]} }} }}
</style><rect x="10" y="10" width="80" height="60"/></svg>"""
RUNS, WORKERS = 9, 2

Row = dict[str, float]


@pytest.fixture(scope="module")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for name in (THREE, TWO):
        shutil.copytree(ROOT / "models" / name, folder / name, ignore=shutil.ignore_patterns("pictures"))
    pictures = folder / THREE / "pictures"
    pictures.mkdir()
    for kind in ("curves", "confusion-test"):
        (pictures / f"{kind}.svg").write_text(DRAWING)
    Pillow.fromarray(masked_portrait()[60:190, 160:290]).save(pictures / "heat.webp")
    bare = folder / BARE
    bare.mkdir()
    shutil.copy(folder / THREE / "model.tflite", bare)
    card = card_of(folder, THREE) | {"name": BARE, "title": "Bare", "metrics": {}, "training": {}}
    (bare / "card.json").write_text(json.dumps(card))
    return folder


def card_of(folder: Path, name: str) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((folder / name / "card.json").read_text())
    return card


@pytest.fixture(scope="module")
def home(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server with these models."""
    running = Server(tmp_path_factory.mktemp("server") / "log.txt", models_dir=models_dir, workers=WORKERS)
    try:
        running.start()
        wait_for_workers(running, WORKERS)
        yield running
    finally:
        running.stop()


def wait_for_workers(server: Server, count: int) -> None:
    deadline = time.monotonic() + 60
    while f"maskgate_workers {count}" not in urlopen(f"{server.url}/metrics").read().decode():
        assert time.monotonic() < deadline, f"still waiting for {count} workers"
        time.sleep(0.1)


@pytest.fixture
def sheet(chromium: Browser, home: Server) -> Iterator[Page]:
    """`/models` on a wide screen; after the test no error must have gone unnoticed in it."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = opened(context, home)
    yield page.page
    context.close()
    assert page.errors == []


def opened(context: BrowserContext, home: Server, path: str = "/models") -> LivePage:
    page = LivePage(context.new_page(), home.url + path).open()
    page.page.locator("h1:not(:empty)").wait_for()
    return page


def order(page: Page) -> list[str]:
    return [str(row.get_attribute("data-model")) for row in page.locator("#models tbody tr").all()]


def sorted_by(page: Page) -> dict[str, str | None]:
    return {
        str(header.get_attribute("data-column")): header.get_attribute("aria-sort")
        for header in page.locator("#models thead th[aria-sort]").all()
    }


def cell(page: Page, model: str, column: str) -> Any:
    return page.locator(f'#models tr[data-model="{model}"] td[data-column="{column}"]')


def test_sorted_at_first_by_what_people_ask(sheet: Page, models_dir: Path) -> None:
    assert sorted_by(sheet) == {"test": "descending"}
    values = {name: accuracy(card_of(models_dir, name)) for name in (THREE, TWO)}
    assert order(sheet) == [*sorted(values, key=lambda name: -values[name]), BARE]
    assert sheet.locator("#models caption").inner_text()


def accuracy(card: dict[str, Any]) -> float:
    test = card["metrics"]["test"]
    return float(test.get("mask_or_none", test["all"])["accuracy"]["value"])


def test_sorts_by_the_header_pressed_best_first_then_turned(sheet: Page) -> None:
    size = sheet.locator('#models th[data-column="size"] button')
    size.click()
    assert sorted_by(sheet) == {"size": "ascending"}
    rising = [float(cell(sheet, name, "size").get_attribute("data-value")) for name in order(sheet)]
    assert rising == sorted(rising)
    size.click()
    assert sorted_by(sheet) == {"size": "descending"}
    assert order(sheet)[0] == TWO
    assert "falling" in sheet.locator("#sorted").inner_text()
    assert [article.get_attribute("data-model") for article in sheet.locator("article.model").all()] == order(sheet)


def test_sorts_by_keyboard_and_keeps_the_unmeasured_last(sheet: Page) -> None:
    sheet.locator('#models th[data-column="hand"] button').focus()
    for key, direction, first in (("Enter", "ascending", THREE), ("Space", "descending", TWO)):
        sheet.keyboard.press(key)
        assert sorted_by(sheet) == {"hand": direction}
        assert order(sheet) == [first, *({THREE, TWO} - {first}), BARE]
    focused = sheet.evaluate("document.activeElement.closest('th').dataset.column")
    assert focused == "hand", "the focus stays where the next press is"


def test_sorts_by_name(sheet: Page) -> None:
    sheet.locator('#models th[data-column="model"] button').click()
    assert sorted_by(sheet) == {"model": "ascending"}
    titles = sheet.locator("#models tbody tr").evaluate_all("(rows) => rows.map((row) => row.dataset.title)")
    assert titles == sorted(titles, key=str.lower)


@pytest.mark.parametrize(("column", "path"), [("thesis", ("thesis", "all", "accuracy")), ("hand", None)])
def test_bars_and_whiskers_are_as_long_as_the_figures(
    sheet: Page, models_dir: Path, column: str, path: tuple[str, ...] | None
) -> None:
    floor, top = (
        float(re.sub(r"[^\d.]", "", text)) / 100
        for text in sheet.locator(f'#models th[data-column="{column}"] .scale > span').all_inner_texts()
    )
    rate = card_of(models_dir, TWO)["metrics"]
    for step in path or ("test_drawn_over_mouth", "with_mask"):
        rate = rate[step]
    drawn: Row = (
        cell(sheet, TWO, column)
        .locator(".gauge")
        .evaluate(
            """(gauge) => {
            const whole = gauge.getBoundingClientRect();
            const at = (x) => (x - whole.left) / whole.width;
            const ends = [...gauge.querySelectorAll(".whiskers line")].map((line) => line.getBoundingClientRect());
            return {
                value: gauge.querySelector(".bar-of").getBoundingClientRect().width / whole.width,
                low: at(ends[1].left + ends[1].width / 2), high: at(ends[2].left + ends[2].width / 2),
                from: at(ends[0].left), to: at(ends[0].right), width: whole.width,
            };
        }"""
        )
    )
    assert drawn["width"] > 40
    for end in ("value", "low", "high"):
        assert drawn[end] == pytest.approx((rate[end] - floor) / (top - floor), abs=0.02), end
    assert (drawn["from"], drawn["to"]) == pytest.approx((drawn["low"], drawn["high"]), abs=0.02)
    figures = cell(sheet, TWO, column).inner_text()
    assert f"{100 * rate['value']:.1f}\u00a0%" in figures
    assert f"{100 * rate['low']:.1f}–{100 * rate['high']:.1f}" in figures


def test_a_model_of_two_answers_says_what_it_never_says(sheet: Page) -> None:
    assert cell(sheet, TWO, "incorrect").inner_text() == "never says it"
    assert cell(sheet, THREE, "incorrect").get_attribute("data-value") is not None
    assert sheet.locator("article.model:has([data-never])").evaluate_all(
        "(all) => all.map((one) => one.dataset.model)"
    ) == [TWO]
    assert "worn incorrectly" in sheet.locator(f'article[data-model="{TWO}"] [data-never]').inner_text()


def test_only_pictures_that_are_there(sheet: Page) -> None:
    for image in sheet.locator("main img").all():
        image.scroll_into_view_if_needed()
        sheet.wait_for_timeout(50)
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("(image) => image.naturalWidth") > 0
        assert image.get_attribute("alt")
    kinds = [picture.get_attribute("class") for picture in sheet.locator("article.model .picture").all()]
    assert kinds == ["picture curves", "picture confusion-test", "picture heat"]
    assert "NASA" in sheet.locator(".portrait").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_drawings_follow_the_scheme(chromium: Browser, home: Server, scheme: Any) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    page = opened(context, home)
    picture = page.page.locator("article.model .picture.curves img")
    picture.scroll_into_view_if_needed()
    page.page.wait_for_timeout(300)
    with Pillow.open(io.BytesIO(picture.screenshot())) as shot:
        pixels = np.asarray(shot.convert("RGB"), np.int16)
    assert np.abs(pixels[pixels.shape[0] // 2, pixels.shape[1] // 2] - INK[scheme]).max() <= 3
    # Around the drawing the page's own ground shows through.
    assert bool(pixels[2, 2].mean() > 200) is (scheme == "light")
    assert page.errors == []
    context.close()


def test_a_time_is_measured_by_the_server(sheet: Page) -> None:
    asked: list[str] = []
    sheet.on("request", lambda request: asked.extend(DETECT.findall(request.url)))
    button = cell(sheet, TWO, "time").locator("button")
    button.click()
    expect(button).to_have_text("Again", timeout=60_000)
    assert set(asked) == {TWO}
    assert len(asked) == RUNS + 2 * WORKERS, "two for each worker first, which do not count"
    assert float(cell(sheet, TWO, "time").get_attribute("data-value")) > 0
    assert cell(sheet, THREE, "time").get_attribute("data-value") is None
    assert "ms" in cell(sheet, TWO, "time").inner_text()


def test_the_first_answers_do_not_count_and_the_middle_of_the_others_does(sheet: Page) -> None:
    times = [900.0] * 4 + [5.0, 90.0, 3.0, 4.0, 8.0, 2.0, 7.0, 6.0, 1.0]
    left = iter(times)

    def answer(route: Route) -> None:
        route.fulfill(json={"faces": [{}], "timing_ms": {"classify": next(left)}})

    sheet.route(DETECT, answer)
    cell(sheet, THREE, "time").locator("button").click()
    expect(cell(sheet, THREE, "time").locator("button")).to_have_text("Again")
    assert float(cell(sheet, THREE, "time").get_attribute("data-value")) == statistics.median(times[4:])
    assert "1.0–90" in cell(sheet, THREE, "time").inner_text()


def test_all_are_measured_in_turn_and_sorted_by(sheet: Page) -> None:
    asked: list[str] = []
    sheet.on("request", lambda request: asked.extend(DETECT.findall(request.url)))
    sheet.locator('#models th[data-column="time"] button').click()
    before = order(sheet)
    sheet.locator("[data-action=measure-all]").click()
    expect(sheet.locator("[data-action=measure-all]")).to_have_text("Stop")
    expect(sheet.locator("#progress")).to_contain_text("of 3")
    expect(sheet.locator("[data-action=measure-all]")).to_have_text("Measure all times", timeout=90_000)
    assert sheet.locator("#progress").inner_text() == "Measured."
    assert list(dict.fromkeys(asked)) == before
    times = [float(cell(sheet, name, "time").get_attribute("data-value")) for name in order(sheet)]
    assert times == sorted(times), "the table was sorted by time before"


def test_measuring_can_be_stopped(sheet: Page) -> None:
    sheet.locator("[data-action=measure-all]").click()
    expect(sheet.locator("#progress")).to_contain_text("1 of 3")
    assert cell(sheet, THREE, "time").locator("button").is_disabled()
    sheet.locator("[data-action=measure-all]").click()
    expect(sheet.locator("#progress")).to_have_text("Stopped.")
    asked: list[str] = []
    sheet.on("request", lambda request: asked.append(request.url))
    sheet.wait_for_timeout(500)
    assert asked == []
    assert cell(sheet, THREE, "time").locator("button").is_enabled()


def test_a_model_that_is_refused_is_told_of_and_the_others_are_measured(sheet: Page) -> None:
    refusal = {"error": {"code": "unknown_model", "message": "It cannot be loaded."}}
    sheet.route(re.compile(rf"detect\?model={TWO}$"), lambda route: route.fulfill(status=404, json=refusal))
    sheet.locator("[data-action=measure-all]").click()
    expect(sheet.locator("[data-action=measure-all]")).to_have_text("Measure all times", timeout=90_000)
    troubles = sheet.locator("#troubles li").all_inner_texts()
    assert len(troubles) == 1
    assert "It cannot be loaded." in troubles[0]
    assert [name for name in (THREE, TWO, BARE) if cell(sheet, name, "time").get_attribute("data-value")] == [
        THREE,
        BARE,
    ]


def test_a_server_that_is_away_is_told_of_and_asked_again(sheet: Page) -> None:
    sheet.route(DETECT, lambda route: route.abort())
    button = cell(sheet, THREE, "time").locator("button")
    button.click()
    expect(sheet.locator("#progress")).to_contain_text("cannot be reached")
    sheet.unroute_all()
    button.click()
    expect(button).to_have_text("Again", timeout=60_000)


@pytest.mark.parametrize("start", ["table", "one by one", "own page"])
def test_use_this_one_live(chromium: Browser, home: Server, start: str) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = opened(context, home, f"/models/{TWO}" if start == "own page" else "/models")
    if start != "own page":
        assert (
            page.page.locator("[data-in-force]:visible").evaluate("(tag) => tag.closest('tr').dataset.model") == THREE
        )
    place = {"table": f'tr[data-model="{TWO}"] ', "one by one": f'article[data-model="{TWO}"] ', "own page": ""}[start]
    sent: list[str] = []
    page.page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda data: sent.append(data) if isinstance(data, str) else None),
    )
    page.page.locator(f"{place}[data-action=use]").click()
    page.page.wait_for_url(home.url + "/")
    select = page.page.locator("select[data-action=model]")
    expect(select).to_have_value(TWO)
    assert page.page.evaluate("localStorage.getItem('maskgate.model')") == TWO
    page.press("start")
    page.wait(lambda data: data["state"] == "live" and int(data["frames"]) >= 3)
    assert any('"configure"' in text and f'"{TWO}"' in text for text in sent)

    page.page.locator("a.way").click()
    page.page.wait_for_url("**/models")
    expect(page.page.locator("[data-in-force]:visible")).to_have_count(1)
    assert page.page.locator("[data-in-force]:visible").evaluate("(tag) => tag.closest('tr').dataset.model") == TWO
    assert page.errors == []
    context.close()


def test_the_live_page_says_what_the_model_in_force_never_says(chromium: Browser, home: Server) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = LivePage(context.new_page(), home.url).open()
    select, note = page.page.locator("select[data-action=model]"), page.page.locator("#never")
    expect(select).to_have_value(THREE)
    assert not note.is_visible()
    select.select_option(TWO)
    expect(note).to_be_visible()
    assert "never says “worn incorrectly”" in note.inner_text()
    select.select_option(THREE)
    expect(note).not_to_be_visible()
    assert page.errors == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(360, 740), (768, 1024), (1200, 800), (1920, 1080)])
def test_fits(chromium: Browser, home: Server, width: int, height: int, scheme: Any) -> None:
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    for path in ("/models", f"/models/{THREE}", f"/models/{BARE}", "/models/nothing"):
        page = opened(context, home, path).page
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        for control in page.locator("button:visible, select:visible, a.control:visible, summary:visible").all():
            box = control.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 44, control.evaluate("(element) => element.outerHTML")
        assert page.locator("h1").count() == 1
    context.close()


def test_a_phone_compares_one_column_at_a_time(chromium: Browser, home: Server) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page = opened(context, home).page
    headers = page.locator("#models thead th:visible")

    def columns() -> list[str | None]:
        return [header.get_attribute("data-column") for header in headers.all()]

    assert columns() == ["model", "test"]
    assert page.get_by_role("table").count() == 1, "still a table to a screen reader"
    assert page.get_by_role("columnheader").count() == 2
    page.locator("select[data-action=by]").select_option("size")
    assert columns() == ["model", "size"]
    assert sorted_by(page) == {"size": "ascending"}
    page.locator("select[data-action=by]").select_option("time")
    button = page.locator("[data-action=measure]:visible").first
    button.click()
    expect(button).to_have_text("Again", timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


def test_wide_tables_of_a_card_scroll_in_their_own_frame(chromium: Browser, home: Server) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page = opened(context, home, f"/models/{THREE}").page
    frame = page.locator(".scroll").first
    assert frame.evaluate("(frame) => frame.scrollWidth > frame.clientWidth")
    assert frame.get_attribute("aria-label")
    frame.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert frame.evaluate("(frame) => frame.scrollLeft") > 0
    context.close()


def test_an_unknown_model_leads_back(chromium: Browser, home: Server) -> None:
    context = chromium.new_context()
    page = opened(context, home, "/models/nothing").page
    assert "nothing" in page.locator("main p").first.inner_text()
    page.locator("main a").click()
    page.wait_for_url("**/models")
    context.close()


def test_nothing_comes_from_elsewhere(chromium: Browser, home: Server) -> None:
    context = chromium.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/models", f"/models/{THREE}"):
        page.goto(home.url + path, wait_until="networkidle")
    assert len(asked) > 10
    assert all(url.startswith((home.url, "data:")) for url in asked)
    context.close()
