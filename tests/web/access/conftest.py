"""An app behind a password, and a state folder that holds it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.web.access.state import StateFolder
from server.web.access.tokens import Tokens
from tests.web.access.light import PASSWORD, keep_password
from tests.web.conftest import app_of, seeing_engine


@pytest.fixture(scope="session")
def hashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = StateFolder(tmp_path_factory.mktemp("hashed") / "state")
    keep_password(folder)
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
