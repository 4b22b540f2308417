"""The kiosk for an hour: `python -m tests.browser.soak [MINUTES]`, or `make soak`.

Real server, real page, a camera that sees a wall, a bare face and a masked one in turn, so that people come, are
answered and leave all the time. At half time the server is stopped and started again. What the page holds is
measured every minute once its garbage is gone; it fails where that grows.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import sync_playwright

from tests.browser.chromium import ALLOWED, CAMERA, CHROMIUM, QUIET
from tests.browser.feed import Film, jpeg, nobody
from tests.browser.kiosk_page import KioskPage
from tests.browser.serving import Server

MOST_GROWTH_MB = 2.0
"""Of the page's own memory, from the first quarter of the measurements to the last."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Once a minute. heap: MB of JavaScript. resident: MB of Chromium's processes together."""

    minute: float
    frames: int
    heap: float
    nodes: int
    listeners: int
    resident: float

    def __str__(self) -> str:
        return (
            f"{self.minute:5.1f} min  {self.frames:6d} answers  heap {self.heap:6.2f} MB  nodes {self.nodes:5d}  "
            f"listeners {self.listeners:4d}  Chromium {self.resident:5.0f} MB"
        )


def film(path: Path) -> Path:
    """Six seconds of a wall, then all of the portrait's film, bare and masked, at every other frame."""
    with path.open("wb") as file:
        file.write(jpeg(nobody()) * 180)
        for number, picture in enumerate(Film(numbered=False).pictures()):
            if number % 2:
                file.write(jpeg(picture))
    return path


def soak(page: KioskPage, server: Server, minutes: float) -> Iterator[Sample]:
    """Watches the page for so long; the server is away for a while in between."""
    start, restarted = time.monotonic(), False
    us = psutil.Process()
    while (passed := (time.monotonic() - start) / 60) < minutes:
        page.page.wait_for_timeout(60_000)
        if not restarted and passed > minutes / 2:
            restarted = True
            server.stop()
            page.page.wait_for_timeout(20_000)
            server.start()
        held = page.memory()
        resident = sum(
            child.memory_info().rss for child in us.children(recursive=True) if "chrom" in child.name().lower()
        )
        yield Sample(
            (time.monotonic() - start) / 60,
            int(page.dataset["frames"]),
            held["bytes"] / 1e6,
            held["nodes"],
            held["listeners"],
            resident / 1e6,
        )


def verdict(samples: list[Sample]) -> tuple[bool, str]:
    """Whether memory stayed flat, and the words for it."""
    quarter = max(1, len(samples) // 4)
    first, last = samples[:quarter], samples[-quarter:]
    grown = statistics.median(each.heap for each in last) - statistics.median(each.heap for each in first)
    nodes = statistics.median(each.nodes for each in last) - statistics.median(each.nodes for each in first)
    answers = samples[-1].frames - samples[0].frames
    flat = grown < MOST_GROWTH_MB and nodes < 100 and answers > 0
    return flat, f"{answers} answers, heap {grown:+.2f} MB, nodes {nodes:+.0f}: {'flat' if flat else 'NOT flat'}"


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "server.log")
        server.start()
        try:
            feed = film(Path(folder) / "film.mjpeg")
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=[*QUIET, CAMERA, ALLOWED, f"--use-file-for-fake-video-capture={feed}"]
            )
            page = KioskPage(browser.new_page(viewport={"width": 1280, "height": 720}), server.url, stream="soak")
            page.open()
            page.wait(lambda data: data["state"] == "live", patience_s=120)
            samples = []
            for sample in soak(page, server, minutes):
                samples.append(sample)
                sys.stdout.write(f"{sample}\n")
                sys.stdout.flush()
            flat, words = verdict(samples)
            sys.stdout.write(f"{words}\ncounted today: {page.counts()}\nerrors: {page.errors or 'none'}\n")
            browser.close()
        finally:
            server.stop()
    return 0 if flat and not page.errors else 1


if __name__ == "__main__":
    sys.exit(main())
