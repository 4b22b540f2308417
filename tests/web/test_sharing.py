"""Sharing's events, page and QR codes without a network; over real sockets: `test_sharing_sockets.py`."""

from __future__ import annotations

import re
from typing import Any

import cv2
import numpy as np
import pytest
from flask import Flask
from flask_socketio import SocketIOTestClient

from server.web.sharing import links
from tests.web.conftest import RESULT, HandEngine, app_of
from tests.web.test_metrics import measured
from tests.web.test_stream import JPEG, send


@pytest.fixture
def app(by_hand: HandEngine) -> Flask:
    by_hand.at_once = RESULT
    return app_of(by_hand, watchers=2, watch_rate=60)


def stream(app: Flask, **auth: object) -> SocketIOTestClient:
    return app.extensions["socketio"].test_client(app, namespace="/stream", auth=auth)


def watch(app: Flask, auth: object) -> SocketIOTestClient:
    return app.extensions["socketio"].test_client(app, namespace="/watch", auth=auth)


def call(client: SocketIOTestClient, event: str, *args: Any) -> dict[str, Any]:
    acknowledged = client.emit(event, *args, namespace="/stream", callback=True)
    assert isinstance(acknowledged, dict)
    return acknowledged


def heard(client: SocketIOTestClient, namespace: str = "/watch") -> list[tuple[str, list[Any]]]:
    return [(event["name"], event["args"]) for event in client.get_received(namespace)]


def test_from_share_to_end(app: Flask):
    owner = stream(app, stream="front door")
    share = call(owner, "share", {"picture": True})
    assert share.keys() == {"id", "secret", "url", "name", "picture", "viewers"}
    assert share["url"] == f"http://localhost/watch/{share['id']}"
    assert (share["name"], share["picture"], share["viewers"]) == ("front door", True, 0)
    eve = watch(app, {"id": share["id"]})
    eve.emit("next", namespace="/watch")
    assert heard(eve) == [("state", [{"phase": "waiting", "name": "front door", "picture": True}])]
    send(owner, 17)
    ((_, [state]), (event, [moment, picture])) = heard(eve)
    assert (state["phase"], event, picture) == ("live", "moment", JPEG)
    assert moment.keys() == {"number", "width", "height", "faces"}
    assert moment["faces"][0]["track"] == 1
    assert [event for event, _ in heard(owner, "/stream")] == ["viewers", "result"]
    assert call(owner, "unshare") == {"ended": True}
    assert not eve.is_connected("/watch")
    send(owner, 18)
    assert [event for event, _ in heard(owner, "/stream")] == ["result"], "the stream itself goes on"


def test_boxes_alone_come_without_the_picture(app: Flask):
    owner = stream(app)
    eve = watch(app, {"id": call(owner, "share")["id"]})
    eve.emit("next", namespace="/watch")
    send(owner)
    assert [len(args) for event, args in heard(eve) if event == "moment"] == [1]


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (({"pictures": True},), "'pictures'"),
        (({"picture": 1},), "'picture'"),
        (({"name": "x" * 65},), "'name'"),
        (("door",), "one object"),
        (({}, {}), "one object"),
    ],
)
def test_a_wrong_share_is_an_error_and_changes_nothing(app: Flask, args: Any, word: str):
    owner = stream(app)
    acknowledged = call(owner, "share", *args)
    assert acknowledged["error"]["code"] == "bad_message"
    assert word in acknowledged["error"]["message"]
    assert call(owner, "unshare")["error"]["code"] == "unknown_share"


@pytest.mark.parametrize("auth", [None, {}, {"id": 5}, {"id": "x" * 65}, "abc", {"id": "x" * 32}])
def test_who_has_no_link_sees_nothing(app: Flask, auth: object):
    call(stream(app), "share")
    assert not watch(app, auth).is_connected("/watch")


def test_one_more_than_may_watch_is_refused_until_one_leaves(app: Flask):
    share = call(stream(app), "share")
    first, second = (watch(app, {"id": share["id"]}) for _ in range(2))
    assert second.is_connected("/watch")
    assert not watch(app, {"id": share["id"]}).is_connected("/watch")
    first.disconnect("/watch")
    assert watch(app, {"id": share["id"]}).is_connected("/watch")


@pytest.mark.parametrize("event", ["frame", "configure", "share", "connect", "disconnect", "message"])
def test_viewers_send_nothing(app: Flask, by_hand: HandEngine, event: str):
    owner = stream(app)
    eve = watch(app, {"id": call(owner, "share")["id"]})
    eve.emit(event, {"id": 1}, JPEG, namespace="/watch")
    assert by_hand.submitted == []
    assert heard(eve) == []
    assert eve.is_connected("/watch")
    assert call(owner, "share")["viewers"] == 1


def test_shares_and_viewers_are_counted(app: Flask):
    owner = stream(app)
    share = call(owner, "share")
    eve, bob = watch(app, {"id": share["id"]}), watch(app, {"id": share["id"]})

    def gauges() -> tuple[float, float]:
        values = measured(app.test_client().get("/metrics").text)
        return values["maskgate_shares"], values["maskgate_watchers"]

    assert gauges() == (1, 2)
    bob.disconnect("/watch")
    assert gauges() == (1, 1)
    assert eve.is_connected("/watch")
    call(owner, "unshare")
    assert gauges() == (0, 0)
    assert not watch(app, {"id": "gone"}).is_connected("/watch")
    assert measured(app.test_client().get("/metrics").text)["maskgate_turned_away_total unknown_share"] == 1


def test_the_page_needs_its_link_and_is_kept_nowhere(app: Flask):
    share = call(stream(app), "share")
    http = app.test_client()
    page = http.get(f"/watch/{share['id']}")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert 'data-state="connecting"' in page.text
    gone = http.get("/watch/nobody")
    assert gone.status_code == 404
    assert 'data-phase="unknown"' in gone.text
    assert "nobody" not in gone.text


def scanned(svg: str) -> str:
    """What a reader makes of a QR code that segno drew: its rows as runs of one unit, drawn again as pixels."""
    side = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])  # type: ignore[index]
    pixels = np.full((side, side), 255, np.uint8)
    x = y = 0.0
    for step, numbers in re.findall(r"([MmhH])([-\d. ]+)", re.search(r'stroke="#000" d="([^"]+)"', svg)[1]):  # type: ignore[index]
        values = [float(value) for value in re.findall(r"-?[\d.]+", numbers)]
        if step == "M":
            x, y = values
        elif step == "m":
            x, y = x + values[0], y + values[1]
        else:
            pixels[int(y), int(x) : int(x + values[0])] = 0
            x += values[0]
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(np.kron(pixels, np.ones((8, 8), np.uint8)))
    return text


@pytest.mark.parametrize("kind", ["watch", "try"])
def test_the_qr_code_leads_where_the_link_leads(app: Flask, kind: str):
    path = f"/{kind}/{'aB_-' * 8}"
    answer = app.test_client().get("/api/v1/qr.svg", query_string={"path": path}, base_url="http://127.0.0.1:8123")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert scanned(answer.text) == f"http://127.0.0.1:8123{path}"


def test_links_are_those_that_others_can_reach(app: Flask):
    class Public:
        public_url = "https://masks.example.org/"

    with app.test_request_context():
        assert links.absolute(Public(), "/watch/x") == "https://masks.example.org/watch/x"  # type: ignore[arg-type]
        assert scanned(links.qr_svg(Public(), "/watch/x").decode()) == "https://masks.example.org/watch/x"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "path", [None, "", "/", "https://example.org/watch/x", "/watch/", "/watch/a b", "/models", "/watch/x\n"]
)
def test_it_is_no_qr_service_for_others(app: Flask, path: str | None):
    answer = app.test_client().get("/api/v1/qr.svg", query_string={} if path is None else {"path": path})
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_message")
