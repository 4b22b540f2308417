"""An app behind a password, and a state folder that holds it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from server.web.access.passwords import Passwords
from server.web.access.state import StateFolder
from server.web.access.tokens import Tokens
from tests.web.conftest import app_of, seeing_engine

PASSWORD = "four plain little words"


@pytest.fixture(scope="session")
def hashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = StateFolder(tmp_path_factory.mktemp("hashed") / "state")
    Passwords(folder).keep_key()
    # As `set` does it, but light: the cost is written in the hash, and tests check it many times.
    folder.write("password", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD).encode())
    return folder.path


@pytest.fixture
def state(hashed: Path, tmp_path: Path) -> StateFolder:
    """A state folder with the password."""
    return StateFolder(Path(shutil.copytree(hashed, tmp_path / "state")))


@pytest.fixture
def tokens(state: StateFolder) -> Tokens:
    return Tokens(state)


@pytest.fixture
def guarded(state: StateFolder) -> Flask:
    return app_of(seeing_engine(), state_dir=state.path)


@pytest.fixture
def stranger(guarded: Flask) -> FlaskClient:
    return guarded.test_client()


@pytest.fixture
def owner(guarded: Flask) -> FlaskClient:
    """A client that has signed in."""
    client = guarded.test_client()
    assert client.post("/login", data={"password": PASSWORD}).status_code == 303
    return client
