"""The owner's password: kept as an argon2 hash, checked where the wait holds up nobody else."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from threading import Lock
from typing import Any

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from server.web.access.state import StateFolder, Watched

PASSWORD_FILE, KEY_FILE = "password", "cookie-key"
LEAST, MOST = 10, 1_000
"""Characters of a password; the upper end keeps a sign-in from carrying megabytes."""

Run = Callable[..., Any]


def objection(password: str) -> str | None:
    """Why a password cannot be used, in a sentence; None if it can."""
    if not password.strip():
        return f"The password is empty; give one of at least {LEAST} characters."
    if len(password) < LEAST:
        return f"The password has {len(password)} characters; give one of at least {LEAST}, such as four words."
    if len(password) > MOST:
        return f"The password has {len(password)} characters; give one of at most {MOST}."
    if not password.isprintable():
        return "The password has a line break or another sign that a sign-in form cannot take; leave it out."
    return None


def call(function: Callable[..., Any], *args: Any) -> Any:
    """Runs a function here and now."""
    return function(*args)


def runner(async_mode: str) -> Run:
    """What runs a long calculation: under eventlet a real thread, else all connections would wait for it."""
    if async_mode != "eventlet":
        return call
    from eventlet import tpool

    return tpool.execute


class Passwords:
    """The password in force, as the state folder has it at this moment."""

    def __init__(self, folder: StateFolder, run: Run = call) -> None:
        self._folder, self._run = folder, run
        self._hash = Watched(folder, PASSWORD_FILE, self._parse)
        self._key = Watched(folder, KEY_FILE, lambda data: data)
        self._made_up = secrets.token_bytes(32)
        # A hash takes 64 MiB for its 50 ms: so many at once that strangers ask for must not take it all.
        self._one_at_a_time = Lock()

    @property
    def mark(self) -> str | None:
        """What sessions carry: another one after every change of the password; None where there is no password."""
        return _mark(self._hash())

    def key(self) -> bytes:
        """What cookies are signed with: the state folder's; where it has none, one that ends with this process."""
        return self._key() or self._made_up

    def set(self, password: str) -> None:
        """Put a password in force; all who signed in with another are signed out.

        Raises ValueError with an `objection`, and StateError.
        """
        password = _normal(password)
        if why := objection(password):
            raise ValueError(why)
        self.keep_key()
        self._folder.write(PASSWORD_FILE, PasswordHasher().hash(password).encode() + b"\n")

    def keep_key(self) -> None:
        """See that the cookies' key is in the state folder: a restart logs nobody out. Raises StateError."""
        with self._folder.alone():
            if not self._key():
                self._folder.write(KEY_FILE, secrets.token_hex(32).encode())

    def check(self, password: str) -> str | None:
        """The mark of the password if it is the one in force, else None."""
        kept, password = self._hash(), _normal(password)
        if kept is None or len(password) > MOST:
            return None
        with self._one_at_a_time:
            return _mark(kept) if self._run(_verify, kept, password) else None

    def _parse(self, data: bytes | None) -> str | None:
        if data is None:
            return None
        kept = data.decode(errors="replace").strip()
        try:
            extract_parameters(kept)
        except InvalidHashError:
            cure = "set the password again (python -m server set-password)"
            raise self._folder.broken(PASSWORD_FILE, f"holds no argon2 hash; {cure}") from None
        return kept


def _verify(kept: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(kept, password)
    except VerificationError:
        return False


def _mark(kept: str | None) -> str | None:
    # The hash has a salt of its own, so that the same password set again counts as a change too.
    return kept and hashlib.sha256(kept.encode()).hexdigest()[:32]


def _normal(password: str) -> str:
    """One spelling for what looks alike: keyboards differ in how they write an accented letter."""
    return unicodedata.normalize("NFKC", password)
