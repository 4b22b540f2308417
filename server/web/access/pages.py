"""The pages of access: signing in and out, and the door for guests."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as Answer

from server.web.access.gate import own_path
from server.web.access.rights import Access
from server.web.errors import TooManyRequests

MOST_BYTES = 2**16
"""Of a sign-in's form: strangers may send it."""


def blueprint(access: Access) -> Blueprint:
    """`/login`, `/logout` and `/try/<id>`."""
    routes = Blueprint("access", __name__)

    @routes.get("/login")
    def login() -> Answer:
        onward = own_path(request.args.get("next"))
        visitor = access.visitor()
        # What a device may open it has opened by itself: who sees this page wants to sign in.
        if visitor is not None and visitor.kind == "owner":
            return redirect(onward, 303)
        return _login_page(onward, "token" if request.args.get("why") == "token" else None)

    @routes.post("/login")
    def sign_in() -> Answer:
        onward = own_path(request.args.get("next"))
        request.max_content_length = MOST_BYTES
        try:
            if access.sign_in(request.form.get("password", "")):
                return redirect(onward, 303)
        except TooManyRequests as refusal:
            page = _login_page(onward, "throttled", 429, refusal.retry_after)
            page.headers["Retry-After"] = str(refusal.retry_after)
            return page
        except RequestEntityTooLarge as fault:
            return _login_page(onward, "wrong", fault.code)
        return _login_page(onward, "wrong", 403)

    @routes.post("/logout")
    def sign_out() -> Answer:
        access.sign_out()
        return redirect(url_for("access.login"), 303)

    @routes.get("/try/<id>")
    def guest(id: str) -> Answer | tuple[str, int]:  # noqa: A002 - what it is
        standing = access.guests.standing(id)
        if standing != "live":
            return render_template("no-guest.html", standing=standing), 410 if standing == "ended" else 404
        access.take_link(id)
        return make_response(render_template("index.html", guest=id))

    return routes


def _login_page(onward: str, problem: str | None, status: int = 200, seconds: int = 0) -> Response:
    """problem: names the words that say what went wrong; None where nothing did. seconds: to wait."""
    page = make_response(render_template("login.html", onward=onward, problem=problem, seconds=seconds), status)
    # Under `no-referrer` a browser sends a form without its origin, and the guard would take it for a stranger's.
    page.headers["Referrer-Policy"] = "same-origin"
    return page
