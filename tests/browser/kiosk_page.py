"""The kiosk as a test sees it, with the server's answers in the test's hand where it wants them there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Page, Route

from tests.browser.live_page import LivePage

WIRE = """
export const wire = { faces: [], connected: true, every: 30, asked: 0, opened: 0, parts: null, sent: null };
const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
export class Transport {
  constructor(parts) { wire.parts = parts; }
  get connected() { return wire.connected; }
  open() { wire.opened += 1; wire.parts.choice(); }
  close() {}
  configure() { return Promise.resolve(null); }
  async ready(signal) { while (!wire.connected && !signal.aborted) await sleep(20); }
  async ask(bytes) {
    wire.asked += 1;
    wire.sent = bytes;
    if (wire.every) await sleep(wire.every);
    if (!wire.connected) return { kind: "lost" };
    const faces = typeof wire.faces === "function" ? wire.faces(wire.asked) : structuredClone(wire.faces);
    return { kind: "result", result: { id: wire.asked, faces, timing_ms: {}, dropped: 0 } };
  }
}
"""
"""Stands in for `static/js/transport.js`: answers each frame with `wire.faces`, a list or a function of the count."""


FAST = """
const turn = new MessageChannel();
export class Capture {
  async grab() { return { bytes: new ArrayBuffer(8), at: performance.now() }; }
}
export function nextPicture() {
  return new Promise((done) => {
    turn.port1.onmessage = () => done();
    turn.port2.postMessage(null);
  });
}
"""
"""Stands in for `static/js/capture.js`: a camera as fast as the page can ask."""

CROWD = """(asked) => {
  const labels = ["with_mask", "without_mask", "incorrect", "unsure"];
  const face = (track, x, size) => ({
    box: { x, y: 0.2 + 0.1 * Math.sin(asked / 50), width: 0.6 * size, height: size }, score: 0.9,
    label: labels[(track + Math.floor(asked / 40)) % 4], reason: "unclear", settled: asked % 7 > 0, track,
    probabilities: { with_mask: 0.4, without_mask: 0.3, incorrect: 0.3 },
  });
  return [face(Math.floor(asked / 60), 0.1, 0.4), face(100_000 + Math.floor(asked / 35), 0.6, 0.3)];
}"""
"""People who come and go all the time, for `wire.faces`."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """A face as the server tells of it. x, y: its upper left corner; size: its height; all shares of the picture."""

    track: int
    label: str
    x: float = 0.4
    y: float = 0.2
    size: float = 0.4
    settled: bool = True
    reason: str | None = None

    def json(self) -> dict[str, Any]:
        face: dict[str, Any] = {
            "box": {"x": self.x, "y": self.y, "width": 0.6 * self.size, "height": self.size},
            "score": 0.9,
            "label": self.label,
            "probabilities": {"with_mask": 0.4, "without_mask": 0.3, "incorrect": 0.3},
            "track": self.track,
            "settled": self.settled,
        }
        return face | ({"reason": self.reason or "unclear"} if self.label == "unsure" else {})


class KioskPage(LivePage):
    """Drives `/kiosk` of the server at `url`; `options` go into its address."""

    def __init__(self, page: Page, url: str, **options: object) -> None:
        query = f"?{urlencode(options)}" if options else ""
        super().__init__(page, f"{url}/kiosk{query}")

    def by_hand(self) -> KioskPage:
        """From the next load on the page hears what `show` says instead of the server."""

        def stand_in(route: Route) -> None:
            route.fulfill(body=WIRE, content_type="text/javascript")

        self.page.route("**/static/js/transport.js", stand_in)
        return self

    def fast(self) -> KioskPage:
        """From the next load on pictures come as fast as they are asked for, and answers at once."""

        def stand_in(route: Route) -> None:
            route.fulfill(body=FAST, content_type="text/javascript")

        self.page.route("**/static/js/capture.js", stand_in)
        return self

    def by_clock(self) -> KioskPage:
        """From the next load on time is the page's own, which `stop_time` and `pass_time` have in hand."""
        self.page.clock.install(time=0)
        return self.fast()

    def stop_time(self) -> None:
        """Three seconds from now, at once: a moment that a slow machine has not gone past yet."""
        self.page.clock.pause_at(self.page.evaluate("Date.now() / 1_000") + 3)

    def pass_time(self, milliseconds: int, step: int = 50) -> None:
        """Let so much of it pass in steps, between which the page gets done what is no timer's."""
        for _ in range(milliseconds // step):
            self.page.clock.run_for(step)

    def memory(self) -> dict[str, int]:
        """What the page holds once its garbage is gone: bytes of JavaScript, DOM nodes, listeners."""
        session = self.page.context.new_cdp_session(self.page)
        for _ in range(3):  # what finalizers let go of is garbage only the next time
            session.send("HeapProfiler.collectGarbage")
        counters = session.send("Memory.getDOMCounters")
        used = session.send("Runtime.getHeapUsage")["usedSize"]
        session.detach()
        return {"bytes": int(used), "nodes": counters["nodes"], "listeners": counters["jsEventListeners"]}

    def show(self, *people: Somebody, meanwhile: str = "null") -> None:
        """Answer from now on with these; no answer comes between that and `meanwhile`, an expression on the wire."""
        self.wire(f"({meanwhile}, wire.faces = {json.dumps([each.json() for each in people])})")

    def wire(self, statement: str) -> Any:
        """Run a statement on the stand-in for the transport."""
        return self.page.evaluate(
            f"async () => {{ const {{ wire }} = await import('/static/js/transport.js'); return ({statement}); }}"
        )

    def answers(self, answer: str, labels: str | None = None) -> dict[str, str]:
        """Wait until the screen says `answer`, and where given `labels`."""
        return self.wait(lambda data: data["answer"] == answer and labels in (None, data["labels"]))

    @property
    def sentence(self) -> str:
        band = self.page.locator("#band")
        return band.inner_text().strip() if band.is_visible() else ""

    def tap_corner(self, times: int = 5, right: bool = True, bottom: bool = False) -> None:
        size = self.page.viewport_size
        assert size is not None
        for _ in range(times):
            self.page.mouse.click(size["width"] - 20 if right else 20, size["height"] - 20 if bottom else 20)

    def counts(self) -> dict[str, Any]:
        """Today's numbers as the browser keeps them."""
        kept: Sequence[str] = self.page.evaluate(
            "Object.keys(localStorage).filter((name) => name.startsWith('maskgate.kiosk.today'))"
            ".map((name) => localStorage[name])"
        )
        return dict(json.loads(kept[0])) if kept else {}
