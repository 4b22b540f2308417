"""The entrance display: its page, its PIN and the worker that keeps the page while the server is away."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request

from server.settings import Settings
from server.vision.messages import Refusal
from server.web.limiter import Limiter

PIN_TRIES = 10
"""A minute, for each client address."""


def blueprint(settings: Settings, version: str) -> Blueprint:
    """`/kiosk`, `/kiosk/pin` and `/kiosk-worker.js`.

    version: of server and pages, which the page compares with `/healthz` to reload itself.
    """
    routes = Blueprint("kiosk", __name__)
    tries = Limiter(PIN_TRIES)

    @routes.get("/kiosk", strict_slashes=False)
    def kiosk() -> Response:
        page = render_template(
            "kiosk.html",
            version=version,
            policy=settings.kiosk_policy,
            min_face=settings.kiosk_min_face,
            asks_pin=settings.kiosk_pin is not None,
        )
        return _asked_for_again(make_response(page))

    @routes.post("/kiosk/pin")
    def pin() -> tuple[str, int]:
        # Checked here: a page that held the PIN would tell it to whoever reads its source.
        tries.check(request.remote_addr or "")
        given: Any = request.get_json(silent=True)
        said = str(given.get("pin", "")) if isinstance(given, dict) else ""
        wanted = settings.kiosk_pin.get_secret_value() if settings.kiosk_pin else said
        if not hmac.compare_digest(said.encode(), wanted.encode()):
            raise Refusal("wrong_pin", "That is not this kiosk's PIN; the setting `kiosk_pin` holds it.")
        return "", 204

    @routes.get("/kiosk-worker.js")
    def worker() -> Response:
        # From the root, for a worker looks after no page above its own folder.
        return _asked_for_again(current_app.send_static_file("js/kiosk/worker.js"))

    return routes


def _asked_for_again(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-cache"
    return response
