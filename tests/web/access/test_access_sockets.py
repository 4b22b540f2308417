"""Sockets behind a password, over real connections in both async modes, and rights that end while they are open."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import socketio

from server.web.access.passwords import Passwords
from server.web.access.state import StateFolder
from server.web.access.tokens import Tokens
from tests.web.access.light import PASSWORD
from tests.web.running import MODES, PATIENCE, STAND_IN, Running, answer, ask, order, running, until


@dataclass
class Guarded:
    """A server behind a password, and its state folder, which other processes write."""

    server: Running
    state: StateFolder

    def sign_in(self) -> requests.Session:
        session = requests.Session()
        done = session.post(f"{self.server.url}/login", data={"password": PASSWORD}, timeout=PATIENCE)
        assert done.url == f"{self.server.url}/"
        return session

    def socket(self, session: requests.Session | None = None, **auth: str) -> socketio.SimpleClient:
        cookies = "; ".join(f"{name}={value}" for name, value in (session.cookies if session else {}).items())
        return self.server.client(auth or None, {"Cookie": cookies} if cookies else {})


@pytest.fixture(scope="module", params=MODES)
def guarded(request: pytest.FixtureRequest, tiny_models: Path, hashed: Path, tmp_path_factory) -> Iterator[Guarded]:
    folder = shutil.copytree(hashed, tmp_path_factory.mktemp("guarded") / "state")
    settings = {"models_dir": tiny_models, "model": "tiny", "detector": "eyes", "workers": 1, "guests_at_once": 2}
    with running(STAND_IN, async_mode=request.param, state_dir=folder, **settings) as server:
        yield Guarded(server, StateFolder(folder))


def refusal(guarded: Guarded, **auth: str) -> dict[str, Any]:
    """What a client hears that is not let in."""
    heard: list[Any] = []
    client = socketio.Client(reconnection=False)
    client.on("connect_error", heard.append, namespace="/stream")
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(
            guarded.server.url, auth=auth, transports=["websocket"], namespaces=["/stream"], wait_timeout=PATIENCE
        )
    client.disconnect()
    return heard[-1]


def ends(client: socketio.SimpleClient) -> str:
    """Wait until the server ends a client; the code that it was told before."""
    event, message = answer(client)
    assert (event, message["id"]) == ("refused", None)
    until(lambda: not client.connected, "the end of the connection")
    return message["code"]


def test_a_stranger_is_refused_at_the_handshake_with_code_and_cure(guarded: Guarded):
    for auth in ({}, {"token": "x"}, {"guest": "x"}):
        heard = refusal(guarded, **auth)
        assert heard["data"] == {"code": "unauthorized"}
    assert "sign in at /login" in refusal(guarded)["message"]


def test_a_session_lets_in_until_it_is_ended(guarded: Guarded):
    session, other = guarded.sign_in(), guarded.sign_in()
    client, others = guarded.socket(session), guarded.socket(other)
    assert ask(client, 1, order())[0] == "result"
    session.post(f"{guarded.server.url}/logout", timeout=PATIENCE)
    assert ends(client) == "unauthorized"
    assert ask(others, 2, order())[0] == "result", "another sign-in goes on"
    others.disconnect()


def test_a_token_lets_in_until_another_process_revokes_it(guarded: Guarded):
    tokens = Tokens(guarded.state)
    client, bystander = (guarded.socket(token=tokens.create(name)) for name in ("front-door", "back-door"))
    assert ask(client, 1, order())[0] == "result"
    used = until(lambda: all(token.last_used for token in tokens.all()), "the notes of use")
    assert used
    Tokens(guarded.state).revoke("front-door")
    assert ends(client) == "unauthorized"
    assert ask(bystander, 2, order())[0] == "result"
    bystander.disconnect()
    tokens.revoke("back-door")


def test_a_kiosks_cookie_carries_its_socket(guarded: Guarded):
    kiosk = requests.Session()
    text = Tokens(guarded.state).create("kiosk")
    kiosk.get(f"{guarded.server.url}/kiosk?token={text}", timeout=PATIENCE, allow_redirects=False)
    client = guarded.socket(kiosk)
    assert ask(client, 1, order())[0] == "result"
    Tokens(guarded.state).revoke("kiosk")
    assert ends(client) == "unauthorized"


def test_a_frame_after_the_end_of_the_right_is_refused_before_any_worker(guarded: Guarded):
    """Also in the second in which nobody has looked yet."""
    tokens = Tokens(guarded.state)
    client = guarded.socket(token=tokens.create("front-door"))
    tokens.revoke("front-door")
    client.emit("frame", ({"id": 7}, order()))
    event, message = answer(client)
    assert (event, message["code"]) == ("refused", "unauthorized")
    assert message["id"] in (7, None)
    until(lambda: not client.connected, "the end of the connection")


def test_so_many_guests_and_no_more_and_all_end_with_their_link(guarded: Guarded):
    owner, url = guarded.sign_in(), f"{guarded.server.url}/api/v1/guests"
    link = owner.post(url, timeout=PATIENCE).json()
    clients = [guarded.socket(guest=link["id"]) for _ in range(2)]
    assert [entry["live"] for entry in owner.get(url, timeout=PATIENCE).json()] == [2]
    heard = refusal(guarded, guest=link["id"])
    assert heard["data"] == {"code": "too_many_guests"}
    assert heard["message"].startswith("2 guests are here already")
    clients.pop().disconnect()
    until(lambda: owner.get(url, timeout=PATIENCE).json()[0]["live"] == 1, "the guest's leaving")
    clients.append(guarded.socket(guest=link["id"]))
    assert ask(clients[1], 1, order())[0] == "result"
    owner.delete(f"{url}/{link['id']}", timeout=PATIENCE)
    for client in clients:
        assert ends(client) == "unauthorized"


def test_a_guest_shares_nothing(guarded: Guarded):
    owner, url = guarded.sign_in(), f"{guarded.server.url}/api/v1/guests"
    link = owner.post(url, timeout=PATIENCE).json()
    guest = guarded.socket(guest=link["id"])
    assert guest.call("share", {})["error"]["code"] == "forbidden"
    host = guarded.socket(owner)
    assert "id" in host.call("share", {})
    for client in (guest, host):
        client.disconnect()
    owner.delete(f"{url}/{link['id']}", timeout=PATIENCE)


def test_a_guests_cookie_is_enough_too(guarded: Guarded):
    owner, guest = guarded.sign_in(), requests.Session()
    link = owner.post(f"{guarded.server.url}/api/v1/guests", timeout=PATIENCE).json()
    guest.get(link["url"], timeout=PATIENCE)
    client = guarded.socket(guest)
    assert [entry["live"] for entry in owner.get(f"{guarded.server.url}/api/v1/guests", timeout=PATIENCE).json()] == [1]
    client.disconnect()
    owner.delete(f"{guarded.server.url}/api/v1/guests/{link['id']}", timeout=PATIENCE)


def test_many_who_sign_in_at_once_are_all_answered(guarded: Guarded):
    """argon2 runs beside the connections, one at a time."""
    with ThreadPoolExecutor(8) as pool:
        sessions = list(pool.map(lambda _: guarded.sign_in(), range(8)))
    assert all(session.cookies for session in sessions)


def test_a_new_password_ends_all_sessions_and_no_device(guarded: Guarded):
    tokens = Tokens(guarded.state)
    device = guarded.socket(token=tokens.create("till"))
    owner = guarded.socket(guarded.sign_in())
    Passwords(guarded.state).set(PASSWORD)
    assert ends(owner) == "unauthorized"
    assert ask(device, 1, order())[0] == "result"
    device.disconnect()
    tokens.revoke("till")


def test_no_token_and_no_password_is_said_aloud(guarded: Guarded):
    text = Tokens(guarded.state).create("aloud")
    guarded.socket(token=text).disconnect()
    requests.get(f"{guarded.server.url}/kiosk?token={text}", timeout=PATIENCE)
    said = "".join(guarded.server.said)
    assert text not in said
    assert PASSWORD not in said
    assert not re.search("Traceback", said)
    Tokens(guarded.state).revoke("aloud")
