"""Guest links by REST, and what a guest sees."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.web.access.state import StateFolder
from tests.web.access.light import PASSWORD
from tests.web.conftest import app_of, seeing_engine
from tests.web.pictures import encoded


@pytest.fixture
def guest(guarded: Flask, owner: FlaskClient) -> FlaskClient:
    """A client that has opened a guest link."""
    client = guarded.test_client()
    assert client.get(f"/try/{owner.post('/api/v1/guests').json['id']}").status_code == 200
    return client


def test_a_link_is_made_listed_and_ended(owner: FlaskClient):
    answer = owner.post("/api/v1/guests")
    assert answer.status_code == 201
    link = answer.json
    assert link.keys() == {"id", "url", "expires_at", "live"}
    assert link["url"] == f"http://localhost/try/{link['id']}"
    assert re.fullmatch(r"[\w-]{22}", link["id"])
    assert link["expires_at"].endswith("Z")
    left = datetime.fromisoformat(link["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    assert link["live"] == 0
    assert owner.get("/api/v1/guests").json == [link]
    assert owner.delete(f"/api/v1/guests/{link['id']}").status_code == 204
    assert owner.get("/api/v1/guests").json == []
    again = owner.delete(f"/api/v1/guests/{link['id']}")
    assert (again.status_code, again.json["error"]["code"]) == (404, "unknown_link")


def test_the_link_is_that_which_people_open(state: StateFolder):
    app = app_of(seeing_engine(), state_dir=state.path, public_url="https://masks.example.org/")
    client = app.test_client()
    client.post("/login", data={"password": PASSWORD})
    link = client.post("/api/v1/guests").json
    assert link["url"] == f"https://masks.example.org/try/{link['id']}"


def test_without_a_password_whoever_is_on_this_machine_can_invite():
    client = app_of(seeing_engine(), guest_hours=0.5).test_client()
    link = client.post("/api/v1/guests").json
    assert datetime.fromisoformat(link["expires_at"]) - datetime.now(UTC) <= timedelta(minutes=30)
    assert f'data-guest="{link["id"]}"' in client.get(f"/try/{link['id']}").text
    assert client.get("/api/v1/guests").json == [link], "having looked at it makes no guest of the owner"


def test_a_guest_gets_the_live_page_and_what_it_needs_and_no_more(guest: FlaskClient):
    for path in ("/api/v1/models", "/api/v1/detectors"):
        assert guest.get(path).status_code == 200
    assert guest.post("/api/v1/detect", data=encoded()).status_code == 200
    for path in ("/", "/models", "/models/tiny", "/kiosk", "/dashboard"):
        assert guest.get(path).location.startswith("/login?next=")
    for method, path in (("GET", "/metrics"), ("GET", "/api/v1/guests"), ("POST", "/api/v1/guests")):
        assert guest.open(path, method=method).status_code == 401


def test_a_guests_page_is_the_live_page_without_ways_that_lead_nowhere(guest: FlaskClient, owner: FlaskClient):
    page = guest.get(f"/try/{owner.get('/api/v1/guests').json[0]['id']}")
    assert 'data-action="start"' in page.text
    assert "data-guest=" in page.text
    assert "/models" not in page.text
    assert "logout" not in page.text
    assert "data-guest=" not in owner.get("/").text


def test_a_guests_cookie_goes_with_the_browser(guarded: Flask, owner: FlaskClient):
    path = f"/try/{owner.post('/api/v1/guests').json['id']}"
    cookie = guarded.test_client().get(path).headers["Set-Cookie"]
    assert "Expires" not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_an_owner_who_looks_at_a_guest_link_stays_the_owner(owner: FlaskClient):
    link = owner.post("/api/v1/guests").json["id"]
    owner.get(f"/try/{link}")
    assert owner.get("/").status_code == 200
    owner.delete(f"/api/v1/guests/{link}")
    assert owner.get("/").status_code == 200


def test_an_ended_link_lets_nobody_in_and_says_so(guest: FlaskClient, owner: FlaskClient):
    (link,) = owner.get("/api/v1/guests").json
    owner.delete(f"/api/v1/guests/{link['id']}")
    page = guest.get(f"/try/{link['id']}")
    assert page.status_code == 410
    assert 'data-word="guest.ended.text"' in page.text
    assert guest.get("/api/v1/models").status_code == 401


@pytest.mark.parametrize("link", ["x", "../models", "%00", "x" * 5_000])
def test_an_unknown_link_says_so(stranger: FlaskClient, link: str):
    page = stranger.get(f"/try/{link}")
    assert page.status_code == 404
    assert "Set-Cookie" not in page.headers


def test_a_restart_ends_all_links(state: StateFolder, guest: FlaskClient, owner: FlaskClient):
    (link,) = owner.get("/api/v1/guests").json
    again = app_of(seeing_engine(), state_dir=state.path).test_client()
    again.set_cookie("maskgate", guest.get_cookie("maskgate").value)
    page = again.get(f"/try/{link['id']}")
    assert page.status_code == 404
    assert 'data-word="guest.unknown.text"' in page.text
    assert again.get("/api/v1/models").status_code == 401
