from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from server.settings import Settings
from server.web import guard
from server.web.certificates import Names
from server.web.guard import Door

OURS = "http://localhost:8000"


def objection(environ: dict[str, str], door: Door = Door()) -> tuple[str, str, str] | None:  # noqa: B008 - frozen
    return guard.objection(environ, door)


def environ(host: str | None = "localhost:8000", scheme: str = "http", **headers: str) -> dict[str, str]:
    named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return {"wsgi.url_scheme": scheme, **({} if host is None else {"HTTP_HOST": host}), **named}


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:8000", "127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000", "localhost:65535"]
)
def test_this_machines_names_are_let_in(host: str):
    assert objection(environ(host)) is None


@pytest.mark.parametrize(
    "host",
    [
        None, "", "example.org", "example.org:8000", "localhost.example.org", "localhost:8000.example.org",
        "xlocalhost", "localhost.", "127.0.0.1.nip.io", "127.0.0.2", "0.0.0.0", "192.168.1.20:8000", "[::1",
        "::1", "[::]", "localhost:", "localhost:x", "localhost:８０", "user@localhost",
    ],
)  # fmt: skip
def test_other_names_are_not(host: str | None):
    status, code, message = objection(environ(host))
    assert (status, code) == ("421 Misdirected Request", "wrong_host")
    assert "localhost, 127.0.0.1 or [::1]" in message


@pytest.mark.parametrize(
    ("header", "spelt"),
    [
        ("forwarded", "Forwarded"),
        ("x_forwarded_for", "X-Forwarded-For"),
        ("x_forwarded_host", "X-Forwarded-Host"),
        ("x_forwarded_proto", "X-Forwarded-Proto"),
        ("x_forwarded_anything", "X-Forwarded-Anything"),
        ("x_real_ip", "X-Real-Ip"),
    ],
)
def test_what_a_proxy_forwards_is_refused_with_the_cure(header: str, spelt: str):
    status, code, message = objection(environ(**{header: ""}))
    assert (status, code) == ("403 Forbidden", "forwarded")
    assert spelt in message
    assert "directly on the machine it runs on" in message


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8000", OURS),
        ("LOCALHOST:8000", "HTTP://localhost:8000"),
        ("localhost", "http://localhost"),
        ("localhost", "http://localhost:80"),
        ("localhost:80", "http://localhost"),
        ("[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_its_own_pages_are_let_in(host: str, origin: str):
    assert objection(environ(host, origin=origin)) is None


@pytest.mark.parametrize(
    "origin",
    [
        "", "null", "http://example.org", "https://localhost:8000", "http://localhost", "http://localhost:8001",
        "http://127.0.0.1:8000", "http://localhost:8000.example.org", f"{OURS}/", "localhost:8000", "file://",
    ],
)  # fmt: skip
def test_pages_of_others_are_not(origin: str):
    status, code, message = objection(environ(origin=origin))
    assert (status, code) == ("403 Forbidden", "foreign_origin")
    assert "open MaskGate's own page" in message


@pytest.mark.parametrize("path", ["/", "/api/v1/models", "/healthz", "/static/js/main.js", "/socket.io/?EIO=4"])
@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Host": "example.org"}, 421, "wrong_host"),
        ({"X-Forwarded-For": "10.0.0.1"}, 403, "forwarded"),
        ({"Origin": "http://example.org"}, 403, "foreign_origin"),
    ],
)
def test_the_door_is_before_everything(http: FlaskClient, path: str, headers: dict[str, str], status: int, code: str):
    answer = http.get(path, headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert answer.headers["Cache-Control"] == "no-store"


AFAR = Door.of(Settings(host="0.0.0.0", public_url="https://masks.example.org"))
PROXIED = Door.of(Settings(proxies=1, public_url="https://masks.example.org:8443"))


def test_the_door_opens_no_wider_than_the_settings_ask():
    assert Door.of(Settings()) == Door()
    assert Door.of(Settings(host="::1")) == Door()
    assert Door.of(Settings(proxies=1)) == Door(forwarded=True)
    assert Door.of(Settings(public_url="http://masks.lan")).names == (*guard.HOST_NAMES, "masks.lan")
    assert not AFAR.forwarded


@pytest.mark.parametrize(
    "host",
    [
        "localhost:8000",
        "192.168.1.20:8000",
        "203.0.113.9",
        "[2001:db8::1]:8000",
        "masks.example.org",
        "MASKS.example.org",
    ],
)
def test_from_afar_addresses_and_the_public_name_are_let_in(host: str):
    assert objection(environ(host), AFAR) is None


def test_from_afar_the_machines_own_name_is_let_in(monkeypatch: pytest.MonkeyPatch):
    """By every name that its certificate has."""
    monkeypatch.setattr("socket.gethostname", lambda: "Front-Desk.clinic.example")
    door = Door.of(Settings(host="192.168.1.20"))
    assert Names.of_this_machine().dns <= set(door.names)
    for host in ("front-desk.clinic.example:8000", "front-desk:8000", "front-desk.local"):
        assert objection(environ(host), door) is None
        assert objection(environ(host)) is not None


@pytest.mark.parametrize(
    "host", ["", "example.org", "evil.masks.example.org", "2001:db8::1", "[192.168.1.20]", "1.2.3", "0x7f.1", "[::1"]
)
def test_from_afar_other_names_are_not(host: str):
    """A page of another site reaches us by a name that it rebinds, never by a bare address."""
    status, code, message = objection(environ(host), AFAR)
    assert (status, code) == ("421 Misdirected Request", "wrong_host")
    assert "masks.example.org" in message


@pytest.mark.parametrize(
    ("origin", "door", "let_in"),
    [
        ("https://masks.example.org", AFAR, True),
        ("http://localhost:8000", AFAR, True),
        ("http://masks.example.org", AFAR, False),
        ("https://masks.example.org", PROXIED, False),
        ("https://masks.example.org:8443", PROXIED, True),
        ("null", AFAR, False),
        ("", AFAR, False),
        ("", Door(), False),
    ],
)
def test_pages_of_the_public_name_are_its_own(origin: str, door: Door, let_in: bool):
    assert (objection(environ(origin=origin), door) is None) == let_in


def test_a_proxy_that_is_set_up_may_forward():
    assert objection(environ(x_forwarded_for="10.0.0.1"), PROXIED) is None
    assert objection(environ(x_forwarded_for="10.0.0.1"), AFAR) is not None


def test_a_program_without_an_origin_is_let_in(http: FlaskClient):
    assert http.get("/api/v1/models").status_code == 200
    assert http.get("/api/v1/models", headers={"Origin": "http://localhost"}).status_code == 200


def test_a_long_header_is_not_echoed_whole(http: FlaskClient):
    answer = http.get("/", headers={"Host": "x" * 5000})
    assert len(answer.data) < 500
