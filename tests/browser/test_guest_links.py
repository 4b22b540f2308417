"""Links to try MaskGate, in the panel for links: against a stand-in of the REST that hands them out."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Route, expect

from tests.browser.live_page import LivePage
from tests.browser.watching import until

EXPIRES = "2099-12-31T23:59:00Z"


class Door:
    """Answers as `/api/v1/guests` does. refusal: status and error with which a new link is refused instead."""

    def __init__(self, live: LivePage) -> None:
        self.links: dict[str, dict[str, Any]] = {}
        self.refusal: tuple[int, dict[str, Any]] | None = None
        self.asked: list[str] = []
        self._made = 0
        self._url = live.url
        live.page.route("**/api/v1/guests", self._list)
        live.page.route("**/api/v1/guests/*", self._one)

    def _list(self, route: Route) -> None:
        self.asked.append(route.request.method)
        if route.request.method == "GET":
            _answer(route, 200, list(self.links.values()))
        elif self.refusal:
            _answer(route, *self.refusal)
        else:
            self._made += 1
            name = f"guest-{self._made:0>22}"
            link = {"id": name, "url": f"{self._url}/try/{name}", "expires_at": EXPIRES, "live": 0}
            self.links[name] = link
            _answer(route, 201, link)

    def _one(self, route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        assert route.request.method == "DELETE"
        if self.links.pop(name, None):
            route.fulfill(status=204)
        else:
            _answer(route, 404, {"error": {"code": "unknown_link", "message": "It has ended."}})


def _answer(route: Route, status: int, body: object) -> None:
    route.fulfill(status=status, content_type="application/json", body=json.dumps(body))


def test_where_the_server_knows_no_guests_nothing_is_offered(live: LivePage) -> None:
    answers = iter((404, 403))
    live.page.route("**/api/v1/guests", lambda route: _answer(route, next(answers), {}))
    for _ in range(2):
        live.open().press("share")
        expect(live.page.locator("#share-link input")).to_be_visible()
        live.page.wait_for_timeout(300)
        assert not live.page.locator("#guests").is_visible()


def test_a_link_is_made_shown_counted_and_ended(live: LivePage) -> None:
    door = Door(live)
    live.open().press("share")
    invite = live.page.locator("[data-action=invite]")
    invite.click()
    item = live.page.locator("#guest-links li")
    (link,) = door.links.values()
    assert item.locator("input").input_value() == link["url"]
    code = item.locator("img")
    until(live.page, lambda: code.evaluate("(image) => image.complete && image.naturalWidth > 0"), "the QR code")
    expect(item).to_contain_text("Works until")
    expect(item).to_contain_text("2099")
    expect(item).to_contain_text("Nobody is using it.")
    invite.click()
    expect(item).to_have_count(2)

    link["live"] = 1
    expect(item.first).to_contain_text("1 person is using it.", timeout=30_000)
    link["live"] = 3
    expect(item.first).to_contain_text("3 people are using it.", timeout=30_000)

    item.first.locator("[data-action=revoke]").click()
    expect(item).to_have_count(1)
    assert link["id"] not in door.links
    assert live.page.evaluate("document.activeElement.dataset.action") == "invite", "the focus has a place to go"
    door.links.clear()  # one that ends by itself goes by itself
    expect(item).to_have_count(0, timeout=30_000)


def test_a_refusal_is_told_in_our_words(live: LivePage) -> None:
    door = Door(live)
    door.refusal = (400, {"error": {"code": "too_many_links", "message": "There are 100 guest links already."}})
    live.open().press("share")
    invite, trouble = live.page.locator("[data-action=invite]"), live.page.locator("#guest-trouble")
    invite.click()
    expect(trouble).to_have_text("End another link first: there are as many as may be.")
    door.refusal = (400, {"error": {"code": "new_code", "message": "Something else."}})
    invite.click()
    expect(trouble).to_contain_text("Something else.")
    door.refusal = None
    invite.click()
    expect(trouble).to_be_hidden()


def test_with_the_panel_closed_nobody_is_asked(live: LivePage) -> None:
    door = Door(live)
    live.open().press("share")
    until(live.page, lambda: len(door.asked) > 1, "it to be asked now and then")
    live.press("share-close")
    live.page.wait_for_timeout(500)
    asked = len(door.asked)
    live.page.wait_for_timeout(4_000)
    assert len(door.asked) == asked
