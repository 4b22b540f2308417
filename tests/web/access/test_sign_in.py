"""Signing in and out, sessions and their cookies."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.app import create_app
from server.settings import Settings
from server.web.access.guests import Guests
from server.web.access.passwords import Passwords
from server.web.access.rights import Access
from server.web.access.signouts import SIGNOUTS_FILE, SignOuts
from server.web.access.state import StateError, StateFolder
from server.web.access.throttle import Throttle
from server.web.access.tokens import Tokens
from tests.web.access.light import PASSWORD
from tests.web.conftest import app_of, seeing_engine


def sign_in(client: FlaskClient, password: str = PASSWORD, **kwargs: object):
    return client.post("/login", data={"password": password}, **kwargs)


def attributes(cookie: str) -> set[str]:
    return {part.partition("=")[0] for part in cookie.split("; ")[1:]}


def test_the_page_is_a_form_that_works_without_scripts(stranger: FlaskClient):
    answer = stranger.get("/login?next=/models")
    assert answer.status_code == 200
    assert 'method="post" action="/login?next=/models"' in answer.text
    assert re.search(r'<input [^>]*name="password"[^>]*type="password"[^>]*required autofocus', answer.text)
    assert "<noscript>Password</noscript>" in answer.text
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    # Else the browser would send the form without its origin.
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_right_password_leads_on(stranger: FlaskClient):
    answer = sign_in(stranger)
    assert (answer.status_code, answer.location) == (303, "/")
    assert stranger.get("/").status_code == 200
    assert stranger.get("/login?next=/models").location == "/models"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"password": "something else"}, 403),
        ({"password": ""}, 403),
        ({}, 403),
        ({"password": "x" * 60_000}, 403),
        ({"password": "x" * 70_000}, 413),
        ({"password": (BytesIO(bytes(70_000)), "a file")}, 413),
        ({"password": (BytesIO(PASSWORD.encode()), "a file")}, 403),
    ],
)
def test_a_wrong_one_is_asked_for_again(stranger: FlaskClient, form: dict[str, Any], status: int):
    answer = stranger.post("/login?next=/models", data=form)
    assert answer.status_code == status
    assert 'data-word="login.wrong"' in answer.text
    assert 'action="/login?next=/models"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "Set-Cookie" not in answer.headers
    assert stranger.get("/").status_code == 303


def test_nobody_is_led_astray(stranger: FlaskClient):
    assert sign_in(stranger, query_string={"next": "//example.org"}).location == "/"


def test_many_attempts_have_to_wait(stranger: FlaskClient):
    statuses = [sign_in(stranger, "something else").status_code for _ in range(11)]
    assert statuses == [403] * 10 + [429]
    answer = sign_in(stranger)
    assert answer.status_code == 429, "the right one too, or one could guess on"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert f'data-seconds="{answer.headers["Retry-After"]}"' in answer.text


def test_another_address_is_not_made_to_wait(guarded: Flask):
    client = guarded.test_client()
    for _ in range(11):
        sign_in(client, "something else", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert sign_in(client, environ_base={"REMOTE_ADDR": "203.0.113.10"}).status_code == 303


def test_behind_a_proxy_the_clients_own_address_counts_and_no_made_up_one(state: StateFolder):
    app = app_of(seeing_engine(), state_dir=state.path, proxies=1)
    for number in range(10):
        made_up = {"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.9"}
        assert sign_in(app.test_client(), "something else", headers=made_up).status_code == 403
    assert sign_in(app.test_client(), headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 429
    assert sign_in(app.test_client(), headers={"X-Forwarded-For": "203.0.113.10"}).status_code == 303


def test_the_cookie_is_for_this_site_and_no_script_and_lasts_thirty_days(stranger: FlaskClient):
    cookie = sign_in(stranger).headers["Set-Cookie"]
    assert cookie.startswith("maskgate=")
    assert attributes(cookie) == {"Expires", "HttpOnly", "Path", "SameSite"}
    assert "SameSite=Strict" in cookie
    expires = parsedate_to_datetime(re.search(r"Expires=([^;]+)", cookie)[1])
    assert abs(expires - datetime.now(UTC) - timedelta(days=30)) < timedelta(minutes=5)
    assert "Set-Cookie" not in stranger.get("/").headers, "it does not grow older than that"


def test_over_tls_the_cookie_is_secure_behind_a_proxy_too(state: StateFolder, stranger: FlaskClient):
    assert "Secure" in attributes(sign_in(stranger, base_url="https://localhost").headers["Set-Cookie"])
    app = app_of(seeing_engine(), state_dir=state.path, proxies=1, public_url="https://masks.example.org")
    forwarded = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "masks.example.org",
        "Origin": "https://masks.example.org",
    }
    answer = sign_in(app.test_client(), headers=forwarded)
    assert answer.status_code == 303
    assert "Secure" in attributes(answer.headers["Set-Cookie"])
    assert sign_in(app.test_client(), headers={**forwarded, "Origin": "https://example.org"}).status_code == 403
    assert sign_in(app.test_client(), headers={**forwarded, "X-Forwarded-Host": "example.org"}).status_code == 421


def test_a_restart_logs_nobody_out(state: StateFolder, owner: FlaskClient):
    cookie = owner.get_cookie("maskgate")
    again = app_of(seeing_engine(), state_dir=state.path).test_client()
    again.set_cookie("maskgate", cookie.value)
    assert again.get("/").status_code == 200


def test_a_changed_password_ends_all_sessions(state: StateFolder, owner: FlaskClient):
    Passwords(state).set("another one of these")
    assert owner.get("/").status_code == 303
    assert sign_in(owner).status_code == 403
    assert sign_in(owner, "another one of these").status_code == 303
    assert owner.get("/").status_code == 200


def test_a_session_ends_after_thirty_days(state: StateFolder):
    now = 1_000_000.0
    access = Access(Passwords(state), Tokens(state), Guests(1, 5), SignOuts(state), Throttle(), lambda: now)
    client = create_app(Settings(async_mode="threading"), seeing_engine(), access).test_client()
    sign_in(client)
    now += 30 * 86_400 - 60
    assert client.get("/").status_code == 200
    now += 120
    assert client.get("/").status_code == 303


def test_signing_out_ends_the_session_though_its_cookie_was_copied(
    state: StateFolder, guarded: Flask, owner: FlaskClient
):
    cookie = owner.get_cookie("maskgate").value
    assert b'data-action="logout"' in owner.get("/").data
    answer = owner.post("/logout")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert owner.get_cookie("maskgate") is None
    restarted = app_of(seeing_engine(), state_dir=state.path)
    for app in (guarded, restarted):
        thief = app.test_client()
        thief.set_cookie("maskgate", cookie)
        assert thief.get("/").status_code == 303


def test_a_sign_out_holds_where_it_cannot_be_written_and_is_forgotten_with_its_cookie(state: StateFolder):
    now = 1_000_000.0
    signouts = SignOuts(state, lambda: now)
    signouts.add("first", now + 60)
    now += 61
    signouts.add("second", now + 60)
    assert [name in SignOuts(state) for name in ("first", "second", "third")] == [False, True, False]
    readless = SignOuts(StateFolder(Path(os.devnull) / "state"))
    readless.add("fourth", now + 60)
    assert "fourth" in readless


def test_a_broken_list_of_sign_outs_ends_the_start(state: StateFolder):
    state.write(SIGNOUTS_FILE, b"{")
    with pytest.raises(StateError, match=r"signouts\.json: is no list of sign-outs; remove it"):
        app_of(seeing_engine(), state_dir=state.path)


def test_a_cookie_of_another_key_or_changed_is_none(state: StateFolder, owner: FlaskClient, tmp_path: Path):
    value = owner.get_cookie("maskgate").value
    for other in (value[:-1], value[1:], "x", ""):
        owner.set_cookie("maskgate", other)
        assert owner.get("/").status_code == 303
    (state.path / "cookie-key").unlink()
    again = app_of(seeing_engine(), state_dir=state.path).test_client()
    again.set_cookie("maskgate", value)
    assert again.get("/").status_code == 303
