"""How the web says no: always `{"error": {"code", "message"}}`, with a fitting status."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from server.vision.messages import Refusal

log = logging.getLogger(__name__)

API = "/api/"
STATUS = {
    "no_image": 400,
    "bad_message": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "wrong_pin": 403,
    "unknown_model": 404,
    "unknown_detector": 404,
    "unknown_link": 404,
    "too_large": 413,
    "not_an_image": 415,
    "too_many_links": 409,
    "too_many_guests": 429,
    "too_many_requests": 429,
    "superseded": 503,
    "worker_lost": 503,
    "timed_out": 504,
}
CURES = {
    404: ("not_found", "There is nothing at this address; GET /api/v1/openapi.json lists what there is."),
    405: ("method_not_allowed", "This address does not take that method; the header `Allow` names those it takes."),
    413: ("too_large", "The request is too large; send one picture of at most 8 MB (8 x 2^20 bytes)."),
}


def error(code: str, message: str) -> dict[str, Any]:
    """The body of every refusal, by HTTP and by acknowledgement."""
    return {"error": {"code": code, "message": message}}


class TooManyRequests(Refusal):
    """A client address asked more often than `rate_limit` allows; `retry_after` is in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too_many_requests", f"Too many requests from this address; try again in {retry_after} s.")
        self.retry_after = retry_after


def refused(refusal: Refusal) -> Response:
    """A refusal as an HTTP answer."""
    response = jsonify(error(refusal.code, refusal.message))
    response.status_code = STATUS.get(refusal.code, 400)
    if isinstance(refusal, TooManyRequests):
        response.headers["Retry-After"] = str(refusal.retry_after)
    if refusal.code == "unauthorized":
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _http_error(fault: HTTPException) -> Response | HTTPException:
    if not request.path.startswith(API):
        return fault
    status = fault.code or 500
    code, message = CURES.get(status, ("bad_message", fault.description or fault.name))
    response = jsonify(error(code, message))
    response.status_code = status
    response.headers.extend((name, value) for name, value in fault.get_headers() if name == "Allow")
    return response


def _unforeseen(fault: Exception) -> tuple[Response, int]:
    log.error("%s %s failed", request.method, request.path, exc_info=fault)
    return jsonify(error("internal_error", "The server failed on this request; its log says why. Try again.")), 500


def handle_errors(app: Flask) -> None:
    """Make every error of the app answer in the form above (below `/api/`; pages keep Werkzeug's)."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unforeseen)
