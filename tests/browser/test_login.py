"""A password asked, refused and given, in a real browser; and guests, who need none."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from server.web.access.state import StateFolder
from tests.browser.live_page import LivePage
from tests.browser.screens import look_at, width_needed
from tests.browser.serving import Server
from tests.web.access.light import PASSWORD, keep_password

PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> StateFolder:
    folder = StateFolder(tmp_path_factory.mktemp("guarded") / "state")
    keep_password(folder)
    return folder


@pytest.fixture(scope="module")
def guarded(state: StateFolder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server behind a password, with room for one guest."""
    log = tmp_path_factory.mktemp("guarded-server") / "log.txt"
    running = Server(log, state_dir=state.path, workers=1, guests_at_once=1)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def context(chromium: Browser, guarded: Server) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=guarded.url, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def at(path: str) -> re.Pattern[str]:
    return re.compile(rf"^http://[^/]+{path}$")


def sign_in(page: Page, password: str = PASSWORD, path: str = "/") -> None:
    """By keyboard alone: the field has the focus already."""
    page.goto(path)
    expect(page.locator("#password")).to_be_focused()
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def test_it_is_asked_for_refused_and_given_and_outlives_a_restart(page: Page, guarded: Server):
    sign_in(page, "something else", "/models")
    expect(page.locator("#problem")).to_have_text("That is not the password. Please try again; capitals count.")
    field = page.locator("#password")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("That is not the password. Please try again; capitals count.")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(at("/models"))
    guarded.stop()
    guarded.start()
    page.goto("/")
    expect(page).to_have_url(at("/"))
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(at("/login"))
    page.goto("/models")
    expect(page).to_have_url(at(r"/login\?next=/models"))


def test_it_works_without_scripts(chromium: Browser, guarded: Server):
    context = chromium.new_context(base_url=guarded.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/models")
    # Playwright reads no <noscript>, so its words are looked at and not found by.
    assert page.locator("label").inner_text() == "Password"
    page.locator("#password").fill(PASSWORD)
    page.locator("[data-action=login]").click()
    expect(page).to_have_url(at("/models"))
    context.close()


def test_who_comes_from_another_site_need_not_sign_in_again(page: Page, guarded: Server):
    """The cookie is kept back on the way here from there; the sign-in page notices."""
    sign_in(page)
    expect(page).to_have_url(at("/"))
    page.goto(f"http://localhost:{guarded.port}/login")  # another site than 127.0.0.1
    page.evaluate(f"document.body.innerHTML = '<a href=\"{guarded.url}/models\">MaskGate</a>'")
    page.get_by_role("link").click()
    expect(page).to_have_url(at("/models"))
    assert page.url.startswith(guarded.url)


def test_the_sign_in_page_fits_a_small_phone(page: Page):
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/login?next=/kiosk&why=token")
    expect(page.locator("#problem")).to_contain_text("not in force any more")
    assert width_needed(page) <= 320
    for part in ("#password", "button"):
        assert page.locator(f"form {part}").bounding_box()["height"] >= 44


def test_a_sign_in_that_ends_while_the_camera_runs_is_told_with_a_way_back(
    page: Page, guarded: Server, state: StateFolder
):
    sign_in(page)
    expect(page).to_have_url(at("/"))
    live = LivePage(page, guarded.url).start()
    keep_password(state)  # set anew
    live.wait(lambda data: data["state"] == "error")
    expect(page.get_by_role("heading", name="Please sign in again")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(at(r"/login\?next=/"))
    assert live.errors == []


def test_guests_come_by_their_link_as_many_as_may_be_and_leave_when_it_ends(
    page: Page, chromium: Browser, guarded: Server
):
    sign_in(page)
    expect(page).to_have_url(at("/"))
    link = page.request.post("/api/v1/guests").json()
    guests = []
    for _ in range(2):
        context = chromium.new_context(base_url=guarded.url)
        guests.append(LivePage(context.new_page(), link["url"]))
    first, second = guests
    first.start()
    assert first.dataset["guest"] == link["id"]
    look_at(first.page, "guest")
    assert [entry["live"] for entry in page.request.get("/api/v1/guests").json()] == [1]
    second.open().press("start")
    expect(second.page.get_by_role("heading", name="Please wait a moment")).to_be_visible()
    assert page.request.delete(f"/api/v1/guests/{link['id']}").status == 204
    expect(first.page.get_by_role("heading", name="The visit is over")).to_be_visible()
    first.press("enter")
    expect(first.page.get_by_role("heading", name="Ask for a new link")).to_be_visible()
    for guest in guests:
        assert guest.errors == []
        guest.page.context.close()


def test_the_sign_in_is_a_screen_like_all_others(page: Page):
    page.goto("/")
    look_at(page, "login")
    page.locator("#password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.locator("#problem")).to_be_visible()
    look_at(page, "login-refused")
