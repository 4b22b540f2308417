from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.async_mode import _async_mode
from server.settings import load

CASES = [
    ({}, None, "eventlet"),
    ({"MASKGATE_ASYNC_MODE": "threading"}, None, "threading"),
    ({"maskgate_async_mode": "threading"}, None, "threading"),
    ({}, 'async_mode = "threading"', "threading"),
    ({}, "port = 9000", "eventlet"),
    ({"MASKGATE_ASYNC_MODE": "eventlet"}, 'async_mode = "threading"', "eventlet"),
    ({"MASKGATE_ASYNC_MODE": "threading"}, 'async_mode = "eventlet"', "threading"),
]


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.upper().startswith("MASKGATE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("named", [False, True], ids=["maskgate.toml", "MASKGATE_CONFIG"])
@pytest.mark.parametrize(("environment", "file", "mode"), CASES)
def test_it_is_what_the_settings_will_say(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], file: str | None, mode: str, named: bool
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if file is not None:
        Path("other.toml" if named else "maskgate.toml").write_text(file)
        if named:
            monkeypatch.setenv("MASKGATE_CONFIG", "other.toml")
    assert _async_mode() == load().settings.async_mode == mode


@pytest.mark.parametrize("file", [b"async_mode = ", b"\xff\xfe", None], ids=["no TOML", "no text", "a folder"])
def test_a_file_that_cannot_be_read_is_left_to_the_settings(file: bytes | None):
    if file is None:
        Path("maskgate.toml").mkdir()
    else:
        Path("maskgate.toml").write_bytes(file)
    assert _async_mode() == "eventlet"


@pytest.mark.parametrize(("mode", "patched"), [("eventlet", "True"), ("threading", "False")])
def test_the_standard_library_is_patched_for_eventlet_alone(mode: str, patched: str):
    script = (
        "import sys; from server.async_mode import patch_early; patch_early(); import socket, threading;"
        "print('eventlet' in sys.modules and 'green' in socket.socket.__module__, 'pydantic' in sys.modules)"
    )
    environment = {**os.environ, "MASKGATE_ASYNC_MODE": mode, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [patched, "False"]
    assert done.stderr == ""
