from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from server.vision.messages import Refusal
from server.web.errors import TooManyRequests, error, refused
from tests.web.conftest import HandEngine, app_of

CODES = {
    "no_image": 400, "bad_message": 400, "unknown_model": 404, "unknown_detector": 404, "too_large": 413,
    "not_an_image": 415, "too_many_requests": 429, "worker_lost": 503, "superseded": 503, "timed_out": 504,
    "of tomorrow": 400,
}  # fmt: skip


@pytest.mark.parametrize(("code", "status"), CODES.items())
def test_a_refusal_has_a_fitting_status(by_hand: HandEngine, code: str, status: int):
    with app_of(by_hand).app_context():
        answer = refused(Refusal(code, "Words."))
    assert (answer.status_code, answer.json) == (status, error(code, "Words."))
    assert "Retry-After" not in answer.headers


def test_too_many_requests_say_when_to_try_again(by_hand: HandEngine):
    with app_of(by_hand).app_context():
        answer = refused(TooManyRequests(7))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert "in 7 s" in answer.json["error"]["message"]


def test_pages_keep_an_error_that_people_can_read(http: FlaskClient):
    answer = http.get("/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
