"""The door: by which names the server is answered, through which proxies, and to whose pages.

Without it a page of any web site could reach the server by a rebound DNS name, and a tunnel or proxy would put
an unprotected camera check on the internet. More than this machine's own names are only answered where the settings
say so, and then the server has a password (`access/rights.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from server.settings import LOOPBACK, Settings
from server.web.addresses import host_names
from server.web.errors import error

HOST_NAMES = ("localhost", "127.0.0.1", "[::1]")
DEFAULT_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True)
class Door:
    """What is answered besides this machine's own pages and programs.

    names: of hosts, in lower case. addresses: any IP address too; a page of another site has a name, which it can
    rebind to an address of ours, but not an address. forwarded: requests through a proxy. origin: of pages.
    """

    names: tuple[str, ...] = HOST_NAMES
    addresses: bool = False
    forwarded: bool = False
    origin: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> Door:
        """The door that the settings ask for."""
        afar = settings.host not in LOOPBACK
        public = urlsplit(settings.public_url).hostname if settings.public_url else None
        names = (*HOST_NAMES, *(host_names() if afar else ()), *([public] if public else ()))
        return cls(names, afar, settings.proxies > 0, settings.public_url)


class Guard:
    """WSGI middleware around everything, the socket's handshake included."""

    def __init__(self, app: WSGIApplication, door: Door) -> None:
        self.app, self.door = app, door

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        verdict = objection(environ, self.door)
        if verdict is None:
            return self.app(environ, start_response)
        status, code, message = verdict
        body = json.dumps(error(code, message)).encode()
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ]
        start_response(status, headers)
        return [body]


def objection(environ: WSGIEnvironment, door: Door) -> tuple[str, str, str] | None:
    """Why a request is not let in: status, code and message; None if it is."""
    host = environ.get("HTTP_HOST", "")
    name = _name(host)
    if name not in door.names and not (door.addresses and _is_address(name)):
        known = ", ".join(door.names[:-1]) + f" or {door.names[-1]}"
        return (
            "421 Misdirected Request",
            "wrong_host",
            f"MaskGate answers only as {known}, not as {host[:100]!r}: "
            "open it by one of these names, or start it with MASKGATE_PUBLIC_URL set to this one.",
        )
    forwarded = None if door.forwarded else next((key for key in environ if _says_forwarded(key)), None)
    if forwarded:
        header = forwarded.removeprefix("HTTP_").replace("_", "-").title()
        return (
            "403 Forbidden",
            "forwarded",
            f"This request came through a proxy or tunnel (header {header}), and none is set up: open MaskGate "
            "directly on the machine it runs on, or start it with a password and MASKGATE_PROXIES=1.",
        )
    origin = environ.get("HTTP_ORIGIN")
    ours = {_normal(f"{environ['wsgi.url_scheme']}://{host}"), _normal(door.origin or "")}
    if origin is not None and (not origin or _normal(origin) not in ours):
        return (
            "403 Forbidden",
            "foreign_origin",
            f"A page of {origin[:100]!r} may not use this server: open MaskGate's own page instead.",
        )
    return None


def _name(host: str) -> str:
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isascii() and port.isdigit() else host.lower()


def _is_address(name: str) -> bool:
    bracketed = name.startswith("[") and name.endswith("]")
    try:
        address = ip_address(name[1:-1] if bracketed else name)
    except ValueError:
        return False
    return bracketed == (address.version == 6)


def _says_forwarded(key: str) -> bool:
    return key in ("HTTP_FORWARDED", "HTTP_X_REAL_IP") or key.startswith("HTTP_X_FORWARDED")


def _normal(origin: str) -> str:
    """An origin in lower case and without its scheme's default port; anything else as it stands."""
    scheme, _, rest = origin.lower().partition("://")
    return f"{scheme}://{rest.removesuffix(':' + DEFAULT_PORTS.get(scheme, ''))}" if rest else origin.lower()
