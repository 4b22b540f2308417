"""REST as an OpenAPI 3.1 document, for programs that make their clients from it.

What answers look like stands in forms here; a test holds real answers against them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from server.vision.classifiers.card import Card
from server.vision.limits import MAX_FACES, MAX_REST_BYTES, MAX_SIDE
from server.web.errors import STATUS
from server.web.messages import MIB, Choice

SCHEMAS = "#/components/schemas/"
AT_THE_DOOR = {"foreign_origin": 403, "forwarded": 403, "wrong_host": 421}
"""What `guard.py` refuses, and how."""
ASKED = ("unauthorized", *AT_THE_DOOR)
"""Why anything here may be refused."""
OF_A_PICTURE = (
    *("no_image", "bad_message", "unknown_model", "unknown_detector", "too_large", "not_an_image"),
    *("too_many_requests", "worker_lost", "timed_out"),
)

Share = Annotated[float, Field(ge=0, le=1)]


class BoxForm(BaseModel):
    """Fractions of the picture; origin top left. A face that the edge cuts may reach a little beyond."""

    x: float
    y: float
    width: float
    height: float


class FaceForm(BaseModel):
    """A face. reason: why the label is `unsure`, and there only."""

    box: BoxForm
    score: Annotated[Share, Field(description="That it is a face.")]
    label: Literal["with_mask", "without_mask", "incorrect", "unsure"]
    reason: Literal["too_small", "too_blurred", "turned_away", "too_dark", "unclear"] | None = None
    probabilities: Annotated[dict[str, Share], Field(description="Of each label that the model knows.")]


class DetectedForm(BaseModel):
    """What was found in a picture, the largest face first."""

    model: str
    detector: str
    width: Annotated[int, Field(description="Pixels of the picture as its EXIF orientation turns it.")]
    height: int
    faces: Annotated[list[FaceForm], Field(max_length=MAX_FACES)]
    timing_ms: Annotated[dict[str, float], Field(description="Milliseconds of each stage, and in `total`.")]


class ModelForm(Card):
    """A model's card. default: whether it names faces unless another is asked for."""

    default: bool


class DetectorForm(BaseModel):
    """A detector. model: who names its faces unless another is asked for."""

    name: str
    title: str
    description: str
    licence: str
    min_score: Annotated[Share, Field(description="The least score that is a face, chosen on validation data.")]
    landmarks: bool
    one_stage: Annotated[bool, Field(description="Whether it names the faces itself.")]
    sha256: str | None
    second_look: str | None
    default: bool
    model: str | None


class LinkForm(BaseModel):
    """A guest link. live: how many pages use it now."""

    id: str
    url: str
    expires_at: str
    live: int


class HealthForm(BaseModel):
    """Whether a frame can be answered now, and which version answers."""

    ready: bool
    version: str


class FaultForm(BaseModel):
    """What is wrong and how to mend it. code: for programs; it keeps its meaning."""

    code: str
    message: str


class ErrorForm(BaseModel):
    """How every refusal looks."""

    error: FaultForm


FORMS = (DetectedForm, ModelForm, DetectorForm, LinkForm, HealthForm, ErrorForm)


@cache
def document() -> dict[str, Any]:
    """The whole document; not to be changed."""
    _, schemas = models_json_schema([(form, "serialization") for form in FORMS], ref_template=SCHEMAS + "{model}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "MaskGate",
            "version": "1",
            "description": "Finds the faces in a picture and says of each whether it wears a mask, wears it wrongly, "
            "or none. Live pictures go over Socket.IO, which this format cannot describe.",
        },
        # Where the document came from, whatever name that has; the paths follow.
        "servers": [{"url": "/"}],
        "security": [{}, {"token": []}, {"session": []}],
        "paths": _paths(),
        "components": {
            "schemas": _open(schemas["$defs"]),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A device's token or the owner's."},
                "session": {"type": "apiKey", "in": "cookie", "name": "maskgate", "description": "As the pages have."},
            },
        },
    }


def _paths() -> dict[str, Any]:
    picture = {"schema": {"type": "string", "format": "binary", "maxLength": MAX_REST_BYTES}}
    form = {"type": "object", "required": ["image"], "properties": {"image": {"type": "string", "format": "binary"}}}
    kinds = ("image/jpeg", "image/png", "image/webp")
    detect = {
        "operationId": "detect",
        "summary": "Find and name the faces in a picture",
        "description": f"One JPEG, PNG or WebP of at most {MAX_REST_BYTES // MIB} MB ({MAX_REST_BYTES} bytes) and "
        f"{MAX_SIDE}x{MAX_SIDE} pixels. At most {MAX_FACES} faces are answered, the surest.",
        "parameters": _query(Choice),
        "requestBody": {
            "required": True,
            "content": {"multipart/form-data": {"schema": form}} | dict.fromkeys(kinds, picture),
        },
        "responses": _json("What was found", "DetectedForm") | _refusals(*OF_A_PICTURE, *ASKED),
    }
    link = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    told = _refusals(*ASKED)
    owner = _refusals("forbidden", *ASKED)
    return {
        "/api/v1/detect": {"post": detect},
        "/api/v1/models": {"get": _get("models", "The models, and how they were measured", "ModelForm", told)},
        "/api/v1/detectors": {"get": _get("detectors", "What finds faces", "DetectorForm", told)},
        "/api/v1/guests": {
            "get": _get("guests", "The guest links there are", "LinkForm", owner),
            "post": {
                "operationId": "invite",
                "summary": "Make a guest link",
                "responses": _json("The link", "LinkForm", 201) | _refusals("forbidden", "too_many_links", *ASKED),
            },
        },
        "/api/v1/guests/{id}": {
            "delete": {
                "operationId": "uninvite",
                "summary": "End a guest link",
                "parameters": [link],
                "responses": {"204": {"description": "It has ended"}} | _refusals("forbidden", "unknown_link", *ASKED),
            }
        },
        "/api/v1/qr.svg": {
            "get": {
                "operationId": "qr",
                "summary": "A link to a page of this server as a QR code",
                "parameters": [{**link, "name": "path", "in": "query"}],
                "responses": {"200": {"description": "The drawing", "content": {"image/svg+xml": {}}}}
                | _refusals("bad_message", *ASKED),
            }
        },
        "/api/v1/openapi.json": {
            "get": {
                "operationId": "openapi",
                "summary": "This document",
                "responses": {"200": {"description": "OpenAPI 3.1", "content": {"application/json": {}}}} | told,
            }
        },
        "/healthz": {
            "get": {
                "operationId": "health",
                "summary": "Whether a frame can be answered now",
                "security": [{}],
                "responses": _json("It can", "HealthForm") | _json("Not now", "HealthForm", 503),
            }
        },
        "/metrics": {
            "get": {
                "operationId": "metrics",
                "summary": "Counters for Prometheus",
                "responses": {"200": {"description": "Prometheus's text", "content": {"text/plain": {}}}} | told,
            }
        },
    }


def _get(name: str, summary: str, form: str, refusals: Mapping[str, Any]) -> dict[str, Any]:
    """A list of things to read."""
    content = {"application/json": {"schema": {"type": "array", "items": {"$ref": SCHEMAS + form}}}}
    return {
        "operationId": name,
        "summary": summary,
        "responses": {"200": {"description": "All of them", "content": content}, **refusals},
    }


def _json(description: str, form: str, status: int = 200) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": SCHEMAS + form}}}
    return {str(status): {"description": description, "content": content}}


def _refusals(*codes: str) -> dict[str, Any]:
    """Answers by status, with the codes that each may carry."""
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault((STATUS | AT_THE_DOOR)[code], []).append(code)
    found: dict[str, Any] = {}
    for status, named in sorted(by_status.items()):
        found |= _json(f"{HTTPStatus(status).phrase}: {', '.join(f'`{code}`' for code in named)}", "ErrorForm", status)
    if "too_many_requests" in codes:
        seconds = {"description": "Seconds to wait", "schema": {"type": "integer"}}
        found[str(STATUS["too_many_requests"])]["headers"] = {"Retry-After": seconds}
    return found


def _query(form: type[BaseModel]) -> list[dict[str, Any]]:
    """A form's fields as parameters of a URL; each may be left out."""
    fields = form.model_json_schema()["properties"]
    return [
        {"name": name, "in": "query", "schema": next(kind for kind in field["anyOf"] if kind["type"] != "null")}
        for name, field in fields.items()
    ]


def _open(schema: Any) -> Any:
    """A schema that lets answers gain keys: a client made from today's document shall read tomorrow's answers."""
    if isinstance(schema, dict):
        return {key: _open(value) for key, value in schema.items() if (key, value) != ("additionalProperties", False)}
    return [_open(value) for value in schema] if isinstance(schema, list) else schema
