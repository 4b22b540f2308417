"""Makes the README's picture: `python -m tests.browser.screenshot docs/screenshot.png`.

The real server looks at a film of our own making, a portrait that may be shown.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path

from PIL import Image as Pillow
from playwright.sync_api import ViewportSize, sync_playwright

from tests.browser.chromium import ALLOWED, CAMERA, CHROMIUM, QUIET
from tests.browser.feed import Film
from tests.browser.live_page import LivePage
from tests.browser.serving import Server

SIZE: ViewportSize = {"width": 1200, "height": 820}
MAX_BYTES = 300_000
TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"


def take(folder: Path) -> bytes:
    """The page while it answers a bare face, as PNG; `folder` takes the film and the server's log."""
    film = Film(numbered=False).write(folder / "film.mjpeg")
    server = Server(folder / "server.log")
    server.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=[*QUIET, CAMERA, ALLOWED, f"--use-file-for-fake-video-capture={film}"]
            )
            page = LivePage(browser.new_page(viewport=SIZE, color_scheme="light"), server.url).start()
            # The camera's name would be the film's path.
            page.page.evaluate("document.querySelector('[data-action=camera] option').textContent = 'Camera'")
            # The first half of the film, from its beginning.
            page.wait(lambda data: data["labels"] == "with_mask")
            page.wait(lambda data: data["labels"] == "without_mask")
            page.page.wait_for_timeout(1_500)
            picture = page.page.screenshot()
            browser.close()
            return picture
    finally:
        server.stop()


def shrink(picture: bytes) -> bytes:
    """The PNG with so few colours that it has at most `MAX_BYTES`."""
    whole = Pillow.open(io.BytesIO(picture)).convert("RGB")
    # The page's own colours fill few pixels and would be missing from a palette made by area.
    own = [value for colour in re.findall(r"#[0-9a-f]{6}", TOKENS.read_text()) for value in bytes.fromhex(colour[1:])]
    for colours in (256, 192, 128, 96):
        palette = Pillow.new("P", (1, 1))
        by_area = whole.quantize(colours - len(own) // 3).getpalette() or []
        palette.putpalette(own + by_area)
        data = io.BytesIO()
        whole.quantize(palette=palette, dither=Pillow.Dither.FLOYDSTEINBERG).save(data, "PNG", optimize=True)
        if data.tell() <= MAX_BYTES:
            return data.getvalue()
    raise SystemExit(f"The screenshot does not fit into {MAX_BYTES} bytes; take it smaller than {SIZE}.")


def main() -> None:
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshot.png")
    with tempfile.TemporaryDirectory() as folder:
        target.write_bytes(shrink(take(Path(folder))))
    sys.stdout.write(f"{target}: {target.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
