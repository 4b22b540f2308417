"""MaskGate in public, behind nginx and behind Caddy as `deploy/` sets them up."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import engineio
import pytest
import websocket

from server.web.access.passwords import Passwords
from server.web.access.state import StateFolder
from server.web.access.tokens import Tokens
from tests.deploy.proxies import (
    CADDY,
    DEPLOY,
    MISSING,
    NAME,
    NGINX,
    PATIENCE,
    caddy,
    certificate,
    free_ports,
    nginx,
    program,
)
from tests.web.conftest import CARDS
from tests.web.running import MODES, STAND_IN, order, running

PASSWORD = "four plain little words"
PROXIES = {"nginx": (NGINX, nginx), "caddy": (CADDY, caddy)}


@dataclass(frozen=True, slots=True)
class Site:
    """What runs. http, https: its ports. token: a device's. context: trusts its certificate."""

    http: int
    https: int
    token: str
    context: ssl.SSLContext
    folder: Path

    def connect(self, source: str) -> ssl.SSLSocket:
        """An encrypted connection. source: the address that it comes from."""
        plain = socket.create_connection(("127.0.0.1", self.https), PATIENCE, (source, 0))
        return self.context.wrap_socket(plain, server_hostname=NAME)

    def ask(
        self, method: str, path: str, data: bytes | None = None, source: str = "127.0.0.1", **headers: str
    ) -> tuple[HTTPResponse, bytes]:
        """Answer and body of a request. headers: with _ for -."""
        connection = HTTPConnection(NAME, timeout=PATIENCE)
        connection.sock = self.connect(source)
        named = {"Host": NAME, **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, path, data, named)
        answer = connection.getresponse()
        return answer, answer.read()

    def stream(self, source: str = "127.0.0.1", **auth: str) -> websocket.WebSocket:
        """A socket that asked to join the stream."""
        client = websocket.create_connection(
            f"ws://{NAME}/socket.io/?EIO=4&transport=websocket",
            socket=self.connect(source),
            origin=f"https://{NAME}",
            host=NAME,
            timeout=PATIENCE,
        )
        assert client.recv().startswith("0{")
        client.send("40/stream," + json.dumps(auth))
        return client


@pytest.fixture(scope="module", params=[(proxy, mode) for proxy in PROXIES for mode in MODES], ids="-".join)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Proxy and server, with a password and one token."""
    name, mode = request.param
    found, configure = PROXIES[name]
    if not found:
        pytest.skip(MISSING.format(name))
    folder = tmp_path_factory.mktemp(name)
    state = StateFolder(folder / "state")
    Passwords(state).set(PASSWORD)
    token = Tokens(state).create("door")
    (folder / "models" / "tiny").mkdir(parents=True)
    (folder / "models" / "tiny" / "card.json").write_text(CARDS["tiny"].model_dump_json())
    settings = {
        "models_dir": folder / "models",
        "model": "tiny",
        "detector": "eyes",
        "workers": 1,
        "state_dir": state.path,
        "proxies": 1,
        "public_url": f"https://{NAME}",
        "rate_limit": 20,
    }
    context = ssl.create_default_context(cafile=str(certificate(folder)[1]))
    http, https = free_ports()
    with running(STAND_IN, async_mode=mode, **settings) as server:
        command = configure(folder, http, https, server.port)
        with program(command, folder, https):
            yield Site(http, https, token, context, folder)
        assert "Traceback" not in "".join(server.said)


def frame(client: websocket.WebSocket, data: bytes) -> tuple[str, dict[str, Any]]:
    """Send a frame; event and message of its answer."""
    client.send("451-/stream," + json.dumps(["frame", {"id": 1}, {"_placeholder": True, "num": 0}]))
    client.send_binary(data)
    while (text := client.recv()) == "2":
        client.send("3")
    event, message = json.loads(text.removeprefix("42/stream,"))
    return event, message


def test_pages_come_encrypted_and_stay_so(site: Site):
    answer, page = site.ask("GET", "/login")
    assert answer.status == 200
    assert b"<form" in page
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert f"wss://{NAME};" in answer.headers["Content-Security-Policy"]


def test_http_is_sent_to_https(site: Site):
    connection = HTTPConnection("127.0.0.1", site.http, timeout=PATIENCE)
    connection.request("GET", "/models?a=b", headers={"Host": NAME})
    answer = connection.getresponse()
    assert answer.status == 308
    assert answer.headers["Location"] == f"https://{NAME}/models?a=b"


def test_the_cookie_of_a_sign_in_is_for_https_alone(site: Site):
    answer, _ = site.ask(
        "POST",
        "/login",
        f"password={PASSWORD.replace(' ', '+')}".encode(),
        Content_Type="application/x-www-form-urlencoded",
        Origin=f"https://{NAME}",
    )
    assert answer.status == 303
    assert "Secure" in answer.headers["Set-Cookie"]


def test_frames_are_answered_through_the_proxy(site: Site):
    client = site.stream(token=site.token, source="127.0.0.20")
    assert client.recv().startswith("40/stream,")
    for faces in (1, 300):
        event, message = frame(client, order(faces=faces, filling="x" * 300_000))
        assert (event, len(message["faces"])) == ("result", faces)
    client.close()


def test_without_a_token_nothing_is_answered(site: Site):
    client = site.stream()
    assert client.recv().startswith("44/stream,")
    client.close()
    assert site.ask("GET", "/api/v1/models")[0].status == 401


def test_a_foreign_page_is_refused(site: Site):
    assert site.ask("GET", "/healthz", Origin="https://evil.example")[0].status == 403


def test_pictures_of_8_mb_pass_and_larger_ones_do_not(site: Site):
    """What the server says itself reaches the client; beyond a margin the proxy says no."""
    headers = {"Authorization": f"Bearer {site.token}", "Content_Type": "image/jpeg", "source": "127.0.0.21"}
    answer, _ = site.ask("POST", "/api/v1/detect", order(filling="x" * (8 * 2**20 - 100)), **headers)
    assert answer.status == 200
    answer, body = site.ask("POST", "/api/v1/detect", b"x" * (8 * 2**20 + 100_000), **headers)
    assert (answer.status, json.loads(body)["error"]["code"]) == (413, "too_large")
    answer, body = site.ask("POST", "/api/v1/detect", b"x" * 10_000_000, **headers)
    assert answer.status in (413, 502), "Caddy 2.6 breaks off and calls it 502"
    if "body" in {path.name for path in site.folder.iterdir()}:
        assert not [path for path in (site.folder / "body").rglob("*") if path.is_file()]


def test_the_server_counts_each_client_by_its_own_address(site: Site):
    """And believes nobody who claims another."""
    for source in ("127.0.0.30", "127.0.0.31"):
        client = site.stream(token=site.token, source=source)
        assert client.recv().startswith("40/stream,")
        events = [frame(client, order())[0] for _ in range(21)]
        assert events == ["result"] * 20 + ["refused"], source
        client.close()
    claims = dict.fromkeys(("X_Forwarded_For", "X_Real_IP", "Forwarded"), "198.51.100.7")
    headers = {"Authorization": f"Bearer {site.token}", "Content_Type": "image/jpeg", **claims}
    assert site.ask("POST", "/api/v1/detect", order(), source="127.0.0.30", **headers)[0].status == 429
    assert site.ask("POST", "/api/v1/detect", order(), source="127.0.0.32", **headers)[0].status == 200


@pytest.mark.parametrize("name", ["proxy_read_timeout", "proxy_send_timeout"])
def test_a_quiet_socket_is_not_cut_by_nginx(name: str):
    """The server asks each client every `ping_interval` whether it is there, and waits `ping_timeout`."""
    (minutes,) = re.findall(rf"{name} (\d+)m;", (DEPLOY / "nginx.conf").read_text())
    engine = engineio.Server(async_mode="threading")
    assert int(minutes) * 60 > engine.ping_interval + engine.ping_timeout


def test_the_proxy_writes_down_no_address_that_holds_a_key(site: Site):
    site.ask("GET", "/watch/a-link-that-nobody-may-know")
    written = [path for path in site.folder.rglob("*") if path.is_file() and path.suffix in (".log", ".txt")]
    assert written
    assert not any("a-link-that-nobody-may-know" in path.read_text(errors="replace") for path in written)
