"""Device tokens: what kiosks and programs show instead of a password.

A token is kept as its SHA-256. A slow hash such as argon2 protects what people make up, which can be guessed; a token
is 256 random bits, which cannot, and it is checked with every request.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from server.web.access.state import StateFolder, Watched

TOKENS_FILE, USED_FILE = "tokens.json", "tokens-used.json"
PREFIX = "maskgate_"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
USE_EVERY = 60
"""Seconds between two notes of when a token was used."""


class Entry(BaseModel):
    """A token as it is kept. hash: SHA-256 of its text, hexadecimal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    created: datetime

    @property
    def id(self) -> str:
        """What a device's session carries: a token made again under its name is another one."""
        return self.hash[:32]


ENTRIES = TypeAdapter(dict[str, Entry])
USES = TypeAdapter(dict[str, datetime])


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is listed. last_used: to the minute; None where it never was."""

    name: str
    created: datetime
    last_used: datetime | None


class TokenError(Exception):
    """A token that cannot be made or taken back; the message is one sentence with cause and cure."""


class Tokens:
    """The tokens in force, as the state folder has them at this moment.

    Who makes and revokes them writes one file, who uses them another: so neither undoes what the other did.
    """

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder
        self._entries = Watched(folder, TOKENS_FILE, self._parse)
        self._ids = Watched(folder, TOKENS_FILE, lambda data: {entry.id for entry in self._parse(data).values()})
        self._noted: dict[str, float] = {}

    def create(self, name: str) -> str:
        """A new token's text, which nobody can read again. Raises TokenError and StateError."""
        if not NAME.fullmatch(name):
            raise TokenError(
                f"{name!r} is no name for a token; give lower-case letters, digits and hyphens, 64 at most."
            )
        text = PREFIX + secrets.token_urlsafe(32)
        with self._folder.alone():
            entries = self._entries()
            if name in entries:
                raise TokenError(f"There is a token {name!r} already; revoke it first, or give another name.")
            self._write({**entries, name: Entry(hash=_hash(text), created=_now())})
        return text

    def revoke(self, name: str) -> None:
        """Take a token back. Raises TokenError and StateError."""
        with self._folder.alone():
            entries = self._entries()
            if name not in entries:
                names = ", ".join(sorted(entries)) or "none at all"
                raise TokenError(f"There is no token {name!r}; there are: {names}.")
            self._write({other: entry for other, entry in entries.items() if other != name})

    def all(self) -> list[Token]:
        """All tokens by name. Raises StateError."""
        used = self._used()
        return [Token(name, entry.created, used.get(entry.id)) for name, entry in sorted(self._entries().items())]

    def id_of(self, text: str) -> str | None:
        """The id of a token if its text is one's in force."""
        found = _hash(text)[:32]
        return found if found in self._ids() else None

    def known(self, id: str) -> bool:  # noqa: A002 - what it is
        """Whether the token with this id is in force."""
        return id in self._ids()

    def use(self, id: str) -> None:  # noqa: A002 - what it is
        """Note that a token is in use; on the disk at most once a minute."""
        now = time.monotonic()
        if now - self._noted.get(id, -USE_EVERY) < USE_EVERY:
            return
        self._noted[id] = now
        with self._folder.alone():
            used = {other: when for other, when in self._used().items() if other in self._ids()}
            self._folder.write(USED_FILE, USES.dump_json({**used, id: _now()}))

    def _used(self) -> Mapping[str, datetime]:
        try:
            return USES.validate_json(self._folder.read(USED_FILE) or b"{}")
        except ValidationError:
            return {}  # of no weight: it is written anew with the next use

    def _write(self, entries: Mapping[str, Entry]) -> None:
        self._folder.write(TOKENS_FILE, ENTRIES.dump_json(dict(entries), indent=1))

    def _parse(self, data: bytes | None) -> dict[str, Entry]:
        try:
            return ENTRIES.validate_json(data) if data is not None else {}
        except ValidationError:
            raise self._folder.broken(TOKENS_FILE, "is no list of tokens; remove it and make them again") from None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
