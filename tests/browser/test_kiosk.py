"""What the kiosk answers, and to whom."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from server.training.portrait import masked_portrait
from server.vision.messages import Image
from tests.browser.chromium import ALLOWED, CAMERA, Launch
from tests.browser.feed import nobody, nose_out, two_people, write_still
from tests.browser.kiosk_page import KioskPage, Somebody
from tests.browser.serving import Server

SIZES = {"wide": (1920, 1080), "upright": (1080, 1920), "tablet": (768, 1024), "phone": (360, 740)}

Open = Callable[..., KioskPage]


@pytest.fixture
def kiosk(chromium: Browser, server: Server) -> Iterator[Open]:
    """Opens the kiosk with options, answered by hand, once its camera runs; no error must go unnoticed in it."""
    opened: list[KioskPage] = []

    def start(size: str = "wide", scheme: str = "light", by_clock: bool = False, **options: object) -> KioskPage:
        width, height = SIZES[size]
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            service_workers="block",
        )
        page = KioskPage(context.new_page(), server.url, **options).by_hand()
        opened.append(page)
        if by_clock:
            page.by_clock()
        page.open()
        page.wait(lambda data: data["state"] == "live")
        return page

    yield start
    for page in opened:
        page.page.context.close()
        assert page.errors == []


# With the real server and pictures of our own.


def test_it_follows_who_takes_the_mask_off_and_puts_it_on(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = KioskPage(context.new_page(), server.url, stream="front door").open()
    for label, sentence in (("without_mask", "Please put on a mask"), ("with_mask", "Thank you")) * 2:
        data = page.answers(label, label)
        assert (data["state"], data["faces"], data["scene"]) == ("live", "1", "people")
        assert page.sentence == sentence
    assert page.errors == []
    context.close()


@pytest.mark.parametrize(
    ("picture", "labels", "sentence"),
    [
        (masked_portrait, "with_mask", "Thank you"),
        (nose_out, "incorrect", "Please cover your nose and mouth"),
        (two_people, "without_mask,with_mask", "Please put on a mask"),
        (nobody, "", ""),
    ],
    ids=["mask", "nose out", "two people", "nobody"],
)
def test_what_its_camera_sees(
    launch: Launch, server: Server, tmp_path: Path, picture: Callable[[], Image], labels: str, sentence: str
) -> None:
    feed = write_still(picture(), tmp_path / "still.mjpeg")
    browser = launch(CAMERA, ALLOWED, f"--use-file-for-fake-video-capture={feed}")
    page = KioskPage(browser.new_page(), server.url).open()
    data = page.wait(
        lambda data: int(data["frames"]) >= 5 and sorted(data["labels"].split(",")) == sorted(labels.split(","))
    )
    assert page.sentence == sentence
    assert data["scene"] == ("people" if labels else "attract")
    assert page.errors == []


# With answers by hand.


def test_it_starts_by_itself_and_sleeps_until_somebody_comes(kiosk: Open) -> None:
    page = kiosk(by_clock=True, stream="Front door")
    assert page.dataset["scene"] == "attract"
    attract = page.page.locator("#attract")
    assert attract.locator("#door").inner_text() == "Front door"
    assert attract.locator("#clock").inner_text() != ""
    assert page.page.locator("[data-action=start]:visible").count() == 0
    page.stop_time()
    page.wire("(wire.every = 0, wire.at = [], wire.faces = () => (wire.at.push(performance.now()), []))")
    page.pass_time(1_000)
    at = page.wire("wire.at")
    apart = [after - before for before, after in pairwise(at)]
    assert len(apart) >= 2
    assert min(apart) >= 150, "asleep it looks less often"
    assert max(apart) <= 400, "and still often enough to wake within half a second"
    page.show(Somebody(1, "with_mask", settled=False))
    page.pass_time(500)
    page.wait(lambda data: data["scene"] == "people")
    assert not attract.is_visible()
    page.show()
    page.pass_time(1_000, step=250)
    page.answers("nobody")
    assert page.dataset["scene"] == "people", "somebody may come back"
    page.pass_time(4_000, step=250)
    page.wait(lambda data: data["scene"] == "attract")


def test_each_answer_shows_at_once(kiosk: Open) -> None:
    """Awake by the first picture with a face; the other label by the first answer that has it, 300 ms after the mask is
    pulled down (tests/vision/test_vote.py)."""
    page = kiosk(by_clock=True)
    page.stop_time()
    mask, bare = ([Somebody(1, label, settled=label == "with_mask").json()] for label in ("with_mask", "without_mask"))
    page.wire(
        f"""(() => {{
            const came = wire.asked + 1;
            wire.every = 0;
            wire.seen = [];
            wire.faces = (asked) => {{
                const {{ scene, answer, labels }} = document.documentElement.dataset;
                if (asked - came < 7) wire.seen[asked - came] = [scene, answer, labels]; // by those before it
                return asked <= came ? [] : asked <= came + 3 ? {json.dumps(mask)} : {json.dumps(bare)};
            }};
        }})()"""
    )
    page.pass_time(1_000, step=250)  # asleep; awake it asks on and on
    page.wait(lambda _: len(page.wire("wire.seen")) == 7)
    asleep, masked = ["attract", "nobody", ""], ["people", "with_mask", "with_mask"]
    unmasked = ["people", "without_mask", "without_mask"]
    assert page.wire("wire.seen") == [asleep, asleep, masked, masked, masked, unmasked, unmasked]


def test_it_answers_once_the_vote_has_settled_and_then_follows(kiosk: Open) -> None:
    page = kiosk()
    page.show(Somebody(1, "without_mask", settled=False))
    data = page.answers("looking")
    assert (data["labels"], data["faces"], page.sentence) == ("", "1", "One moment, please")
    page.show(Somebody(1, "without_mask"))
    page.answers("without_mask", "without_mask")
    page.show(Somebody(1, "with_mask", settled=False))
    page.answers("with_mask", "with_mask")
    page.show()
    page.wait(lambda data: data["faces"] == "0" and data["labels"] == "")


@pytest.mark.parametrize(("size", "scheme"), [*((size, "light") for size in SIZES), ("wide", "dark")])
def test_word_colour_and_shape(kiosk: Open, size: str, scheme: str) -> None:
    page = kiosk(size, scheme)
    seen = set()
    for label in ("with_mask", "without_mask", "incorrect", "unsure"):
        page.show(Somebody(1, label, reason="too_small"))
        page.answers(label)
        look = page.page.evaluate(
            """() => {
                const [band, frame, icon] = ["#band", "#frame", "#answer-icon use"]
                    .map((name) => document.querySelector(name));
                const sentence = document.querySelector("#sentence").getBoundingClientRect();
                const icons = document.querySelector("#answer-icon").getBoundingClientRect();
                const box = band.getBoundingClientRect();
                const inside = ({ left, right, bottom }) =>
                    left >= box.left && right <= box.right + 1 && bottom <= box.bottom;
                return {
                    colour: getComputedStyle(band).backgroundColor,
                    edge: getComputedStyle(frame).borderTopColor,
                    shape: icon.getAttribute("href").split("#")[1],
                    share: (Math.max(sentence.bottom, icons.bottom) - Math.min(sentence.top, icons.top)) / innerHeight,
                    band: box.height / innerHeight,
                    fits: inside(sentence) && inside(icons) && box.bottom <= innerHeight + 1,
                    wide: document.documentElement.scrollWidth > innerWidth,
                };
            }"""
        )
        assert look["colour"] == look["edge"]
        assert look["shape"] == label
        assert look["share"] >= 0.09, label
        assert 1 / 3 - 0.01 <= look["band"] <= 0.5, label
        assert look["fits"]
        assert not look["wide"]
        seen.add((look["colour"], look["shape"], page.sentence))
    assert len({colour for colour, _, _ in seen}) == len({words for _, _, words in seen}) == 4


def test_not_sure_says_what_to_do(kiosk: Open) -> None:
    page = kiosk()
    for track, (reason, sentence) in enumerate(
        (
            ("too_small", "One moment, please come closer"),
            ("turned_away", "One moment, please face the camera"),
            ("too_blurred", "One moment, please hold still"),
            ("too_dark", "One moment, please step into the light"),
            ("unclear", "One moment, please come closer"),
        )
    ):
        page.show(Somebody(track, "unsure", reason=reason))
        page.answers("unsure", "unsure")
        assert page.sentence == sentence
        page.show()
        page.answers("nobody")


def test_the_most_urgent_answer_wins(kiosk: Open) -> None:
    page = kiosk()
    mask, unsure = Somebody(1, "with_mask", x=0.05), Somebody(2, "unsure", x=0.6, size=0.39)
    incorrect, bare = Somebody(3, "incorrect", x=0.3, size=0.2), Somebody(4, "without_mask", x=0.5, size=0.15)
    page.show(mask)
    page.answers("with_mask")
    page.show(mask, unsure)
    page.answers("unsure", "with_mask,unsure")
    page.show(mask, unsure, incorrect)
    page.answers("incorrect")
    page.show(mask, unsure, incorrect, bare)
    page.answers("without_mask", "with_mask,unsure,incorrect,without_mask")
    assert page.page.locator("#count span").first.inner_text() == "4"
    assert page.page.locator(".brackets").count() == 4


def test_strict_thanks_only_when_everybody_is_settled(kiosk: Open) -> None:
    page = kiosk(policy="strict")
    page.show(Somebody(1, "with_mask"))
    page.answers("with_mask")
    page.show(Somebody(1, "with_mask"), Somebody(2, "with_mask", x=0.7, size=0.3, settled=False))
    page.answers("looking", "with_mask")
    page.show(Somebody(1, "with_mask"), Somebody(2, "unsure", x=0.7, size=0.3))
    page.answers("unsure")
    page.page.wait_for_timeout(3_500)
    assert page.dataset["answer"] == "unsure", "it keeps asking"
    page.show(Somebody(1, "with_mask"), Somebody(2, "with_mask", x=0.7, size=0.3))
    page.answers("with_mask")


def test_advice_has_no_colour_and_falls_silent(kiosk: Open) -> None:
    page = kiosk(policy="advise")
    page.show(Somebody(1, "without_mask"))
    page.answers("without_mask")
    assert page.sentence == "Please put on a mask"
    assert page.page.locator("#band").get_attribute("data-tone") == "neutral"
    assert page.page.locator(".brackets").get_attribute("data-tone") == "none"
    page.show(Somebody(1, "unsure", reason="too_small"))
    page.answers("unsure")
    assert page.sentence == "One moment, please come closer"
    data = page.answers("silent", "unsure")
    assert (page.sentence, data["faces"], data["scene"]) == ("", "1", "people")
    page.show(Somebody(1, "unsure"), Somebody(2, "with_mask", x=0.7, size=0.3))
    page.answers("with_mask")


def test_faces_in_the_background_do_not_matter(kiosk: Open) -> None:
    page = kiosk(min_face=0.3)
    small = Somebody(1, "without_mask", x=0.8, size=0.29)
    page.show(small)
    frames = int(page.dataset["frames"])
    page.wait(lambda data: int(data["frames"]) > frames + 5)
    data = page.dataset
    assert (data["answer"], data["faces"], data["labels"], data["scene"]) == ("nobody", "0", "", "attract")
    page.show(Somebody(2, "with_mask", size=0.31), small)
    page.answers("with_mask", "with_mask")
    page.show()
    page.wait(lambda _: bool(page.counts()))
    assert page.counts()["without_mask"] == 0


def test_the_picture_is_mirrored_and_the_brackets_with_it(kiosk: Open) -> None:
    page = kiosk()
    page.show(Somebody(1, "with_mask", x=0.1, y=0.3, size=0.3))
    page.answers("with_mask")
    page.page.wait_for_timeout(400)
    box = page.page.locator(".brackets").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] / 2 == pytest.approx(1920 * (1 - 0.19), abs=3), (
        "a face on the camera's left is on the mirror's right"
    )
    matrix = page.page.evaluate("new DOMMatrix(getComputedStyle(document.querySelector('#video')).transform).a")
    assert matrix == -1


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_camera_on_its_side_is_turned_upright(kiosk: Open, rotate: int) -> None:
    page = kiosk("upright" if rotate % 180 else "wide", rotate=rotate)
    sent = page.wire(
        """await (async () => {
            const bitmap = await createImageBitmap(new Blob([wire.sent], { type: "image/jpeg" }));
            const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
            const context = canvas.getContext("2d");
            context.drawImage(bitmap, 0, 0);
            const dark = {};
            // The film's number is written at the upper left: where it lies now tells how the picture was turned.
            for (const [name, x, y] of [["lower left", 4, bitmap.height - 5], ["upper left", 4, 4],
                ["upper right", bitmap.width - 5, 4], ["lower right", bitmap.width - 5, bitmap.height - 5]]) {
                const [red, green, blue] = context.getImageData(x, y, 1, 1).data;
                dark[name] = [red, green, blue];
            }
            return { width: bitmap.width, height: bitmap.height, dark };
        })()"""
    )
    assert (sent["width"], sent["height"]) == ((480, 640) if rotate % 180 else (640, 480))
    corner = {90: "upper right", 180: "lower right", 270: "lower left"}[rotate]
    extreme = [name for name, pixel in sent["dark"].items() if max(pixel) < 25 or min(pixel) > 235]
    assert corner in extreme, sent
    shown = page.page.evaluate("document.querySelector('#video').style.transform")
    assert shown.endswith(f"rotate({rotate}deg)")
    box = page.page.locator("#video").bounding_box()
    assert box is not None
    assert (box["height"] > box["width"]) == bool(rotate % 180)
