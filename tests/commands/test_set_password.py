"""`python -m server set-password`: from standard input, and on a terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.__main__ import main
from server.web.access.passwords import Passwords
from server.web.access.state import StateFolder
from tests.web.running import PATIENCE, ROOT

PASSWORD = "four plain little words"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StateFolder:
    monkeypatch.setenv("MASKGATE_STATE_DIR", str(tmp_path / "state"))
    return StateFolder(tmp_path / "state")


def set_password(said: str | bytes) -> Result:
    return CliRunner().invoke(main, ["set-password"], input=said)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_from_standard_input(state: StateFolder, end: str):
    result = set_password(PASSWORD + end)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"The password is set; its hash is in {state.path / 'password'}.\n"
    assert Passwords(state).check(PASSWORD)
    for name in ("password", "cookie-key"):
        assert (state.path / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("", "The password is empty"),
        ("\n", "The password is empty"),
        ("short\n", "has 5 characters; give one of at least 10"),
        ("one of these\nor one of those\n", "line break"),
        (b"\xff\xfe" * 10, "no UTF-8 text"),
    ],
)
def test_what_is_no_password_changes_nothing(state: StateFolder, said: str | bytes, says: str):
    set_password(PASSWORD)
    result = set_password(said)
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.output
    assert Passwords(state).check(PASSWORD)


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("MASKGATE_STATE_DIR", str(tmp_path / "file"))
    result = set_password(PASSWORD)
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) == 1
    assert "MASKGATE_STATE_DIR" in result.stderr


class Terminal:
    """The command on a terminal of its own."""

    def __init__(self, state: StateFolder) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server", "set-password"],
            cwd=ROOT,
            env={**os.environ, "MASKGATE_STATE_DIR": str(state.path)},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.said = ""

    def answer(self, question: str, answer: str) -> None:
        """Wait for a question, then type."""
        deadline, before = time.monotonic() + PATIENCE, len(self.said)
        while not re.search(question + r": $", self.said[before:]):
            assert time.monotonic() < deadline, self.said
            self.said += os.read(self._master, 4096).decode()
        os.write(self._master, answer.encode() + b"\n")

    def end(self) -> int:
        while True:
            try:
                self.said += os.read(self._master, 4096).decode()
            except OSError:  # so does a terminal end whose program did
                break
        os.close(self._master)
        return self.process.wait(PATIENCE)


def test_on_a_terminal_it_is_asked_for_twice_and_not_shown(state: StateFolder):
    terminal = Terminal(state)
    terminal.answer("Password", "short")
    terminal.answer("Password", PASSWORD)
    terminal.answer("The same again", PASSWORD + "!")
    terminal.answer("Password", PASSWORD)
    terminal.answer("The same again", PASSWORD)
    assert terminal.end() == 0, terminal.said
    assert "has 5 characters; give one of at least 10" in terminal.said
    assert "The password is set" in terminal.said
    assert PASSWORD not in terminal.said
    assert Passwords(state).check(PASSWORD)
