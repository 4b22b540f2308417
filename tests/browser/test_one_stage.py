"""A model that finds the faces itself, in the panel of the live page: no choice leads into the server's refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Request, Response, expect

from tests.browser.live_page import LivePage
from tests.browser.one_stage import SMALLEST, write_one_stage
from tests.browser.serving import ROOT, Server

THREE, TWO, ONE_STAGE = "mobilenetv2", "mobilenetv2-binary", "onepass"
FINDER = "blazeface-short"
KINDS = ("model", "detector")
RUNS = 9


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server with a model of one stage beside two others, which is the default of nothing."""
    models = tmp_path_factory.mktemp("models")
    for name in (THREE, TWO):
        (models / name).symlink_to(ROOT / "models" / name)
    write_one_stage(models)
    log = tmp_path_factory.mktemp("server") / "log.txt"
    running = Server(log, models_dir=models, workers=1, detector="retinaface-640")
    try:
        running.start()
        yield running
    finally:
        running.stop()


class Panel:
    """The live page with its camera running, its choice in the panel and on the wire."""

    def __init__(self, live: LivePage) -> None:
        self.live = live
        self.configured: list[dict[str, object]] = []
        live.page.on("websocket", lambda socket: socket.on("framesent", self._sent))

    def _sent(self, data: str | bytes) -> None:
        if isinstance(data, str) and '"configure"' in data:
            self.configured.append(json.loads(data[data.index("[") :])[1])

    def choose(self, kind: str, name: str) -> None:
        self.live.page.locator(f"select[data-action={kind}]").select_option(name)

    def shows(self, model: str, detector: str) -> None:
        for kind, name in zip(KINDS, (model, detector), strict=True):
            expect(self.live.page.locator(f"select[data-action={kind}]")).to_have_value(name)

    def remembers(self, model: str, detector: str) -> None:
        """Where the camera runs, also that this is what the server was asked for, and that it went on answering."""
        kept = [self.live.page.evaluate(f"localStorage.getItem('maskgate.{kind}') ?? ''") for kind in KINDS]
        assert kept == [model, detector]
        if self.live.dataset["state"] == "live":
            self.live.wait(lambda _: [self.configured[-1][kind] or "" for kind in KINDS] == kept)
            frames = int(self.live.dataset["frames"])
            self.live.wait(lambda data: int(data["frames"]) > frames + 1)
        expect(self.live.page.locator("#choice-note")).not_to_be_visible()


@pytest.fixture
def panel(chromium: Browser, home: Server) -> Iterator[Panel]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    live = LivePage(context.new_page(), home.url)
    yield Panel(live)
    context.close()
    assert live.errors == []


@pytest.fixture
def standard(home: Server, panel: Panel) -> str:
    """The face finder in force where none is chosen."""
    panel.live.open()
    return panel.live.page.locator("select[data-action=detector] option[selected]").get_attribute("value") or ""


@pytest.mark.parametrize("running", [True, False], ids=["live", "before the camera runs"])
def test_it_takes_the_place_of_a_face_finder_and_a_face_finder_its_place(
    panel: Panel, standard: str, running: bool
) -> None:
    if running:
        panel.live.start()
    panel.choose("detector", FINDER)
    panel.shows(THREE, FINDER)
    panel.choose("model", ONE_STAGE)
    panel.shows(ONE_STAGE, ONE_STAGE)
    panel.remembers(ONE_STAGE, "")
    expect(panel.live.page.locator("#detector-description")).to_contain_text("another model takes its place")
    panel.choose("detector", FINDER)
    panel.shows(THREE, FINDER)
    panel.remembers("", FINDER)
    expect(panel.live.page.locator("#model-description")).not_to_contain_text("one pass")


def test_its_boxes_are_named_by_a_classifier_that_is_chosen_too(panel: Panel, standard: str) -> None:
    panel.live.start()
    panel.choose("detector", ONE_STAGE)
    panel.shows(ONE_STAGE, ONE_STAGE)
    panel.choose("model", TWO)
    panel.shows(TWO, ONE_STAGE)
    panel.remembers(TWO, ONE_STAGE)
    expect(panel.live.page.locator("#detector-description")).to_contain_text("one pass")
    panel.choose("model", ONE_STAGE)
    panel.remembers(ONE_STAGE, ONE_STAGE)
    panel.choose("detector", standard)
    panel.shows(THREE, standard)
    panel.remembers("", standard)


def test_the_page_of_models_leads_to_it_whatever_was_chosen_before(panel: Panel, home: Server, standard: str) -> None:
    page = panel.live.page
    page.evaluate(f"localStorage.setItem('maskgate.detector', '{FINDER}')")
    page.goto(f"{home.url}/models")
    page.locator(f'#models tr[data-model="{ONE_STAGE}"] [data-action=use]').click()
    page.wait_for_url(home.url + "/")
    panel.shows(ONE_STAGE, ONE_STAGE)
    panel.live.press("start")
    panel.live.wait(lambda data: data["state"] == "live")
    panel.remembers(ONE_STAGE, "")


def test_a_photo_is_asked_about_with_its_own_face_finder(panel: Panel, standard: str) -> None:
    asked: list[str] = []

    def hear(request: Request) -> None:
        if "/api/v1/detect?" in request.url:
            asked.append(request.url.partition("?")[2])

    panel.live.page.on("request", hear)
    panel.choose("detector", FINDER)
    panel.live.bring(ROOT / "static" / "pictures" / "portrait-bare.webp")
    for name in (ONE_STAGE, THREE):
        panel.choose("model", name)
    expect(panel.live.page.locator("#chip")).not_to_be_visible()
    assert asked == [f"detector={FINDER}", f"model={ONE_STAGE}", f"model={THREE}"]


def test_a_choice_that_is_not_taken_brings_back_both(panel: Panel, standard: str) -> None:
    panel.live.start()
    panel.choose("detector", FINDER)
    panel.shows(THREE, FINDER)
    panel.live.page.evaluate(
        """async () => {
            const { Transport } = await import("/static/js/transport.js");
            Transport.prototype.configure = async () => ({ code: "busy", message: "Later." });
        }"""
    )
    panel.choose("model", ONE_STAGE)
    expect(panel.live.page.locator("#choice-note")).to_contain_text("Later.")
    panel.shows(THREE, FINDER)
    assert panel.live.page.evaluate("localStorage.getItem('maskgate.detector')") == FINDER


@pytest.mark.parametrize(("finder", "model"), [(ONE_STAGE, ONE_STAGE), (FINDER, THREE), ("gone-since", THREE)])
def test_the_page_of_models_marks_the_one_that_a_chosen_face_finder_brings(
    panel: Panel, home: Server, standard: str, finder: str, model: str
) -> None:
    page = panel.live.page
    page.evaluate(f"localStorage.setItem('maskgate.detector', '{finder}')")
    page.goto(f"{home.url}/models")
    marked = page.locator("#models tr:has([data-in-force]:visible)")
    expect(marked).to_have_attribute("data-model", model)


def test_the_smallest_face_answered_is_the_models_in_pixels_then_also_of_the_picture_sent(
    panel: Panel, standard: str
) -> None:
    line = panel.live.page.locator("#smallest")
    expect(line).to_contain_text("needs 20\u00a0px in the picture sent")
    panel.choose("model", ONE_STAGE)
    expect(line).to_contain_text(f"needs {SMALLEST}\u00a0px in the picture sent")
    panel.live.press("start")
    picture = panel.live.page.locator("[data-figure=picture]")

    def told(_: object) -> bool:
        height = re.search(r"× (\d+) px", picture.inner_text())  # it changes as answers are late
        return bool(height) and f", {100 * SMALLEST / int(height[1]):.0f}\u00a0% of the height" in line.inner_text()

    panel.live.wait(told)
    panel.live.press("pause")
    expect(line).to_contain_text(f"needs {SMALLEST}\u00a0px in the picture sent")


def test_its_time_is_that_of_finding_and_naming_together(panel: Panel, home: Server) -> None:
    page = panel.live.page
    heard: list[Response] = []
    page.on("response", lambda response: heard.append(response) if "/api/v1/detect?" in response.url else None)
    page.goto(f"{home.url}/models")
    row = page.locator(f'#models tr[data-model="{ONE_STAGE}"]')
    cell = row.locator("td[data-column=time]")
    expect(row.locator("th")).to_contain_text("finds the faces itself")
    expect(cell.locator(".note")).not_to_be_visible()
    cell.locator("button").click()
    expect(cell.locator("button")).to_have_text("Again", timeout=60_000)
    expect(cell.get_by_text("finding included")).to_be_visible()
    answers = [response.json()["timing_ms"] for response in heard]
    times = sorted(answer["detect"] for answer in answers[-RUNS:])
    assert float(cell.get_attribute("data-value") or 0) == times[RUNS // 2] > 0
    assert {answer["classify"] for answer in answers} == {0}
    assert page.locator("#troubles li").count() == 0, "it finds no face in the portrait, and may"
