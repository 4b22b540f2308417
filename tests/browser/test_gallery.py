"""Several pictures at once: a gallery with boxes, and its table on the page and as files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow
from playwright.sync_api import Route, expect

from server.training.portrait import masked_portrait, portrait
from tests.browser.live_page import LivePage
from tests.browser.test_languages import words
from tests.browser.test_photo import DETECT, answer_with

FACE = {"box": {"x": 0.4, "y": 0.2, "width": 0.2, "height": 0.3}, "score": 0.9, "label": "with_mask"}
FACES = [FACE | {"probabilities": {"with_mask": 0.9, "without_mask": 0.06, "incorrect": 0.04}}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files as people choose them: two faces, nobody, no picture at all."""
    made = tmp_path_factory.mktemp("pictures")
    Pillow.fromarray(portrait()).save(made / '=bare, "quoted".png')
    Pillow.fromarray(masked_portrait()).save(made / "masked.jpg", quality=92)
    Pillow.new("RGB", (320, 240), "grey").save(made / "wall.png")
    (made / "broken.jpg").write_bytes(b"This is no picture.")
    return made


def _give(live: LivePage, *paths: Path) -> None:
    live.page.locator("#photo-input").set_input_files(paths)


def _small(folder: Path, count: int) -> list[Path]:
    paths = [folder / f"{number}.png" for number in range(count)]
    for path in paths:
        Pillow.new("RGB", (32, 24), "grey").save(path)
    return paths


def _until(live: LivePage, condition: Callable[[], bool]) -> None:
    live.wait(lambda _: condition())


def _said(live: LivePage) -> list[str]:
    return [text.lower() for text in live.page.locator(".tile .said").all_inner_texts()]


def _saved(live: LivePage, verb: str) -> tuple[str, str]:
    with live.page.expect_download() as download:
        live.press(verb)
    return download.value.suggested_filename, download.value.path().read_bytes().decode("utf-8-sig")


def _done(live: LivePage) -> None:
    live.page.locator("#gallery[aria-busy=false]").wait_for()


def _found(route: Route) -> None:
    route.fulfill(json={"faces": FACES, "model": "m", "detector": "d"})


def test_pictures_are_answered_side_by_side_and_as_files(live: LivePage, folder: Path) -> None:
    live.open()
    _give(live, *sorted(folder.iterdir()))
    _done(live)
    assert _said(live) == ["no mask", "this browser cannot open it as a picture.", "mask", "nobody in the picture"]
    live.wait(lambda data: data["labels"] == "without_mask,with_mask")
    assert live.dataset["state"] == "idle"
    assert live.page.locator("[data-action=start]").count() == 1
    assert live.page.locator("#status").inner_text() == "pictures"
    assert live.page.locator("#gallery-table tbody tr").count() == 4
    marks = """(canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.filter((_, at) => at % 4 === 3).some((alpha) => alpha > 250);
    }"""
    drawn = [canvas.evaluate(marks) for canvas in live.page.locator(".tile canvas").all()]
    assert drawn == [True, False, True, False]

    name, text = _saved(live, "gallery-csv")
    assert name == "maskgate-pictures.csv"
    bare, broken, masked, wall = csv.DictReader(io.StringIO(text, newline=""))
    assert bare["file"] == '\'=bare, "quoted".png', "no spreadsheet takes a name for a formula"
    assert (bare["face"], bare["label"], bare["word"]) == ("1", "without_mask", "no mask")
    assert float(bare["certainty"]) == float(bare["p_without_mask"]) > 0.8
    assert 0.3 < float(bare["x"]) < 0.45
    assert (bare["model"], bare["detector"]) == ("onepass", "onepass")
    assert (broken["status"], broken["label"]) == ("failed", "")
    assert (masked["label"], wall["faces"], wall["face"]) == ("with_mask", "0", "")
    assert text.count("\r\n") == text.count("\n") == 5

    name, text = _saved(live, "gallery-json")
    pictures: list[dict[str, Any]] = json.loads(text)
    assert name == "maskgate-pictures.json"
    assert [picture["file"] for picture in pictures] == [path.name for path in sorted(folder.iterdir())]
    assert pictures[0]["faces"][0]["probabilities"]["without_mask"] == float(bare["p_without_mask"])
    assert (pictures[3]["faces"], pictures[3]["width"]) == ([], 320)


def test_one_picture_opens_large_and_leads_on(live: LivePage, folder: Path) -> None:
    live.open()
    _give(live, *sorted(folder.iterdir()))
    _done(live)
    live.page.locator(".tile button").nth(2).click()
    live.wait(lambda data: data["labels"] == "with_mask")
    live.page.wait_for_timeout(200)
    assert live.brackets("--on-picture-with-mask") is not None
    assert live.page.locator("[data-action=start]").count() == 1
    live.page.keyboard.press("ArrowRight")
    live.wait(lambda data: data["labels"] == "")
    live.press("gallery-next")
    live.wait(lambda data: data["labels"] == "without_mask")
    live.page.keyboard.press("ArrowLeft")
    live.page.keyboard.press("ArrowLeft")
    live.wait(lambda data: data["labels"] == "with_mask")
    live.page.keyboard.press("Escape")
    live.wait(lambda data: data["labels"] == "without_mask,with_mask")
    assert live.page.evaluate("document.activeElement.querySelector('.name').textContent") == "masked.jpg"
    live.page.keyboard.press("Enter")
    live.press("gallery")
    live.wait(lambda data: data["labels"] == "without_mask,with_mask")


def test_two_at_a_time(live: LivePage, tmp_path: Path) -> None:
    waiting: list[Route] = []
    live.open()
    answer_with(live, waiting.append)
    _give(live, *_small(tmp_path, 5))
    for answered in range(5):
        _until(live, lambda answered=answered: len(waiting) == min(5, answered + 2))  # type: ignore[misc]
        live.page.wait_for_timeout(100)
        assert len(waiting) == min(5, answered + 2)
        assert live.page.locator("#gallery-bar").evaluate("(bar) => bar.value") == answered
        _found(waiting[answered])
    _done(live)
    assert _said(live) == ["mask"] * 5


def test_a_server_that_asks_for_a_pause_gets_it(live: LivePage, tmp_path: Path) -> None:
    asked: list[float] = []

    def answer(route: Route) -> None:
        asked.append(live.page.evaluate("performance.now()"))
        if len(asked) > 2:
            return _found(route)
        return route.fulfill(status=429, headers={"Retry-After": "2"}, json={"error": {"code": "too_many_requests"}})

    live.open()
    answer_with(live, answer)
    _give(live, *_small(tmp_path, 3))
    _until(live, lambda: "a pause of 2 s" in live.page.locator("#gallery-note").inner_text())
    _done(live)
    assert _said(live) == ["mask"] * 3
    assert len(asked) == 5
    assert asked[2] - asked[0] >= 1_900, "milliseconds"


def test_stopped_and_gone_on(live: LivePage, tmp_path: Path) -> None:
    waiting: list[Route] = []
    live.open()
    answer_with(live, waiting.append)
    _give(live, *_small(tmp_path, 4))
    _until(live, lambda: len(waiting) == 2)
    _found(waiting[0])
    _until(live, lambda: len(waiting) == 3)
    live.press("gallery-stop")
    _done(live)
    assert sorted(_said(live)) == ["mask", "waiting", "waiting", "waiting"], "of two at once either may be first"
    live.page.unroute(DETECT)
    answer_with(live, _found)
    live.press("gallery-resume")
    _done(live)
    assert _said(live) == ["mask"] * 4
    assert not live.page.locator("#gallery-run").is_visible()


def test_server_away_and_back(live: LivePage, tmp_path: Path) -> None:
    live.open()
    answer_with(live, lambda route: route.abort("connectionrefused"))
    _give(live, *_small(tmp_path, 3))
    _done(live)
    assert "cannot be reached" in live.page.locator("#gallery-note").inner_text()
    assert _said(live) == ["waiting"] * 3
    live.page.unroute(DETECT)
    answer_with(live, _found)
    live.press("gallery-resume")
    _done(live)
    assert _said(live) == ["mask"] * 3


def test_one_that_is_refused_stops_no_other_and_another_model_asks_again(live: LivePage, tmp_path: Path) -> None:
    refusal = {"error": {"code": "not_an_image", "message": "It cannot be decoded."}}
    answers = iter([False, True, True])
    live.open()
    live.page.locator("select[data-action=model]:enabled").wait_for()
    answer_with(live, lambda route: _found(route) if next(answers) else route.fulfill(status=415, json=refusal))
    _give(live, *_small(tmp_path, 3))
    _done(live)
    assert sorted(_said(live)) == ["mask", "mask", "not checked. maskgate says: it cannot be decoded."]
    live.page.unroute(DETECT)
    models: set[str] = set()

    def other(route: Route) -> None:
        models.add(route.request.url.partition("model=")[2])
        _found(route)

    answer_with(live, other)
    live.page.locator("select[data-action=model]").select_option("vgg16")
    _until(live, lambda: _said(live) == ["mask"] * 3)
    assert models == {"vgg16"}


def test_pictures_are_let_go(live: LivePage, tmp_path: Path) -> None:
    live.page.add_init_script(
        """window.kept = new Set();
        const { createObjectURL, revokeObjectURL } = URL;
        URL.createObjectURL = (blob) => { const url = createObjectURL(blob); window.kept.add(url); return url; };
        URL.revokeObjectURL = (url) => { window.kept.delete(url); revokeObjectURL(url); };"""
    )
    live.open()
    answer_with(live, _found)
    for _ in range(2):
        _give(live, *_small(tmp_path, 3))
        _done(live)
        assert live.page.evaluate("window.kept.size") == 3
    live.page.locator(".tile button").first.click()
    assert live.page.evaluate("window.kept.size") == 4
    live.press("start")
    live.wait(lambda data: data["state"] == "live")
    assert live.page.evaluate("window.kept.size") == 0
    assert not live.page.locator("#gallery").is_visible()
    assert live.page.locator(".tile").count() == 0


def test_too_many_pictures_are_said_so(live: LivePage, tmp_path: Path) -> None:
    live.open()
    live.page.route(DETECT, lambda route: None)
    (path,) = _small(tmp_path, 1)
    live.page.evaluate(
        """([bytes, count]) => {
            const files = new DataTransfer();
            for (let number = 0; number < count; number += 1) {
                files.items.add(new File([new Uint8Array(bytes)], `${number}.png`, { type: "image/png" }));
            }
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: files, bubbles: true }));
        }""",
        [list(path.read_bytes()), 103],
    )
    expect(live.page.locator(".tile")).to_have_count(100)
    assert "103 pictures were given; the first 100" in live.page.locator("#gallery-note").inner_text()


def test_dropped_pictures_are_checked_and_a_film_among_them_says_what_to_do(live: LivePage, tmp_path: Path) -> None:
    live.open()
    answer_with(live, _found)
    live.bring(*_small(tmp_path, 2))
    _done(live)
    assert _said(live) == ["mask", "mask"]
    assert live.page.locator("#gallery-progress").inner_text() == "2 pictures checked"
    film = tmp_path / "clip.mp4"
    film.write_bytes(b"Not looked at.")
    live.bring(film, tmp_path / "0.png")
    _done(live)
    assert _said(live) == ["a film. choose it by itself to have it checked.", "mask"]
    assert live.page.locator("#gallery-progress").inner_text() == "1 picture checked"


def test_another_language_while_pictures_are_shown(live: LivePage, tmp_path: Path) -> None:
    waiting: list[Route] = []
    live.open()
    answer_with(live, waiting.append)
    _give(live, *_small(tmp_path, 3))
    _until(live, lambda: len(waiting) == 2)
    _found(waiting[0])
    _until(live, lambda: len(waiting) == 3)
    live.speak("bn")
    progress, run, note = (live.page.locator(f"#gallery-{part}") for part in ("progress", "run", "note"))
    expect(progress).to_have_text(words("bn", "gallery.progress").format(done="১", all="৩"))
    expect(run).to_have_text(words("bn", "gallery.stop"))
    waiting[1].fulfill(status=415, json={"error": {"code": "not_an_image", "message": "It cannot be decoded."}})
    live.page.locator(".tile[data-status=failed]").wait_for()
    live.press("gallery-stop")
    _done(live)
    for code, percent in (("de", "90\u00a0%"), ("bn", "৯০%")):
        live.speak(code)
        expect(note).to_have_text(words(code, "gallery.stopped"))
        expect(run).to_have_text(words(code, "gallery.resume"))
        refused = words(code, "gallery.refused").format(message=words(code, "problems.not_an_image"))
        said = sorted([words(code, "labels.with_mask"), refused, words(code, "gallery.waiting")])
        assert sorted(live.page.locator(".tile .said").all_text_contents()) == said
        assert sorted(live.page.locator("#gallery-table td:nth-child(3)").all_text_contents()) == said
        assert percent in live.page.locator("#gallery-table td:nth-child(4)").all_text_contents()
    _, text = _saved(live, "gallery-csv")
    (checked,) = (row for row in csv.DictReader(io.StringIO(text, newline="")) if row["face"])
    assert (checked["face"], checked["certainty"], checked["word"]) == ("1", "0.9", words("bn", "labels.with_mask"))
