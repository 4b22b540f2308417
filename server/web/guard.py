"""The door: until there is access control, only this machine's own pages and programs are answered.

Without it a page of any web site could reach the server by a rebound DNS name, and a tunnel or proxy would put
an unprotected camera check on the internet.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from server.web.errors import error

HOST_NAMES = ("localhost", "127.0.0.1", "[::1]")
DEFAULT_PORTS = {"http": "80", "https": "443"}


class Guard:
    """WSGI middleware around everything, the socket's handshake included."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        verdict = objection(environ)
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


def objection(environ: WSGIEnvironment) -> tuple[str, str, str] | None:
    """Why a request is not let in: status, code and message; None if it is."""
    host = environ.get("HTTP_HOST", "")
    if _name(host) not in HOST_NAMES:
        return (
            "421 Misdirected Request",
            "wrong_host",
            f"MaskGate answers only as localhost, 127.0.0.1 or [::1], not as {host[:100]!r}: "
            "open it by one of these names on the machine it runs on.",
        )
    forwarded = next((key for key in environ if _says_forwarded(key)), None)
    if forwarded:
        header = forwarded.removeprefix("HTTP_").replace("_", "-").title()
        return (
            "403 Forbidden",
            "forwarded",
            f"This request came through a proxy or tunnel (header {header}), and there is no access control yet: "
            "open MaskGate directly on the machine it runs on.",
        )
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and _normal(origin) != _normal(f"{environ['wsgi.url_scheme']}://{host}"):
        return (
            "403 Forbidden",
            "foreign_origin",
            f"A page of {origin[:100]!r} may not use this server: open MaskGate's own page instead.",
        )
    return None


def _name(host: str) -> str:
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isascii() and port.isdigit() else host.lower()


def _says_forwarded(key: str) -> bool:
    return key in ("HTTP_FORWARDED", "HTTP_X_REAL_IP") or key.startswith("HTTP_X_FORWARDED")


def _normal(origin: str) -> str:
    """An origin in lower case and without its scheme's default port; anything else as it stands."""
    scheme, _, rest = origin.lower().partition("://")
    return f"{scheme}://{rest.removesuffix(':' + DEFAULT_PORTS.get(scheme, ''))}" if rest else origin.lower()
