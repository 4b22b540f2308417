"""The kiosk as deploy/maskgate-kiosk.service starts it, as far as that goes without a screen."""

from __future__ import annotations

import re
import shlex
from mmap import ACCESS_READ, mmap
from pathlib import Path

from playwright.sync_api import Playwright

from tests.browser.chromium import ALLOWED, CAMERA, CHROMIUM, QUIET
from tests.browser.kiosk_page import KioskPage
from tests.browser.serving import Server
from tests.deploy.proxies import DEPLOY


def flags() -> list[str]:
    """What the unit gives to Chromium besides the address."""
    unit = (DEPLOY / "maskgate-kiosk.service").read_text().replace("\\\n", "")
    (command,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    cage, dashes, chromium, *given, address = shlex.split(command)
    assert (cage, dashes, chromium, address) == ("/usr/bin/cage", "--", str(CHROMIUM), "${KIOSK_URL}")
    return given


def unknown(names: set[str], program: Path) -> set[str]:
    """Those of the names that are nowhere in a program: a flag that Chromium does not know it ignores in silence."""
    with program.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as text:
        return {name for name in names if text.find(f"{name}\0".encode()) < 0}


def test_chromium_takes_the_units_flags(playwright: Playwright, server: Server, tmp_path: Path) -> None:
    headless = ("--headless", "--remote-debugging-pipe", f"--user-data-dir={tmp_path}", CAMERA, ALLOWED)
    context = playwright.chromium.launch_persistent_context(
        tmp_path,
        executable_path=CHROMIUM,
        ignore_default_args=True,
        args=[*QUIET, *headless, *flags(), f"{server.url}/kiosk?stream=Front+door"],
        no_viewport=True,
    )
    try:
        page = KioskPage(context.pages[0], server.url)
        page.page.wait_for_url("**/kiosk?*")
        page.wait(lambda data: data["state"] == "live")
        assert page.page.locator("#door").text_content() == "Front door"
        # As --kiosk has it, once the window has its size.
        page.wait(lambda _: bool(page.page.evaluate("matchMedia('(display-mode: fullscreen)').matches")))
        page.page.goto("chrome://version")
        program = Path(page.page.locator("#executable_path").inner_text())
        names = {flag.removeprefix("--").partition("=")[0] for flag in flags()}
        assert unknown(names, program) == set()
    finally:
        context.close()
