"""The OpenAPI document says what is answered: no address is missing, and real answers have the form that it gives."""

from __future__ import annotations

from typing import Any, get_args

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from server.vision.messages import LABELS, REASONS, UNSURE
from server.web.openapi import AT_THE_DOOR, FaceForm, document
from tests.web.conftest import RESULT, HandEngine, app_of
from tests.web.pictures import encoded

DOCUMENT = "/api/v1/openapi.json"
PAGES_NEED = {"/api/v1/openapi.json", "/healthz", "/metrics"}


@pytest.fixture
def engine() -> HandEngine:
    engine = HandEngine()
    engine.at_once = RESULT
    return engine


@pytest.fixture
def app(engine: HandEngine) -> Flask:
    return app_of(engine)


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return app.test_client()


def schema_of(answer: Any, path: str, method: str) -> dict[str, Any]:
    told = document()["paths"][path][method]["responses"][str(answer.status_code)]
    schema = told["content"]["application/json"]["schema"]
    return {**schema, "components": document()["components"]}


def closed(schema: Any) -> Any:
    """The schema, so that a key that it does not name is an error."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: closed(value) for key, value in schema.items()}
    return {**told, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else told


def check(answer: Any, path: str, method: str = "get") -> None:
    jsonschema.Draft202012Validator(closed(schema_of(answer, path, method))).validate(answer.json)


def test_it_is_served_and_is_openapi(http: FlaskClient):
    answer = http.get(DOCUMENT)
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    OpenAPIV31SpecValidator(answer.json).validate()
    assert answer.json == document()


def test_it_names_every_address_of_rest_and_no_other(app: Flask):
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/") or rule.rule in PAGES_NEED]
    routes = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, methods in document()["paths"].items() for method in methods} == routes


@pytest.mark.parametrize("path", ["/api/v1/models", "/api/v1/detectors", "/api/v1/guests", "/healthz"])
def test_what_can_be_read_has_its_form(http: FlaskClient, path: str):
    http.post("/api/v1/guests")
    answer = http.get(path)
    assert answer.status_code == 200
    assert answer.json
    check(answer, path)


def test_faces_have_their_form(http: FlaskClient):
    answer = http.post("/api/v1/detect", data=encoded(), content_type="image/jpeg")
    assert answer.json["faces"]
    check(answer, "/api/v1/detect", "post")
    assert set(get_args(FaceForm.model_fields["label"].annotation)) == {*LABELS, UNSURE}
    reasons = get_args(get_args(FaceForm.model_fields["reason"].annotation)[0])
    assert set(reasons) == set(REASONS)


def test_refusals_have_their_form_and_their_codes_are_named(http: FlaskClient, engine: HandEngine):
    page = {"Origin": "https://elsewhere.example"}
    told = document()["paths"]["/api/v1/detect"]["post"]["responses"]
    for answer in (
        http.post("/api/v1/detect", data=b"", content_type="image/jpeg"),
        http.post("/api/v1/detect?colour=blue", data=encoded(), content_type="image/jpeg"),
        http.post("/api/v1/detect", data=encoded(), content_type="image/jpeg", headers=page),
        http.post("/api/v1/detect", data=b"x" * (9 * 2**20), content_type="image/jpeg"),
    ):
        assert answer.status_code >= 400
        check(answer, "/api/v1/detect", "post")
        assert f"`{answer.json['error']['code']}`" in told[str(answer.status_code)]["description"]


def test_it_says_what_the_query_may_hold():
    asked = {each["name"]: each["schema"] for each in document()["paths"]["/api/v1/detect"]["post"]["parameters"]}
    assert asked.keys() == {"model", "detector", "min_score"}
    assert asked["min_score"] == {"type": "number", "minimum": 0, "maximum": 1}


def test_a_client_made_today_can_read_answers_that_gained_keys():
    assert '"additionalProperties": False' not in repr(document()).replace("'", '"')
    assert set(AT_THE_DOOR) <= {"foreign_origin", "forwarded", "wrong_host"}
