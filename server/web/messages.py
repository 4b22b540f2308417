"""What clients may say, checked at the door: one model a message."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError

from server.vision.limits import MAX_SOCKET_BYTES
from server.vision.messages import Refusal

MIB = 2**20
TRANSPORT_BYTES = 10 * MIB
"""A larger socket message ends the connection; it lies above `MAX_REST_BYTES`, up to which a refusal explains."""

Identity = Annotated[StrictInt, Field(ge=-(2**53), le=2**53)] | Annotated[StrictStr, Field(max_length=64)]
MOST_SMOOTHING = 2.0
"""Seconds; a longer vote would answer for somebody who has left."""

Name = Annotated[str, Field(min_length=1, max_length=64)]


class Choice(BaseModel):
    """What a client may choose for its frames; None takes the server's default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Name | None = None
    detector: Name | None = None
    min_score: Annotated[float, Field(ge=0, le=1)] | None = None


class StreamChoice(Choice):
    """What a client may choose for its stream.

    smoothing: seconds of each face's vote, see `vision/vote.py`. clock: what tells how much time passed between two
    frames: their arrival (None too), or their own `captured_at`, as for a film that is sent faster or slower than life.
    """

    smoothing: Annotated[float, Field(ge=0, le=MOST_SMOOTHING)] | None = None
    clock: Literal["arrival", "captured"] | None = None


class FrameHead(BaseModel):
    """What goes before a frame's bytes. captured_at: milliseconds of the client's clock. Other keys are ignored."""

    model_config = ConfigDict(frozen=True)

    id: Identity
    captured_at: Annotated[float, Field(strict=True, allow_inf_nan=False)] | None = None
    mirrored: StrictBool = False


class Auth(BaseModel):
    """What a client says when it connects. stream: the stream's name, shown and counted. guest: its link's id."""

    model_config = ConfigDict(frozen=True)

    stream: Annotated[StrictStr, Field(max_length=64)] | None = None
    token: Annotated[StrictStr, Field(max_length=1024)] | None = None
    guest: Annotated[StrictStr, Field(max_length=64)] | None = None


def auth_from_connect(auth: object) -> Auth:
    """What a client says of itself as it connects; raises Refusal `bad_message`."""
    if not (auth is None or isinstance(auth, dict)):
        raise Refusal("bad_message", '`auth` is an object such as {"stream": "front door"}, or is left out.')
    try:
        return Auth.model_validate(auth or {})
    except ValidationError as fault:
        raise bad_message(fault, "`auth`") from None


def choice_from_query(query: dict[str, str]) -> Choice:
    """The choice in a URL's query; raises Refusal `bad_message`."""
    try:
        return Choice.model_validate_strings(query)
    except ValidationError as fault:
        raise bad_message(fault, "the query") from None


def choice_from_event(args: tuple[Any, ...]) -> StreamChoice:
    """The choice in a `configure` event, only the given keys set; raises Refusal `bad_message`."""
    if len(args) != 1 or not isinstance(args[0], dict):
        raise Refusal("bad_message", '`configure` takes one object, such as {"model": "mobilenetv2"}.')
    try:
        return StreamChoice.model_validate(args[0], strict=True)
    except ValidationError as fault:
        raise bad_message(fault, "`configure`", StreamChoice) from None


def frame_from_event(args: tuple[Any, ...]) -> tuple[FrameHead, bytes]:
    """Head and picture of a `frame` event; raises Refusal."""
    if len(args) != 2 or not isinstance(args[0], dict) or not isinstance(args[1], bytes):
        got = ", ".join(type(arg).__name__ for arg in args[:4]) or "nothing"
        raise Refusal(
            "bad_message", f'`frame` takes an object such as {{"id": 17}} and the bytes of a JPEG; got {got}.'
        )
    try:
        head = FrameHead.model_validate(args[0])
    except ValidationError as fault:
        raise bad_message(fault, "`frame`") from None
    check_size(args[1], MAX_SOCKET_BYTES)
    return head, args[1]


def identity(args: tuple[Any, ...]) -> int | str | None:
    """The `id` of a `frame` event as far as it can be read, so that a refusal can name it."""
    try:
        return FrameHead.model_validate({"id": args[0]["id"]}).id
    except (ValidationError, LookupError, TypeError):
        return None


def check_size(data: bytes, limit: int) -> None:
    """Raise Refusal for an empty picture or one of more than `limit` bytes."""
    if not data:
        raise Refusal("no_image", "The picture is empty; send the bytes of a JPEG, PNG or WebP.")
    if len(data) > limit:
        raise Refusal(
            "too_large",
            f"The picture has {len(data) / MIB:.2f} MB, the limit is {limit // MIB} MB ({limit} bytes): "
            "send it smaller or compress it more.",
        )


def bad_message(fault: ValidationError, where: str, form: type[BaseModel] = Choice) -> Refusal:
    """The first thing wrong in a message of a form, as a Refusal `bad_message`."""
    first = fault.errors(include_url=False, include_input=False)[0]
    key = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        return Refusal(
            "bad_message", f"{where} has the unknown key {key[:64]!r}; known are {', '.join(form.model_fields)}."
        )
    return Refusal("bad_message", f"{key[:64]!r} in {where} is wrong: {first['msg']}.")
