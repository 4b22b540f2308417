"""What owners and viewers of a share may say, checked at the door."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, ValidationError

from server.vision.messages import Refusal
from server.web.messages import bad_message

Identity = Annotated[StrictStr, Field(max_length=64)]


class ShareWish(BaseModel):
    """What an owner wants of its share; None leaves it as it is, at first without the picture.

    id, secret: of a share to take back. name: shown to viewers. paused: nothing is relayed for now.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Identity | None = None
    secret: Identity | None = None
    name: Annotated[StrictStr, Field(max_length=64)] | None = None
    picture: StrictBool | None = None
    paused: StrictBool | None = None


class WatchAuth(BaseModel):
    """What a viewer says when it connects: the share's id, the last part of its link."""

    model_config = ConfigDict(frozen=True)

    id: Identity


def wish_from_event(args: tuple[Any, ...]) -> ShareWish:
    """What a `share` event wishes; raises Refusal `bad_message`."""
    if len(args) > 1 or not all(isinstance(arg, dict) for arg in args):
        raise Refusal("bad_message", '`share` takes one object, such as {"picture": true}, or nothing.')
    try:
        return ShareWish.model_validate(*args or ({},))
    except ValidationError as fault:
        raise bad_message(fault, "`share`", ShareWish) from None


def share_from_connect(auth: object) -> str:
    """The id of the share that a viewer asks for; raises Refusal `bad_message`."""
    try:
        return WatchAuth.model_validate(auth).id
    except ValidationError:
        raise Refusal("bad_message", '`auth` is an object such as {"id": "the last part of the link"}.') from None
