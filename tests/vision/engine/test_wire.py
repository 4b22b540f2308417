from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from threading import Thread

import numpy as np
import pytest

from server.vision.engine import wire
from server.vision.messages import Box, Face, Frame, Refusal, Result

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("body", [b"", b"\0" * 10, bytes(range(256)) * 16_000])
def test_messages_arrive_whole_and_in_order(pair: Pair, body: bytes) -> None:
    def speak() -> None:
        wire.send(pair[0], {"name": "ä", "n": 1}, body)
        wire.send(pair[0], {"second": None})

    thread = Thread(target=speak)
    thread.start()
    assert wire.receive(pair[1]) == ({"name": "ä", "n": 1}, body)
    assert wire.receive(pair[1]) == ({"second": None}, b"")
    thread.join()


def test_the_end_between_messages_is_none(pair: Pair) -> None:
    pair[0].close()
    assert wire.receive(pair[1]) is None


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0",
        struct.pack("!II", 10, 0) + b"{}",
        struct.pack("!II", 2, 10) + b"{}abc",
        struct.pack("!II", 2, 0) + b"no",
        struct.pack("!II", 2, 0) + b"[]",
        struct.pack("!II", 2, 0) + b"\xff\xff",
        struct.pack("!II", wire.MAX_HEADER_BYTES + 1, 0),
        struct.pack("!II", 2, wire.MAX_BODY_BYTES + 1),
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_no_message_is_an_error(pair: Pair, data: bytes) -> None:
    pair[0].sendall(data)
    pair[0].close()
    with pytest.raises(wire.WireError):
        wire.receive(pair[1])


@pytest.mark.parametrize(
    ("header", "body"),
    [({}, bytes(wire.MAX_BODY_BYTES + 1)), ({"a": "x" * wire.MAX_HEADER_BYTES}, b""), ({"a": object()}, b"")],
    ids=["body", "header", "no JSON"],
)
def test_what_cannot_be_sent_sends_nothing(pair: Pair, header: dict[str, object], body: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.send(pair[0], header, body)
    wire.send(pair[0], {"next": True})
    assert wire.receive(pair[1]) == ({"next": True}, b"")


@pytest.mark.parametrize(
    "frame",
    [Frame(b"data", "a"), Frame(b"data", "ü", model="m", detector="d", min_score=0.25)],
)
def test_frames_come_back(pair: Pair, frame: Frame) -> None:
    wire.send(pair[0], wire.frame_header(frame), frame.data)
    message = wire.receive(pair[1])
    assert message is not None
    assert Frame(data=message[1], **message[0]) == frame


def test_results_come_back(pair: Pair) -> None:
    sure = Face(Box(0.1, 0.2, 0.3, 0.4), 0.9, "with_mask", {"with_mask": 0.75, "incorrect": 0.25})
    unsure = Face(Box(0.5, 0.5, 0.1, 0.1), 0.6, "unsure", {"with_mask": 1.0}, "too_small")
    result = Result("m", "d", 640, 480, (sure, unsure), {"decode": 1.5})
    wire.send(pair[0], wire.outcome_header(result))
    message = wire.receive(pair[1])
    assert message is not None
    assert wire.read_outcome(message[0]) == result


def test_numpy_s_numbers_become_plain_ones(pair: Pair) -> None:
    wire.send(pair[0], {"score": np.float32(0.5)})
    assert wire.receive(pair[1]) == ({"score": 0.5}, b"")


def test_refusals_come_back() -> None:
    outcome = wire.read_outcome(wire.outcome_header(Refusal("too_large", "why")))
    assert isinstance(outcome, Refusal)
    assert (outcome.code, outcome.message) == ("too_large", "why")


@pytest.mark.parametrize("header", [{}, {"ready": True}, {"refusal": {"code": "x"}}, {"result": {"faces": [{}]}}])
def test_other_answers_are_errors(header: dict[str, object]) -> None:
    with pytest.raises(wire.WireError):
        wire.read_outcome(header)
