"""Who gets to see what, behind a password and without."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.settings import Settings, SettingsError
from server.web.access.gate import own_path
from server.web.access.rights import Access
from server.web.access.state import StateFolder
from server.web.access.tokens import Tokens
from tests.web.access.light import PASSWORD
from tests.web.conftest import app_of, seeing_engine
from tests.web.pictures import encoded

PAGES = ["/", "/models", "/models/tiny", "/kiosk", "/dashboard", "/nothing"]
PROGRAMS = [
    ("GET", "/api/v1/models"), ("GET", "/api/v1/detectors"), ("POST", "/api/v1/detect"), ("GET", "/api/v1/guests"),
    ("POST", "/api/v1/guests"), ("DELETE", "/api/v1/guests/x"), ("GET", "/api/nothing"), ("GET", "/metrics"),
    ("POST", "/"), ("POST", "/logout"),
]  # fmt: skip
OPEN = [("/login", 200), ("/healthz", 200), ("/static/js/main.js", 200), ("/watch/x", 404), ("/try/x", 404)]


@pytest.mark.parametrize("path", PAGES)
def test_a_strangers_page_leads_to_the_sign_in_and_back(stranger: FlaskClient, path: str):
    answer = stranger.get(path, query_string={"a": "1 2"})
    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=")
    back = stranger.post(answer.location, data={"password": PASSWORD})
    assert back.location == f"{path}?a=1+2"


@pytest.mark.parametrize(("method", "path"), PROGRAMS)
def test_a_strangers_program_hears_why_not(stranger: FlaskClient, method: str, path: str):
    answer = stranger.open(path, method=method)
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "unauthorized"
    assert "Authorization: Bearer" in answer.json["error"]["message"]
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("path", "status"), OPEN)
def test_what_needs_no_password(stranger: FlaskClient, path: str, status: int):
    assert stranger.get(path).status_code == status


@pytest.mark.parametrize("path", ["/static/../models", "/Models", "/login/", "/healthz/", "/api//v1/models"])
def test_another_spelling_is_no_way_in(stranger: FlaskClient, path: str):
    answer = stranger.get(path)
    assert answer.status_code in (303, 308, 401, 404)
    assert b"tiny" not in answer.data


def test_every_way_there_is_is_guarded_unless_it_is_meant_to_be_open(guarded: Flask):
    """Whatever page or interface comes: it has to be opened here before it is open."""
    ways = {
        rule.rule
        for rule in guarded.url_map.iter_rules()
        for method in rule.methods or ()
        if guarded.test_client().open(rule.rule, method=method).status_code not in (303, 401)
    }
    # A link to watch needs no password; it comes with sharing.
    ways = {way for way in ways if not way.startswith("/watch/<")}
    assert ways == {"/healthz", "/login", "/static/<path:filename>", "/try/<id>"}


@pytest.mark.parametrize("path", ["/", "/models", "/api/v1/models", "/api/v1/detectors", "/metrics", "/api/v1/guests"])
def test_the_owner_may_everything(owner: FlaskClient, path: str):
    assert owner.get(path).status_code == 200


def test_a_token_is_enough_for_programs(stranger: FlaskClient, tokens: Tokens):
    headers = {"Authorization": f"Bearer {tokens.create('front-door')}"}
    assert stranger.post("/api/v1/detect", data=encoded(), headers=headers).status_code == 200
    for path in ("/api/v1/models", "/metrics", "/models"):
        assert stranger.get(path, headers=headers).status_code == 200
    assert tokens.all()[0].last_used is not None
    tokens.revoke("front-door")
    assert stranger.get("/metrics", headers=headers).status_code == 401


@pytest.mark.parametrize("sent", ["Bearer", "Bearer x", f"Bearer {PASSWORD}", "Basic eDp5", "x"])
def test_what_is_no_token_is_not(stranger: FlaskClient, tokens: Tokens, sent: str):
    tokens.create("front-door")
    assert stranger.get("/metrics", headers={"Authorization": sent}).status_code == 401


def test_a_wrong_token_counts_though_there_is_a_session(owner: FlaskClient):
    assert owner.get("/metrics", headers={"Authorization": "Bearer x"}).status_code == 401


def test_a_device_may_not_invite(stranger: FlaskClient, tokens: Tokens):
    headers = {"Authorization": f"Bearer {tokens.create('front-door')}"}
    for method, path in (("GET", "/api/v1/guests"), ("POST", "/api/v1/guests"), ("DELETE", "/api/v1/guests/x")):
        answer = stranger.open(path, method=method, headers=headers)
        assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")


def test_a_kiosks_token_becomes_a_cookie_and_leaves_the_address(stranger: FlaskClient, tokens: Tokens):
    text = tokens.create("front-door")
    answer = stranger.get("/kiosk", query_string={"stream": "front door", "token": text, "lang": "bn"})
    assert (answer.status_code, answer.location) == (303, "/kiosk?stream=front+door&lang=bn")
    assert text not in str(answer.headers)
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert stranger.get("/models").status_code == 200
    assert stranger.get("/api/v1/guests").status_code == 403
    assert "Set-Cookie" not in stranger.get("/models").headers
    renewed = stranger.get("/kiosk").headers["Set-Cookie"]
    expires = parsedate_to_datetime(re.search(r"Expires=([^;]+)", renewed)[1])
    assert expires - datetime.now(UTC) > timedelta(days=399), "a screen runs for months"
    tokens.revoke("front-door")
    assert stranger.get("/models").status_code == 303


@pytest.mark.parametrize("path", ["/kiosk", "/kiosk/"])
def test_a_token_that_is_none_does_not_stay_in_the_address_either(stranger: FlaskClient, path: str):
    answer = stranger.get(path, query_string={"token": "old", "lang": "bn"})
    assert (answer.status_code, answer.location) == (303, "/login?next=/kiosk?lang%3Dbn&why=token")
    assert b'data-word="login.token"' in stranger.get(answer.location).data


def test_without_a_password_all_is_open_and_no_cookie_is_set():
    client = app_of(seeing_engine()).test_client()
    for path in ("/", "/models", "/api/v1/models", "/metrics", "/api/v1/guests"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert client.get("/login?next=/models").location == "/models"
    assert client.get("/kiosk?token=x&a=1").location == "/kiosk?a=1"
    assert b"logout" not in client.get("/").data


def test_a_password_set_meanwhile_counts_at_once_and_taken_away_opens_nothing(state: StateFolder):
    password = (state.path / "password").read_bytes()
    (state.path / "password").unlink()
    client = app_of(seeing_engine(), state_dir=state.path).test_client()
    assert client.get("/models").status_code == 200
    state.write("password", password)
    assert client.get("/models").status_code == 303
    client.post("/login", data={"password": PASSWORD})
    assert client.get("/models").status_code == 200
    (state.path / "password").unlink()
    assert client.get("/models").status_code == 303
    assert client.post("/login", data={"password": PASSWORD}).status_code == 403


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"host": "0.0.0.0"}, "MASKGATE_HOST=0.0.0.0"),
        ({"host": "::"}, "MASKGATE_HOST=::"),
        ({"host": "192.168.1.20"}, "MASKGATE_HOST=192.168.1.20"),
        ({"public_url": "https://masks.example.org"}, "MASKGATE_PUBLIC_URL=https://masks.example.org"),
        ({"proxies": 1}, "MASKGATE_PROXIES=1"),
    ],
)
def test_what_others_can_reach_needs_a_password(state: StateFolder, settings: dict[str, object], named: str):
    with pytest.raises(SettingsError) as caught:
        app_of(seeing_engine(), **settings)
    assert str(caught.value).startswith(f"{named}: ")
    assert str(caught.value).endswith("set one: python -m server set-password")
    app_of(seeing_engine(), state_dir=state.path, **settings)


def test_rules_of_ones_own_can_be_handed_in(state: StateFolder):
    access = Access.of(Settings(async_mode="threading", state_dir=state.path))
    assert access.guarded
    access.tokens.create("front-door")
    state.write("tokens.json", b"broken")
    with pytest.raises(SettingsError, match="make them again"):
        Access.of(Settings(async_mode="threading", state_dir=state.path))


@pytest.mark.parametrize(
    ("address", "becomes"),
    [
        ("/", "/"),
        ("/models", "/models"),
        ("/kiosk?stream=front+door&a=//x", "/kiosk?stream=front+door&a=//x"),
        (None, "/"),
        ("", "/"),
        ("models", "/"),
        ("//example.org", "/"),
        ("/\\example.org", "/"),
        ("\\\\example.org", "/"),
        ("https://example.org", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/example.org", "/"),
        ("/\n/example.org", "/"),
        (" //example.org", "/"),
        ("/login?next=/login", "/"),
        ("/logout", "/"),
    ],
)
def test_the_way_on_leads_to_own_pages_alone(address: str | None, becomes: str):
    assert own_path(address) == becomes
