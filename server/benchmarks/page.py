"""In a real browser: from the picture's capture to its boxes on the screen."""

from __future__ import annotations

from pathlib import Path

from server.benchmarks.picture import camera_jpeg
from server.benchmarks.running import serving
from server.benchmarks.samples import median, percentile

CHROMIUM = "/usr/bin/chromium"


def measure(folder: Path, seconds: float, detector: str) -> list[str]:
    """Median and 95th percentile in ms, and how many frames, of one page on this machine.

    folder: for the film that Chromium's fake camera plays.
    """
    from playwright.sync_api import sync_playwright

    film = folder / "camera.mjpeg"
    film.write_bytes(camera_jpeg() * 30)
    flags = [
        "--no-sandbox",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    with serving(detector=detector) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(server.url)
        page.click("[data-action=start]")
        page.locator("html[data-state=live]").wait_for(timeout=30_000)
        page.wait_for_timeout(2000)
        page.evaluate("performance.clearMeasures()")
        page.wait_for_timeout(seconds * 1000)
        ages: list[float] = page.evaluate(
            "performance.getEntriesByName('capture-to-drawn').map((entry) => entry.duration)"
        )
        browser.close()
    return [
        detector,
        f"{median(ages):.0f}",
        f"{percentile(ages, 0.95):.0f}",
        str(len(ages)),
        f"{len(ages) / seconds:.1f}",
    ]
