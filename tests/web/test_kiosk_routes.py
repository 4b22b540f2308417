"""The kiosk's page, its PIN and its worker, without a browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from server.web.kiosk import PIN_TRIES
from server.web.version import version
from tests.web.conftest import HandEngine, app_of

STATIC = Path(__file__).parents[2] / "static"


def client(**settings: object) -> FlaskClient:
    return app_of(HandEngine(), **settings).test_client()


def test_the_page_carries_the_servers_defaults_and_version():
    http = client(kiosk_policy="advise", kiosk_min_face=0.2)
    answer = http.get("/kiosk")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "style=" not in answer.text, "the policy forbids it"
    for attribute in ('data-policy="advise"', 'data-min-face="0.2"', 'data-asks-pin="no"'):
        assert attribute in answer.text
    assert f'data-version="{http.get("/healthz").json["version"]}"' in answer.text
    assert answer.text.count('data-action="start"') == 1
    assert http.get("/kiosk/").status_code == 200


def test_the_page_never_holds_the_pin():
    page = client(kiosk_pin="918273").get("/kiosk").text
    assert 'data-asks-pin="yes"' in page
    assert "918273" not in page


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"pin": "4711"}, 204),
        ({"pin": "4712"}, 403),
        ({"pin": 4711}, 204),
        ({}, 403),
        ([], 403),
        ({"pin": "४७११"}, 403),
    ],
)
def test_the_pin_is_checked_by_the_server(body: object, status: int):
    answer = client(kiosk_pin="4711").post("/kiosk/pin", json=body)
    assert answer.status_code == status
    if status == 403:
        assert answer.json["error"]["code"] == "wrong_pin"


@pytest.mark.parametrize("body", [b"", b"{", b"4711"])
def test_what_is_no_json_opens_nothing(body: bytes):
    assert client(kiosk_pin="4711").post("/kiosk/pin", data=body).status_code == 403


def test_guessing_is_slow():
    http = client(kiosk_pin="4711")
    tries = [http.post("/kiosk/pin", json={"pin": "0000"}).status_code for _ in range(PIN_TRIES)]
    assert tries == [403] * PIN_TRIES
    late = http.post("/kiosk/pin", json={"pin": "4711"})
    assert late.status_code == 429
    assert int(late.headers["Retry-After"]) > 0


def test_without_a_pin_nothing_is_asked():
    assert client().post("/kiosk/pin", json={}).status_code == 204


def test_the_worker_comes_from_the_root():
    answer = client().get("/kiosk-worker.js")
    assert answer.data == (STATIC / "js" / "kiosk" / "worker.js").read_bytes()
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_what_the_manifest_names_is_there():
    http = client()
    answer = http.get("/static/kiosk.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    manifest = json.loads(answer.data)
    assert http.get(manifest["start_url"]).status_code == 200
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    for icon in manifest["icons"]:
        assert http.get(f"/static/{icon['src']}").status_code == 200, icon


def test_the_version_changes_with_any_file_and_with_nothing_else(tmp_path: Path):
    for part in ("server", "static", "templates"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "file").write_text("before")
    first = version(tmp_path)
    assert len(first) == 16
    (tmp_path / "server" / "__pycache__").mkdir()
    (tmp_path / "server" / "__pycache__" / "file.pyc").write_text("made")
    (tmp_path / "README.md").write_text("not served")
    assert version(tmp_path) == first
    for part in ("server", "static", "templates"):
        (tmp_path / part / "file").write_text("after")
        assert version(tmp_path) != first
        (tmp_path / part / "file").write_text("before")
    (tmp_path / "static" / "file").rename(tmp_path / "static" / "other")
    assert version(tmp_path) != first
