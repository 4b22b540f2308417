"""The stream's events, without a network; over real sockets: `test_stream_sockets.py`."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from flask_socketio import SocketIOTestClient

from server.vision.limits import MAX_SOCKET_BYTES
from server.vision.messages import Refusal, Result
from tests.web.conftest import RESULT, Connect, HandEngine

JPEG = b"\xff\xd8\xff"
DEFAULTS = {"model": "tiny", "detector": "eyes", "min_score": 0.5, "smoothing": 0.2, "clock": "arrival"}


def send(client: SocketIOTestClient, number: int | str = 1, data: bytes = JPEG) -> None:
    client.emit("frame", {"id": number}, data, namespace="/stream")


def heard(client: SocketIOTestClient) -> list[tuple[str, dict[str, Any]]]:
    """Events that came since the last call."""
    return [(event["name"], event["args"][0]) for event in client.get_received("/stream")]


def configure(client: SocketIOTestClient, *args: Any) -> dict[str, Any]:
    acknowledged = client.emit("configure", *args, namespace="/stream", callback=True)
    assert isinstance(acknowledged, dict)
    return acknowledged


def test_a_frame_before_configure_is_answered_with_the_defaults(by_hand: HandEngine, connect: Connect):
    client = connect()
    send(client, 17)
    ((frame, future),) = by_hand.submitted
    assert (frame.data, frame.model, frame.detector, frame.min_score) == (JPEG, None, None, None)
    assert heard(client) == []
    future.set_result(RESULT)
    ((event, message),) = heard(client)
    assert event == "result"
    assert message.keys() == {"id", "model", "detector", "width", "height", "faces", "timing_ms", "dropped"}
    assert (message["id"], message["dropped"], len(message["faces"])) == (17, 0, 1)


def said(by_hand: HandEngine, client: SocketIOTestClient, label: str, **others: float) -> dict[str, Any]:
    """The answer's face to a frame in which the engine saw `label`."""
    (seen,) = RESULT.faces
    face = replace(seen, label=label, probabilities={"with_mask": 0.0, "without_mask": 0.0} | {label: 1.0}, reason=None)
    by_hand.at_once = replace(RESULT, faces=(face,))
    send(client)
    ((_, message),) = heard(client)
    (answer,) = message["faces"]
    return answer


def test_a_streams_faces_are_numbered_and_voted_on(by_hand: HandEngine, connect: Connect, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    client, other = connect(), connect()
    for frame in range(10):
        now[0] = 100 + frame / 15
        answer = said(by_hand, client, "with_mask")
    assert (answer["track"], answer["label"], answer["settled"]) == (1, "with_mask", True)
    now[0] += 1 / 15
    flicker = said(by_hand, client, "without_mask")
    assert (flicker["track"], flicker["label"], flicker["probabilities"]["without_mask"]) == (1, "with_mask", 1)
    assert said(by_hand, other, "without_mask")["label"] == "without_mask", "streams do not share their votes"
    assert configure(client, {"smoothing": 0})["smoothing"] == 0
    assert said(by_hand, client, "without_mask")["label"] == "without_mask"


def test_a_film_is_voted_on_by_its_own_time(by_hand: HandEngine, connect: Connect):
    client = connect()

    def label(captured_at: float | None, saw: str) -> tuple[int, str]:
        (seen,) = RESULT.faces
        shares = {"with_mask": 0.0, "without_mask": 0.0} | {saw: 1.0}
        by_hand.at_once = replace(RESULT, faces=(replace(seen, label=saw, probabilities=shares, reason=None),))
        client.emit("frame", {"id": 1, "captured_at": captured_at}, JPEG, namespace="/stream")
        ((event, message),) = heard(client)
        assert event == "result", message
        return message["faces"][0]["track"], message["faces"][0]["label"]

    assert configure(client, {"clock": "captured"})["clock"] == "captured"
    for at in (0.0, 1_000.0, 2_000.0):
        assert label(at, "with_mask")[1] == "with_mask"
    assert label(2_010.0, "without_mask") == (1, "with_mask"), "10 ms of film are no evidence, however long they take"
    assert label(2_500.0, "without_mask") == (1, "without_mask"), "half a second of film is, in no time"
    for strange in (1.0, None, 1e308, 1e-308, -1e308):
        label(strange, "with_mask")
    assert configure(client, {"clock": "arrival"})["clock"] == "arrival"
    assert label(1e308, "with_mask") == (1, "with_mask"), "another clock, other tracks"


@pytest.mark.parametrize(
    "code", ["not_an_image", "too_large", "worker_lost", "timed_out", "too_many_requests", "unknown_model"]
)
def test_a_frame_that_fails_is_refused_and_the_stream_goes_on(by_hand: HandEngine, connect: Connect, code: str):
    client = connect()
    by_hand.at_once = Refusal(code, "What is wrong and how to mend it.")
    send(client, "a")
    by_hand.at_once = RESULT
    send(client, "b")
    refused, result = heard(client)
    assert refused == ("refused", {"id": "a", "code": code, "message": "What is wrong and how to mend it."})
    assert (result[0], result[1]["id"], result[1]["dropped"]) == ("result", "b", 0)


def test_a_frame_given_up_is_refused_too(by_hand: HandEngine, connect: Connect):
    client = connect()
    send(client)
    by_hand.submitted[0][1].cancel()
    by_hand.submitted[0][1].set_running_or_notify_cancel()
    ((event, message),) = heard(client)
    assert (event, message["id"], message["code"]) == ("refused", 1, "worker_lost")


def test_superseded_frames_are_counted_for_their_own_stream(by_hand: HandEngine, connect: Connect):
    clients = [connect(), connect()]
    for client in clients:
        for number in range(4):
            send(client, number)
    futures: list[Future[Result]] = [future for _, future in by_hand.submitted]
    for future in futures[:3]:
        future.set_exception(Refusal("superseded", "A newer frame took its place."))
    for future in futures[3:5]:
        future.set_result(RESULT)
    first, second = (heard(client) for client in clients)
    assert [(event, message["id"]) for event, message in first] == [
        ("refused", 0),
        ("refused", 1),
        ("refused", 2),
        ("result", 3),
    ]
    assert first[-1][1]["dropped"] == 3
    assert [(event, message["id"], message["dropped"]) for event, message in second] == [("result", 0, 0)]
    assert len({frame.client for frame, _ in by_hand.submitted}) == 2


@pytest.mark.parametrize(
    ("wish", "in_force"),
    [
        ({}, DEFAULTS),
        ({"model": "careful"}, DEFAULTS | {"model": "careful"}),
        ({"detector": "blind", "min_score": 1}, DEFAULTS | {"detector": "blind", "min_score": 1}),
        ({"min_score": 0}, DEFAULTS | {"min_score": 0}),
        ({"smoothing": 0}, DEFAULTS | {"smoothing": 0}),
        ({"clock": "captured"}, DEFAULTS | {"clock": "captured"}),
        ({"model": None, "detector": None, "min_score": None}, DEFAULTS),
    ],
)
def test_configure_is_acknowledged_with_what_is_in_force(connect: Connect, wish: dict[str, Any], in_force: Any):
    assert configure(connect(), wish) == in_force


def test_a_choice_holds_until_it_is_changed(by_hand: HandEngine, connect: Connect):
    by_hand.at_once = RESULT
    client, other = connect(), connect()
    configure(client, {"model": "careful", "min_score": 0.7})
    send(client)
    assert configure(client, {"detector": "blind"}) == DEFAULTS | {
        "model": "careful",
        "detector": "blind",
        "min_score": 0.7,
    }
    assert configure(client, {"min_score": None})["min_score"] == 0.5
    send(client)
    send(other)
    asked = [(frame.model, frame.detector, frame.min_score) for frame, _ in by_hand.submitted]
    assert asked == [("careful", None, 0.7), ("careful", "blind", None), (None, None, None)]


def test_the_setting_is_the_least_score_unless_the_client_has_its_own(by_hand: HandEngine, connect: Connect):
    client = connect(min_score=0.3)
    assert configure(client, {})["min_score"] == 0.3
    send(client)
    configure(client, {"min_score": 0.6})
    send(client)
    assert [frame.min_score for frame, _ in by_hand.submitted] == [0.3, 0.6]


@pytest.mark.parametrize(
    ("args", "code", "word"),
    [
        (({"model": "huge"},), "unknown_model", "careful, tiny"),
        (({"detector": "nose"},), "unknown_detector", "blind, eyes"),
        (({"smoothness": 1},), "bad_message", "'smoothness'"),
        (({"min_score": "high"},), "bad_message", "'min_score'"),
        (({"smoothing": 5},), "bad_message", "'smoothing'"),
        (({"clock": "sundial"},), "bad_message", "'clock'"),
        (("tiny",), "bad_message", "one object"),
        ((), "bad_message", "one object"),
    ],
)
def test_a_wrong_configure_is_an_error_and_changes_nothing(connect: Connect, args: Any, code: str, word: str):
    client = connect()
    configure(client, {"model": "careful"})
    acknowledged = configure(client, *args)
    assert acknowledged.keys() == {"error"}
    assert acknowledged["error"]["code"] == code
    assert word in acknowledged["error"]["message"]
    assert configure(client, {}) == DEFAULTS | {"model": "careful"}


@pytest.mark.parametrize(
    ("event", "args", "number", "code"),
    [
        ("frame", (), None, "bad_message"),
        ("frame", ({"id": 5},), 5, "bad_message"),
        ("frame", ({"id": 5}, "/9j/4AAQ"), 5, "bad_message"),
        ("frame", ({"id": 5, "mirrored": 3}, JPEG), 5, "bad_message"),
        ("frame", ({"id": [5]}, JPEG), None, "bad_message"),
        ("frame", ([5], JPEG), None, "bad_message"),
        ("frame", ({"id": 5}, b""), 5, "no_image"),
        ("frame", ({"id": 5}, bytes(MAX_SOCKET_BYTES + 1)), 5, "too_large"),
        ("picture", ({"id": 5}, JPEG), 5, "bad_message"),
        ("message", ("hello",), None, "bad_message"),
        ("x" * 1000, (), None, "bad_message"),
    ],
)
def test_what_is_no_frame_is_refused_by_name_before_the_engine(
    by_hand: HandEngine, connect: Connect, event: str, args: Any, number: int | None, code: str
):
    client = connect()
    client.emit(event, *args, namespace="/stream")
    ((answer, message),) = heard(client)
    assert (answer, message["id"], message["code"]) == ("refused", number, code)
    assert len(message["message"]) < 200
    assert by_hand.submitted == []


def test_too_many_frames_are_refused_with_when_to_come_back(by_hand: HandEngine, connect: Connect):
    by_hand.at_once = RESULT
    client = connect(rate_limit=2)
    for number in range(3):
        send(client, number)
    events = heard(client)
    assert [event for event, _ in events] == ["result", "result", "refused"]
    assert (events[2][1]["id"], events[2][1]["code"]) == (2, "too_many_requests")
    assert "try again in" in events[2][1]["message"]


@pytest.mark.parametrize("auth", [None, {}, {"stream": "front door"}, {"stream": "x" * 64, "token": "t"}])
def test_who_is_let_in(connect: Connect, auth: object):
    assert connect(auth).is_connected("/stream")


@pytest.mark.parametrize("auth", [{"stream": "x" * 65}, {"stream": 5}, ["front door"], "front door"])
def test_who_is_not(connect: Connect, auth: object):
    assert not connect(auth).is_connected("/stream")


def test_answers_for_one_that_left_are_dropped(by_hand: HandEngine, connect: Connect):
    client, other = connect(), connect()
    send(client)
    send(other)
    client.disconnect("/stream")
    for _, future in by_hand.submitted:
        future.set_result(RESULT)
    assert [event for event, _ in heard(other)] == ["result"]


@pytest.mark.parametrize("name", ["connect", "disconnect"])
def test_an_event_named_like_a_door_neither_opens_nor_closes(by_hand: HandEngine, connect: Connect, name: str):
    client = connect()
    configure(client, {"min_score": 0.25})
    client.emit(name, namespace="/stream")
    ((event, message),) = heard(client)
    assert (event, message["code"]) == ("refused", "bad_message")
    assert repr(name) in message["message"]
    send(client)
    ((frame, _future),) = by_hand.submitted
    assert frame.min_score == 0.25
