"""The live page as a test sees it: its dataset, its controls and the pixels on its canvas."""

from __future__ import annotations

import mimetypes
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page

from server.vision.messages import Box
from tests.browser.feed import READ_NUMBER

PATIENCE_S = 30

_READ_BRACKETS = """(token) => {
    const canvas = document.querySelector("#overlay");
    const probe = document.createElement("canvas").getContext("2d");
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(token);
    probe.fillRect(0, 0, 1, 1);
    const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
    const { width, height } = canvas;
    if (!width || !height) return null;
    const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    let [left, top, right, bottom, count] = [Infinity, Infinity, -1, -1, 0];
    for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
            const at = 4 * (y * width + x);
            const far = Math.abs(pixels[at] - red) + Math.abs(pixels[at + 1] - green) + Math.abs(pixels[at + 2] - blue);
            if (pixels[at + 3] < 250 || far > 12) continue;
            [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
            count += 1;
        }
    }
    if (count === 0) return null;
    const shown = [...document.querySelectorAll("#video, #photo, #film-video, #picture")].find((one) => !one.hidden);
    const wide = shown.videoWidth ?? shown.naturalWidth ?? shown.width;
    const high = shown.videoHeight ?? shown.naturalHeight ?? shown.height;
    const scale = Math.min(width / wide, height / high);
    const [x, y] = [(width - wide * scale) / 2, (height - high * scale) / 2];
    return {
        x: (left - x) / (wide * scale), y: (top - y) / (high * scale),
        width: (right + 1 - left) / (wide * scale), height: (bottom + 1 - top) / (high * scale),
    };
}"""

_BRING = """([given, way]) => {
    const files = new DataTransfer();
    for (const { name, type, bytes } of given) {
        files.items.add(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], name, { type }));
    }
    const stage = document.querySelector("#stage");
    const how = { dataTransfer: files, clipboardData: files, bubbles: true, cancelable: true };
    if (way === "paste") return stage.dispatchEvent(new ClipboardEvent("paste", how));
    for (const type of ["dragenter", "dragover"]) {
        if (stage.dispatchEvent(new DragEvent(type, how))) throw new Error(`${type}: the browser would open the file`);
    }
    if (!stage.classList.contains("dropping")) throw new Error("The stage does not say that it takes files.");
    stage.dispatchEvent(new DragEvent("drop", how));
    if (stage.classList.contains("dropping")) throw new Error("The stage still waits for the files.");
}"""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the page showed at one moment.

    number: of the film's frame. labels: the dataset's. box: round all pixels of the label's colour on the
    canvas, in fractions of the picture as shown; None where there are none.
    """

    number: int
    labels: str
    box: Box | None


class LivePage:
    """Drives the page at `url`."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._hear)

    def open(self) -> LivePage:
        self.page.goto(self.url)
        return self

    def press(self, verb: str) -> None:
        """Click the control that has this `data-action`."""
        self.page.locator(f"button[data-action={verb}]:visible").click()

    def speak(self, code: str) -> None:
        """Choose another language."""
        self.page.locator("select[data-action=language]").select_option(code)

    def bring(self, *paths: Path, way: str = "drop") -> None:
        """Drop files on the stage as from another window, or `paste` them."""
        given = [
            {"name": path.name, "type": mimetypes.guess_type(path)[0], "bytes": b64encode(path.read_bytes()).decode()}
            for path in paths
        ]
        self.page.evaluate(_BRING, [given, way])

    def start(self) -> LivePage:
        """Open the page, start the camera and wait for the first answers."""
        self.open().press("start")
        self.wait(lambda data: data["state"] == "live" and int(data["frames"]) >= 3)
        return self

    def answer_with(self, answers: str) -> None:
        """From the next frame on the page hears these answers instead of the server's, one every 50 ms.

        answers: a JavaScript expression of the list to hear one after the other, the last for ever.
        """
        self.page.evaluate(
            f"""async () => {{
                const {{ Transport }} = await import("/static/js/transport.js");
                const answers = {answers};
                Transport.prototype.ask = () => new Promise((resolve) => setTimeout(() => {{
                    resolve(answers.length > 1 ? answers.shift() : answers[0]);
                }}, 50));
            }}"""
        )

    def _hear(self, message: ConsoleMessage) -> None:
        # What the browser itself says of a server that is away or refuses; the page cannot keep it from that.
        expected = ("Failed to load resource", "WebSocket connection to")
        if message.type == "error" and not message.text.startswith(expected):
            self.errors.append(message.text)

    @property
    def dataset(self) -> dict[str, str]:
        return dict(self.page.evaluate("({...document.documentElement.dataset})"))

    def wait(self, condition: Callable[[Mapping[str, str]], bool], patience_s: float = PATIENCE_S) -> dict[str, str]:
        """Poll the dataset (the page's policy forbids `wait_for_function`) until `condition` holds.

        Raises AssertionError with the last dataset seen.
        """
        deadline = time.monotonic() + patience_s
        while True:
            data = self.dataset
            if condition(data):
                return data
            assert time.monotonic() < deadline, f"Waited {patience_s} s in vain; the page's dataset: {data}"
            self.page.wait_for_timeout(50)

    def brackets(self, token: str) -> Box | None:
        """The box round all canvas pixels of a colour token, in fractions of the picture as shown."""
        return _box(self.page.evaluate(_READ_BRACKETS, token))

    def sight(self) -> Sight:
        """Film frame, labels and brackets, read in one go so that they belong together."""
        seen: dict[str, Any] = self.page.evaluate(
            f"""() => {{
                const labels = document.documentElement.dataset.labels;
                const token = `--on-picture-${{labels.split(",")[0].replace("_", "-")}}`;
                return {{
                    number: ({READ_NUMBER})(),
                    labels,
                    box: labels ? ({_READ_BRACKETS})(token) : null,
                }};
            }}"""
        )
        return Sight(seen["number"], seen["labels"], _box(seen["box"]))


def _box(found: Mapping[str, float] | None) -> Box | None:
    return None if found is None else Box(found["x"], found["y"], found["width"], found["height"])
