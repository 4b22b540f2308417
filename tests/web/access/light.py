"""A password in a state folder at little cost."""

from __future__ import annotations

from argon2 import PasswordHasher

from server.web.access.passwords import Passwords
from server.web.access.state import StateFolder

PASSWORD = "four plain little words"


def keep_password(folder: StateFolder, password: str = PASSWORD) -> None:
    """As `Passwords.set` does it, but light: the cost is written in the hash, and tests check it many times."""
    Passwords(folder).keep_key()
    folder.write("password", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(password).encode())
