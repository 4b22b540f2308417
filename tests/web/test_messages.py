from __future__ import annotations

from typing import Any

import pytest

from server.vision.limits import MAX_SOCKET_BYTES
from server.vision.messages import Refusal
from server.web.messages import (
    Auth,
    Choice,
    FrameHead,
    StreamChoice,
    auth_from_connect,
    check_size,
    choice_from_event,
    choice_from_query,
    frame_from_event,
    identity,
)

JPEG = b"\xff\xd8\xff"


@pytest.mark.parametrize(
    ("head", "read"),
    [
        ({"id": 17}, FrameHead(id=17)),
        ({"id": 0, "mirrored": True}, FrameHead(id=0, mirrored=True)),
        ({"id": -(2**53), "captured_at": 1.7e12}, FrameHead(id=-(2**53), captured_at=1.7e12)),
        ({"id": "door 3", "captured_at": 5}, FrameHead(id="door 3", captured_at=5)),
        ({"id": 1, "captured_at": None, "of tomorrow": [1]}, FrameHead(id=1)),
    ],
)
def test_a_frame_is_read(head: dict[str, Any], read: FrameHead):
    assert frame_from_event((head, JPEG)) == (read, JPEG)


@pytest.mark.parametrize(
    ("args", "code", "word"),
    [
        ((), "bad_message", "nothing"),
        (({"id": 1},), "bad_message", "dict"),
        ((JPEG, {"id": 1}), "bad_message", "bytes, dict"),
        (({"id": 1}, "/9j/4AAQ"), "bad_message", "dict, str"),
        (({"id": 1}, None), "bad_message", "NoneType"),
        (({"id": 1}, JPEG, JPEG), "bad_message", "dict, bytes, bytes"),
        (([1], JPEG), "bad_message", "list, bytes"),
        (({}, JPEG), "bad_message", "'id'"),
        (({"id": None}, JPEG), "bad_message", "'id'"),
        (({"id": True}, JPEG), "bad_message", "'id'"),
        (({"id": 1.5}, JPEG), "bad_message", "'id'"),
        (({"id": [1]}, JPEG), "bad_message", "'id'"),
        (({"id": 2**53 + 1}, JPEG), "bad_message", "'id'"),
        (({"id": "x" * 65}, JPEG), "bad_message", "'id'"),
        (({"id": 1, "mirrored": "no"}, JPEG), "bad_message", "'mirrored'"),
        (({"id": 1, "captured_at": "now"}, JPEG), "bad_message", "'captured_at'"),
        (({"id": 1, "captured_at": float("inf")}, JPEG), "bad_message", "'captured_at'"),
        (({"id": 1}, b""), "no_image", "empty"),
        (({"id": 1}, bytes(MAX_SOCKET_BYTES + 1)), "too_large", "2.00 MB"),
    ],
)
def test_a_frame_that_is_none_is_refused(args: tuple[Any, ...], code: str, word: str):
    with pytest.raises(Refusal) as caught:
        frame_from_event(args)
    assert caught.value.code == code
    assert word in caught.value.message


@pytest.mark.parametrize(
    ("args", "number"),
    [
        (({"id": 17, "mirrored": "no"}, b""), 17),
        (({"id": "door"},), "door"),
        (({"id": True}, b""), None),
        (({"id": "x" * 65}, b""), None),
        (([{"id": 1}], b""), None),
        (("id",), None),
        ((None, b""), None),
        ((), None),
    ],
)
def test_a_refusal_names_the_frame_as_far_as_it_can(args: tuple[Any, ...], number: int | str | None):
    assert identity(args) == number


@pytest.mark.parametrize(
    ("wish", "given"),
    [
        ({}, set()),
        ({"model": "tiny"}, {"model"}),
        ({"model": None, "min_score": 0}, {"model", "min_score"}),
        ({"detector": "eyes", "min_score": 1}, {"detector", "min_score"}),
    ],
)
def test_a_choice_keeps_which_keys_were_given(wish: dict[str, Any], given: set[str]):
    choice = choice_from_event((wish,))
    assert choice == StreamChoice(**wish)
    assert choice.model_fields_set == given


@pytest.mark.parametrize(
    ("args", "word"),
    [
        ((), "one object"),
        (("tiny",), "one object"),
        (({}, {}), "one object"),
        ((None,), "one object"),
        (({"modle": "tiny"},), "'modle'; known are model, detector, min_score"),
        (({"x" * 500: 1},), "x" * 64 + "'"),
        (({"model": 3},), "'model'"),
        (({"model": ""},), "'model'"),
        (({"detector": ["eyes"]},), "'detector'"),
        (({"min_score": "0.5"},), "'min_score'"),
        (({"min_score": True},), "'min_score'"),
        (({"min_score": 1.1},), "'min_score'"),
        (({"min_score": float("nan")},), "'min_score'"),
    ],
)
def test_a_choice_that_is_none_is_refused(args: tuple[Any, ...], word: str):
    with pytest.raises(Refusal) as caught:
        choice_from_event(args)
    assert caught.value.code == "bad_message"
    assert word in caught.value.message


def test_a_stream_and_a_picture_are_told_their_own_keys():
    for ask, known in (
        (lambda: choice_from_event(({"colour": 1},)), "known are model, detector, min_score, smoothing, clock."),
        (lambda: choice_from_query({"smoothing": "1"}), "known are model, detector, min_score."),
    ):
        with pytest.raises(Refusal) as caught:
            ask()
        assert known in caught.value.message


def test_numbers_in_a_query_are_words():
    assert choice_from_query({"min_score": "0.25", "model": "tiny"}) == Choice(min_score=0.25, model="tiny")


@pytest.mark.parametrize(
    ("auth", "read"),
    [
        (None, Auth()),
        ({}, Auth()),
        ({"stream": "front door"}, Auth(stream="front door")),
        ({"stream": "ü" * 64, "token": None, "more": 1}, Auth(stream="ü" * 64)),
        ({"token": "t" * 1024}, Auth(token="t" * 1024)),
    ],
)
def test_who_connects(auth: object, read: Auth):
    assert auth_from_connect(auth) == read


@pytest.mark.parametrize(
    "auth", ["front door", [], 0, {"stream": "x" * 65}, {"stream": 3}, {"token": "t" * 1025}, {"token": b"t"}]
)
def test_who_may_not(auth: object):
    with pytest.raises(Refusal, match="`auth`") as caught:
        auth_from_connect(auth)
    assert caught.value.code == "bad_message"


def test_the_size_limit_is_still_allowed():
    check_size(bytes(5), 5)
    with pytest.raises(Refusal):
        check_size(bytes(6), 5)
