"""REST: one picture a request, and what can be asked for."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import uuid4

from flask import Blueprint, Request, request

from server.settings import Settings
from server.vision.engine import Engine, default_models
from server.vision.limits import MAX_REST_BYTES
from server.vision.messages import Frame, Refusal
from server.web.answers import result_json
from server.web.limiter import Limiter
from server.web.messages import MIB, check_size, choice_from_query
from server.web.metrics import WebMetrics
from server.web.openapi import document

_FORM_OVERHEAD = 2**16
_PATIENCE = 8 * MAX_REST_BYTES
"""How much of a body that is too large is still read, so that its sender hears why it was refused."""


def blueprint(settings: Settings, engine: Engine, limiter: Limiter, metrics: WebMetrics) -> Blueprint:
    """`/api/v1/detect`, `/api/v1/models`, `/api/v1/detectors`, and `/api/v1/openapi.json`, which describes all REST."""
    routes = Blueprint("rest", __name__, url_prefix="/api/v1")

    @routes.post("/detect")
    def detect() -> dict[str, Any]:
        try:
            data = picture(request)
            limiter.check(request.remote_addr or "")
            choice = choice_from_query(request.args.to_dict())
            check_size(data, MAX_REST_BYTES)
        except Refusal as refusal:
            metrics.turned_away.labels(refusal.code).inc()
            raise
        score = settings.min_score if choice.min_score is None else choice.min_score
        # A request is a client of its own: no other's frame takes its place.
        frame = Frame(data, f"rest-{uuid4().hex}", choice.model, choice.detector, score)
        return result_json(engine.submit(frame).result())

    @routes.get("/models")
    def models() -> list[dict[str, Any]]:
        return [
            {**card.model_dump(mode="json"), "default": card.name == engine.default_model} for card in engine.models()
        ]

    @routes.get("/detectors")
    def detectors() -> list[dict[str, Any]]:
        models = default_models(engine)
        return [
            {**asdict(info), "default": info.name == engine.default_detector, "model": models.get(info.name)}
            for info in engine.detectors()
        ]

    @routes.get("/openapi.json")
    def openapi() -> dict[str, Any]:
        return document()

    return routes


def picture(request: Request) -> bytes:
    """The bytes of the picture in a request: its form field `image`, or its body.

    Raises Refusal `too_large`, before reading into memory, or `no_image`.
    """
    form = request.mimetype == "multipart/form-data"
    # A body in chunks, of no known length, is cut off there: one byte more tells that it is too large.
    request.max_content_length = MAX_REST_BYTES + (_FORM_OVERHEAD if form else 1)
    if (request.content_length or 0) > request.max_content_length:
        _drain(request)
        raise Refusal(
            "too_large",
            f"The request has {(request.content_length or 0) / MIB:.2f} MB, a picture may have {MAX_REST_BYTES // MIB} "
            f"MB ({MAX_REST_BYTES} bytes): send it smaller or compress it more.",
        )
    if not form:
        return request.get_data(cache=False)
    if "image" not in request.files:
        raise Refusal("no_image", "The form has no file named 'image'; send the picture in that field.")
    return request.files["image"].read()


def _drain(request: Request) -> None:
    """Read a body away; what is not read would reset the connection before the answer arrives."""
    source, left = request.environ["wsgi.input"], min(request.content_length or 0, _PATIENCE)
    while left > 0 and (chunk := source.read(min(left, 2**16))):
        left -= len(chunk)
