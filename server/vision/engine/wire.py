"""What engine and worker say to each other over a socket: a JSON header and bytes, each with its length."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from server.vision.messages import Box, Face, Frame, Refusal, Result

MAX_HEADER_BYTES = 2**20
MAX_BODY_BYTES = 16 * 2**20

_LENGTHS = struct.Struct("!II")


class WireError(Exception):
    """The other side is gone or does not keep to the format."""


def send(connection: socket.socket, header: Mapping[str, Any], body: bytes = b"") -> None:
    """Send one message; blocks until all is handed over.

    Raises WireError, with nothing sent, where it is too large or no JSON, OSError where the other side is gone.
    """
    try:
        encoded = json.dumps(header, default=float).encode()  # float: NumPy's numbers
    except (TypeError, ValueError) as error:
        raise WireError(f"a header that cannot be JSON: {error}") from error
    _check(len(encoded), len(body))
    connection.sendall(b"".join((_LENGTHS.pack(len(encoded), len(body)), encoded, body)))


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes] | None:
    """Wait for one message; None where the other side closed between two messages.

    Raises WireError where it ended within one, or does not keep to the format, OSError where it is gone.
    """
    lengths = _read(connection, _LENGTHS.size)
    if not lengths:
        return None
    header_bytes, body_bytes = _LENGTHS.unpack(_whole(lengths, _LENGTHS.size))
    _check(header_bytes, body_bytes)
    encoded = _whole(_read(connection, header_bytes), header_bytes)
    body = _whole(_read(connection, body_bytes), body_bytes)
    try:
        header = json.loads(encoded)
    except ValueError as error:
        raise WireError(f"a header that is no JSON: {error}") from error
    if not isinstance(header, dict):
        raise WireError(f"a header is a JSON object, got {type(header).__name__}")
    return header, body


def frame_header(frame: Frame) -> dict[str, Any]:
    """A frame without its data, which travel as the body."""
    return {
        "client": frame.client,
        "model": frame.model,
        "detector": frame.detector,
        "min_score": frame.min_score,
    }


def outcome_header(outcome: Result | Refusal) -> dict[str, Any]:
    """An answer; `read_outcome` reads it."""
    if isinstance(outcome, Refusal):
        return {"refusal": {"code": outcome.code, "message": outcome.message}}
    return {"result": asdict(outcome)}


def read_outcome(header: Mapping[str, Any]) -> Result | Refusal:
    """The answer that `outcome_header` wrote.

    Raises WireError for anything else.
    """
    try:
        if "refusal" in header:
            return Refusal(**header["refusal"])
        fields = header["result"]
        faces = tuple(Face(**{**face, "box": Box(**face["box"])}) for face in fields["faces"])
        return Result(**{**fields, "faces": faces})
    except (KeyError, TypeError, ValueError) as error:
        raise WireError(f"an answer that is none: {error!r}") from error


def _check(header_bytes: int, body_bytes: int) -> None:
    if header_bytes > MAX_HEADER_BYTES or body_bytes > MAX_BODY_BYTES:
        raise WireError(
            f"a message of {header_bytes} + {body_bytes} bytes, allowed are {MAX_HEADER_BYTES} + {MAX_BODY_BYTES}"
        )


def _read(connection: socket.socket, count: int) -> bytes:
    """`count` bytes, or fewer where the other side closed."""
    buffer = bytearray(count)
    view, filled = memoryview(buffer), 0
    while filled < count:
        got = connection.recv_into(view[filled:])
        if not got:
            break
        filled += got
    return bytes(view[:filled])


def _whole(data: bytes, count: int) -> bytes:
    if len(data) < count:
        raise WireError(f"the other side ended after {len(data)} of {count} bytes")
    return data
