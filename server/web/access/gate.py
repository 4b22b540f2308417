"""The gate: asks before every request whether its sender may, where there is a password."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Flask, g, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from server.web.access.rights import Access, Visitor, forbidden, unauthorized

OPEN = ("/login", "/healthz")
OPEN_BELOW = ("/static/", "/watch/", "/try/")
"""What needs no password: it shows nothing, or its link is its key."""

GUESTS = {("POST", "/api/v1/detect"), ("GET", "/api/v1/models"), ("GET", "/api/v1/detectors")}
"""What the live page of a guest asks for, besides the socket."""

OWNERS = ("/api/v1/guests",)
"""What only the owner may, and no device."""

KIOSK = "/kiosk"


def guard(app: Flask, access: Access) -> None:
    """Put the gate before everything that the app answers; `g.visitor` is who asked, where that was to be known."""

    def ask() -> Answer | None:
        g.visitor = None
        path = request.path
        if path.rstrip("/") == KIOSK and "token" in request.args:
            return _exchange(access)
        if not access.guarded or path in OPEN or path.startswith(OPEN_BELOW):
            return None
        visitor = access.visitor()
        if visitor is None or (visitor.kind == "guest" and not _for_guests(path)):
            return _stranger()
        if visitor.kind != "owner" and path.startswith(OWNERS):
            raise forbidden()
        access.seen(visitor)
        if path.rstrip("/") == KIOSK:
            access.renew()
        g.visitor = visitor
        return None

    app.before_request(ask)
    app.context_processor(_for_templates)


def own_path(address: str | None) -> str:
    """An address as far as it leads to a page of ours: a path, perhaps with a query; else the live page's."""
    path = address or ""
    # Browsers take a backslash for a slash and leave out line breaks: none of them belongs into a path.
    alien = not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable()
    return "/" if alien or path.partition("?")[0] in ("/login", "/logout") else path


def _for_guests(path: str) -> bool:
    return (request.method.replace("HEAD", "GET"), path) in GUESTS


def _stranger() -> Answer:
    """What a page's reader gets is a page; programs hear why not."""
    page = request.method in ("GET", "HEAD") and not request.path.startswith(("/api/", "/metrics"))
    if not page:
        raise unauthorized()
    return _to_login(request.full_path.removesuffix("?"))


def _exchange(access: Access) -> Answer:
    """A kiosk is opened with its token in the address: it becomes a cookie, out of the history and the logs."""
    token = request.args["token"]
    rest = [(name, value) for name, value in request.args.items(multi=True) if name != "token"]
    path = KIOSK + (f"?{urlencode(rest)}" if rest else "")
    if not access.guarded or access.take_token(token):
        return _kept_nowhere(redirect(path, 303))
    return _kept_nowhere(_to_login(path, why="token"))


def _to_login(path: str, why: str | None = None) -> Answer:
    return redirect(url_for("access.login", next=path, why=why), 303)


def _kept_nowhere(answer: Answer) -> Answer:
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _for_templates() -> dict[str, Any]:
    visitor: Visitor | None = g.get("visitor")
    return {"signed_in": visitor is not None and visitor.kind == "owner"}
