from __future__ import annotations

import time
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.vision.limits import MAX_REST_BYTES
from server.vision.messages import Refusal
from tests.web.conftest import RESULT, HandEngine, app_of
from tests.web.pictures import HEIGHT, LARGE, SMALL, WIDTH, encoded, png_header

DETECT = "/api/v1/detect"
JPEG = encoded()


def post(http: FlaskClient, data: bytes = JPEG, query: str = "", **options: Any) -> TestResponse:
    return http.post(DETECT + query, data=data, **{"content_type": "image/jpeg", **options})


def post_form(http: FlaskClient, data: bytes = JPEG, field: str = "image", name: str = "a.jpg") -> TestResponse:
    return http.post(DETECT, data={field: (BytesIO(data), name)}, content_type="multipart/form-data")


def refused(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a refusal in the contract's form, with a message."""
    assert answer.is_json
    assert answer.json.keys() == {"error"}
    assert answer.json["error"].keys() == {"code", "message"}
    assert len(answer.json["error"]["message"]) > 10
    return answer.status_code, answer.json["error"]["code"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("send", [post, post_form], ids=["body", "form"])
def test_a_picture_is_answered_in_the_contracts_form(http: FlaskClient, kind: str, send: Any):
    answer = send(http, encoded(kind))
    assert answer.status_code == 200
    assert answer.json.keys() == {"model", "detector", "width", "height", "faces", "timing_ms"}
    assert [answer.json[key] for key in ("model", "detector", "width", "height")] == ["tiny", "eyes", WIDTH, HEIGHT]
    assert answer.json["timing_ms"].keys() == {"queue", "decode", "detect", "classify", "total"}
    assert all(value >= 0 for value in answer.json["timing_ms"].values())
    for face in answer.json["faces"]:
        assert face.keys() == {"box", "score", "label", "probabilities"}
        assert face["label"] == "with_mask"
        assert face["score"] == 0.9
        assert face["probabilities"] == {"with_mask": 0.9877, "without_mask": 0.0123}


def test_faces_come_largest_first_in_fractions_of_the_picture(http: FlaskClient):
    found = [list(face["box"].items()) for face in post(http, encoded("PNG")).json["faces"]]
    sides = ("x", "y", "width", "height")
    scale = (WIDTH, HEIGHT, WIDTH, HEIGHT)
    want = [
        dict(zip(sides, (a / b for a, b in zip(patch, scale, strict=True)), strict=True)) for patch in (LARGE, SMALL)
    ]
    assert [dict(box) for box in found] == want


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_exif_orientation_is_honoured(http: FlaskClient, kind: str):
    """Orientation 6: the camera lay on its side, and what it stored as left is the upper edge."""
    answer = post(http, encoded(kind, orientation=6)).json
    assert (answer["width"], answer["height"]) == (HEIGHT, WIDTH)
    box = answer["faces"][0]["box"]
    left, top, width, height = LARGE
    upright = ((HEIGHT - top - height) / HEIGHT, left / WIDTH, height / HEIGHT, width / WIDTH)
    assert (box["x"], box["y"], box["width"], box["height"]) == pytest.approx(upright, abs=0.03)


def test_an_unsure_face_says_why(http: FlaskClient):
    large, small = post(http, query="?model=careful").json["faces"]
    assert (large["label"], "reason" in large) == ("with_mask", False)
    assert (small["label"], small["reason"]) == ("unsure", "too_small")


@pytest.mark.parametrize(
    ("query", "model", "detector", "faces"),
    [
        ("?model=careful", "careful", "eyes", 2),
        ("?detector=blind", "tiny", "blind", 0),
        ("?model=careful&detector=blind", "careful", "blind", 0),
        ("?min_score=0.5", "tiny", "eyes", 2),
        ("?min_score=0.95", "tiny", "eyes", 0),
    ],
)
def test_the_query_chooses(http: FlaskClient, query: str, model: str, detector: str, faces: int):
    answer = post(http, query=query).json
    assert (answer["model"], answer["detector"], len(answer["faces"])) == (model, detector, faces)


@pytest.mark.parametrize(
    ("query", "status", "code", "word"),
    [
        ("?model=huge", 404, "unknown_model", "tiny"),
        ("?detector=nose", 404, "unknown_detector", "eyes"),
        ("?modle=tiny", 400, "bad_message", "model, detector"),
        ("?model=", 400, "bad_message", "model"),
        ("?min_score=2", 400, "bad_message", "min_score"),
        ("?min_score=much", 400, "bad_message", "min_score"),
        ("?min_score=nan", 400, "bad_message", "min_score"),
        (f"?model={'x' * 65}", 400, "bad_message", "model"),
    ],
)
def test_a_wrong_query_is_refused_with_the_cure(http: FlaskClient, query: str, status: int, code: str, word: str):
    answer = post(http, query=query)
    assert refused(answer) == (status, code)
    assert word in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 400, "no_image"),
        (b"a picture, believe me", 415, "not_an_image"),
        (JPEG[: len(JPEG) // 2], 415, "not_an_image"),
        (JPEG[:3], 415, "not_an_image"),
        (b"GIF89a" + bytes(100), 415, "not_an_image"),
        (png_header(10_000, 10_000), 413, "too_large"),
        (png_header(4097, 1), 413, "too_large"),
        (bytes(MAX_REST_BYTES + 1), 413, "too_large"),
        (bytes(10_000_000), 413, "too_large"),
    ],
    ids=["empty", "text", "truncated", "three bytes", "GIF", "100 megapixels", "wide", "8 MB + 1", "10 MB"],
)
@pytest.mark.parametrize("send", [post, post_form], ids=["body", "form"])
def test_what_is_no_fit_picture_is_refused(http: FlaskClient, send: Any, data: bytes, status: int, code: str):
    assert refused(send(http, data)) == (status, code)


@pytest.mark.parametrize(
    ("data", "words"),
    [(bytes(10_000_000), ("9.54 MB", "8 MB")), (png_header(10_000, 10_000), ("10000x10000", "4096x4096"))],
    ids=["bytes", "pixels"],
)
def test_too_large_names_the_size_and_the_limit(http: FlaskClient, data: bytes, words: tuple[str, ...]):
    message = post(http, data).json["error"]["message"]
    assert all(word in message for word in words), message


def test_a_decompression_bomb_costs_nothing(http: FlaskClient):
    started = time.process_time()
    post(http, png_header(10_000, 10_000))
    assert time.process_time() - started < 0.5  # decoding 100 megapixels takes longer than that


def test_a_picture_just_within_the_limit_passes(http: FlaskClient):
    assert post(http, JPEG.ljust(MAX_REST_BYTES, b"\0")).status_code == 200
    assert post_form(http, JPEG.ljust(MAX_REST_BYTES, b"\0")).status_code == 200


@pytest.mark.parametrize(
    "options",
    [
        {"data": {"photo": (BytesIO(JPEG), "a.jpg")}, "content_type": "multipart/form-data"},
        {"data": {"image": "a.jpg"}, "content_type": "multipart/form-data"},
        {"data": JPEG, "content_type": "multipart/form-data"},
        {},
    ],
    ids=["other field", "no file", "no boundary", "nothing at all"],
)
def test_a_request_without_a_picture(http: FlaskClient, options: dict[str, Any]):
    assert refused(http.post(DETECT, **options)) == (400, "no_image")


@pytest.mark.parametrize("content_type", ["image/jpeg", "application/octet-stream", "text/plain", None])
def test_the_bytes_say_what_a_body_is(http: FlaskClient, content_type: str | None):
    assert post(http, content_type=content_type).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", DETECT, "POST"), ("PUT", DETECT, "POST"), ("POST", "/api/v1/models", "GET")],
)
def test_a_wrong_method_is_told_the_right_one(http: FlaskClient, method: str, path: str, allowed: str):
    answer = http.open(path, method=method)
    assert refused(answer) == (405, "method_not_allowed")
    assert allowed in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/detect", "/api/"])
def test_an_unknown_address_is_refused_as_json(http: FlaskClient, path: str):
    assert refused(http.get(path)) == (404, "not_found")


@pytest.mark.parametrize(
    ("code", "status"),
    [("worker_lost", 503), ("timed_out", 504), ("superseded", 503), ("too_many_requests", 429), ("not_an_image", 415)],
)
def test_the_engines_refusals_have_fitting_statuses(by_hand: HandEngine, code: str, status: int):
    by_hand.at_once = Refusal(code, "What is wrong and how to mend it.")
    assert refused(post(app_of(by_hand).test_client())) == (status, code)


def test_what_nobody_foresaw_is_an_error_in_the_same_form(by_hand: HandEngine):
    by_hand.at_once = RuntimeError("/secret/path")
    answer = post(app_of(by_hand).test_client())
    assert refused(answer) == (500, "internal_error")
    assert "secret" not in answer.text


def test_each_request_is_a_client_of_its_own(by_hand: HandEngine):
    by_hand.at_once = RESULT
    http = app_of(by_hand).test_client()
    for _ in range(2):
        post(http)
    assert len({frame.client for frame, _ in by_hand.submitted}) == 2


@pytest.mark.parametrize(("setting", "query", "score"), [(None, "", None), (0.4, "", 0.4), (0.4, "?min_score=0", 0.0)])
def test_the_least_score(by_hand: HandEngine, setting: float | None, query: str, score: float | None):
    by_hand.at_once = RESULT
    post(app_of(by_hand, min_score=setting).test_client(), query=query)
    assert by_hand.submitted[0][0].min_score == score


def test_too_many_requests_say_when_to_come_back(by_hand: HandEngine):
    by_hand.at_once = RESULT
    http = app_of(by_hand, rate_limit=2).test_client()
    assert [post(http).status_code for _ in range(3)] == [200, 200, 429]
    answer = post(http)
    assert refused(answer) == (429, "too_many_requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert http.get("/api/v1/models").status_code == http.get("/healthz").status_code == 200
    other = post(http, environ_base={"REMOTE_ADDR": "::1"})
    assert other.status_code == 200


def test_no_rate_limit_unless_set(by_hand: HandEngine):
    by_hand.at_once = RESULT
    http = app_of(by_hand).test_client()
    assert {post(http).status_code for _ in range(100)} == {200}


def test_models(http: FlaskClient):
    models = http.get("/api/v1/models").json
    assert [(model["name"], model["default"]) for model in models] == [("tiny", True), ("careful", False)]
    assert models[0]["labels"] == ["with_mask", "without_mask"]
    assert models[0]["input_size"] == 32
    assert {"title", "metrics", "licence", "description"} <= models[0].keys()


def test_detectors(http: FlaskClient):
    detectors = http.get("/api/v1/detectors").json
    assert [(detector["name"], detector["default"]) for detector in detectors] == [("eyes", True), ("blind", False)]
    assert detectors[0]["min_score"] == 0.5
    assert {detector["model"] for detector in detectors} == {"tiny"}, "who names their faces unless a model is named"
    assert {"title", "licence", "description", "landmarks"} <= detectors[0].keys()


def test_a_detector_whose_faces_nobody_would_name_is_listed_all_the_same(
    by_hand: HandEngine, monkeypatch: pytest.MonkeyPatch
):
    def nobody(*_: object):
        raise Refusal("unknown_model", "There is no model.")

    monkeypatch.setattr(by_hand, "choose", nobody)
    detectors = app_of(by_hand).test_client().get("/api/v1/detectors")
    assert [detector["model"] for detector in detectors.json] == [None, None]
