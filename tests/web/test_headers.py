from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from server.web.headers import content_security_policy


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/models",
        "/models/x",
        "/kiosk",
        "/kiosk-worker.js",
        "/static/js/main.js",
        "/api/v1/models",
        "/healthz",
        "/metrics",
        "/nothing",
        "/api/nothing",
    ],
)
def test_every_answer_has_the_security_headers(http: FlaskClient, path: str):
    headers = http.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert headers["Permissions-Policy"].startswith("camera=(self), microphone=()")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert not any(name.startswith("Access-Control-") for name in headers.keys())  # noqa: SIM118 - not a mapping


@pytest.mark.parametrize(("secure", "socket"), [(False, "ws"), (True, "wss")])
def test_the_socket_is_named_for_older_browsers(secure: bool, socket: str):
    assert f"connect-src 'self' {socket}://[::1]:8000;" in content_security_policy("[::1]:8000", secure)


@pytest.mark.parametrize(("url", "socket"), [("http://localhost", "ws"), ("https://localhost", "wss")])
def test_a_page_served_by_https_may_open_an_encrypted_socket_alone(http: FlaskClient, url: str, socket: str):
    policy = http.get("/", base_url=url).headers["Content-Security-Policy"]
    assert f"connect-src 'self' {socket}://localhost;" in policy


@pytest.mark.parametrize(
    ("path", "caching"),
    [
        ("/", "no-cache"),
        ("/models", "no-cache"),
        ("/kiosk", "no-cache"),
        ("/static/js/main.js", "no-cache"),
        ("/api/v1/models", "no-store"),
        ("/healthz", "no-store"),
    ],
)
def test_pages_are_asked_for_again_and_answers_are_not_kept(http: FlaskClient, path: str, caching: str):
    assert http.get(path).headers["Cache-Control"] == caching


def test_an_unchanged_file_is_not_sent_again(http: FlaskClient):
    first = http.get("/static/js/main.js")
    again = http.get("/static/js/main.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
