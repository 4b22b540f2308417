"""Settings: where they come from, and the one sentence about each that cannot be used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, get_origin

import pytest
from pydantic import SecretStr

from server.settings import CONFIG_FILE, PREFIX, Settings, SettingsError, bounds, load, variable


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working folder, and no setting in the environment."""
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def in_file(text: str, name: str | Path = CONFIG_FILE) -> None:
    Path(name).write_text(text, encoding="utf-8")


def refused(options: dict[str, Any] | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        load(options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("option", "environment", "file", "value", "source"),
    [
        (None, None, None, 8000, "default"),
        (None, None, 8001, 8001, "file"),
        (None, "8002", 8001, 8002, "environment"),
        (8003, "8002", 8001, 8003, "command line"),
        (8003, None, None, 8003, "command line"),
        (None, "8002", 70_000, 8002, "environment"),  # what is overruled is not judged
    ],
)
def test_the_first_source_that_has_a_value_wins(monkeypatch, option, environment, file, value: int, source: str):
    if environment is not None:
        monkeypatch.setenv("MASKGATE_PORT", environment)
    if file is not None:
        in_file(f"port = {file}")
    loaded = load({"port": option, "host": None})
    assert (loaded.settings.port, loaded.sources["port"]) == (value, source)
    assert loaded.sources["host"] == "default"


def test_sources_mix(monkeypatch):
    monkeypatch.setenv("maskgate_workers", "2")  # the case of a variable does not matter
    in_file('detector = "haar"\nmin_score = 0.25')
    loaded = load({"port": 0})
    assert (loaded.settings.port, loaded.settings.workers, loaded.settings.detector) == (0, 2, "haar")
    assert {name: source for name, source in loaded.sources.items() if source != "default"} == {
        "port": "command line",
        "workers": "environment",
        "detector": "file",
        "min_score": "file",
    }


@pytest.mark.parametrize(
    ("name", "value", "port"),
    [("MASKGATE_CONFIG", "own.toml", 2), ("maskgate_config", "own.toml", 2), ("MASKGATE_CONFIG", "", 1)],
)
def test_another_file_can_be_named(monkeypatch, name: str, value: str, port: int):
    in_file("port = 1")
    in_file("port = 2", "own.toml")
    monkeypatch.setenv(name, value)
    assert load().settings.port == port


def test_an_empty_name_of_a_file_counts_as_none(monkeypatch):
    monkeypatch.setenv("MASKGATE_CONFIG", "")
    assert load().settings.port == 8000


@pytest.mark.parametrize(
    ("name", "value", "becomes"),
    [
        ("MASKGATE_MIN_SCORE", "none", None),
        ("MASKGATE_MIN_SCORE", "", None),
        ("MASKGATE_MIN_SCORE", "0.5", 0.5),
        ("MASKGATE_HOST", "LocalHost", "localhost"),
        ("MASKGATE_HOST", "::1", "::1"),
        ("MASKGATE_HOST", "0:0:0:0:0:0:0:0", "::"),
        ("MASKGATE_HOST", "192.168.1.20", "192.168.1.20"),
        ("MASKGATE_PUBLIC_URL", "HTTPS://Masks.Example.org/", "https://masks.example.org"),
        ("MASKGATE_PUBLIC_URL", "http://[2001:DB8::1]:8443", "http://[2001:db8::1]:8443"),
        ("MASKGATE_PUBLIC_URL", "none", None),
        ("MASKGATE_MODELS_DIR", "elsewhere", Path("elsewhere")),
        ("MASKGATE_FRAME_TIMEOUT", "2", 2.0),
        ("MASKGATE_KIOSK_PIN", "0042", SecretStr("0042")),
        ("MASKGATE_KIOSK_PIN", "none", None),
        ("MASKGATE_KIOSK_POLICY", "advise", "advise"),
    ],
)
def test_values_become_their_type(monkeypatch, name: str, value: str, becomes: object):
    monkeypatch.setenv(name, value)
    assert getattr(load().settings, name.removeprefix(PREFIX).lower()) == becomes


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("MASKGATE_PORT", "99999", "MASKGATE_PORT=99999: must be a whole number from 0 to 65535."),
        ("MASKGATE_PORT", "-1", "MASKGATE_PORT=-1: must be a whole number from 0 to 65535."),
        ("MASKGATE_PORT", "http", "MASKGATE_PORT=http: must be a whole number from 0 to 65535."),
        ("MASKGATE_PORT", "", "MASKGATE_PORT=: must be a whole number from 0 to 65535."),
        ("MASKGATE_WORKERS", "65", "MASKGATE_WORKERS=65: must be a whole number from 0 to 64."),
        ("MASKGATE_WORKERS", "1.5", "MASKGATE_WORKERS=1.5: must be a whole number from 0 to 64."),
        ("MASKGATE_MIN_SCORE", "1.1", "MASKGATE_MIN_SCORE=1.1: must be none, or a number from 0 to 1."),
        ("MASKGATE_MIN_SCORE", "nan", "MASKGATE_MIN_SCORE=nan: must be none, or a number from 0 to 1."),
        ("MASKGATE_KIOSK_MIN_FACE", "1.2", "MASKGATE_KIOSK_MIN_FACE=1.2: must be a number from 0 to 1."),
        (
            "MASKGATE_KIOSK_PIN",
            "123",
            "MASKGATE_KIOSK_PIN=123: must be none, or 4 to 12 digits (a PIN is digits alone).",
        ),
        (
            "MASKGATE_KIOSK_PIN",
            "four",
            "MASKGATE_KIOSK_PIN=four: must be none, or 4 to 12 digits (a PIN is digits alone).",
        ),
        ("MASKGATE_FRAME_TIMEOUT", "0", "MASKGATE_FRAME_TIMEOUT=0: must be a number from 0.1 to 600."),
        ("MASKGATE_MAX_WAITING", "0", "MASKGATE_MAX_WAITING=0: must be a whole number from 1 to 10000."),
        ("MASKGATE_RATE_LIMIT", "1e6", "MASKGATE_RATE_LIMIT=1e6: must be a whole number from 0 to 100000."),
        ("MASKGATE_ASYNC_MODE", "gevent", "MASKGATE_ASYNC_MODE=gevent: must be eventlet or threading."),
        ("MASKGATE_LOG_LEVEL", "loud", "MASKGATE_LOG_LEVEL=loud: must be debug or info or warning or error."),
        (
            "MASKGATE_MODEL",
            "../x",
            "MASKGATE_MODEL=../x: must be none, or lower-case letters, digits and hyphens, 64 at most.",
        ),
        (
            "MASKGATE_HOST",
            "example.org",
            "MASKGATE_HOST=example.org: must be an IP address of this machine, or localhost "
            "(a name of it is not enough: it may have several addresses).",
        ),
        (
            "MASKGATE_PUBLIC_URL",
            "https://example.org/masks",
            "MASKGATE_PUBLIC_URL=https://example.org/masks: must be none, or http(s):// and a name, such as "
            "https://masks.example.org (and no more than that but a port: MaskGate takes the whole of a name).",
        ),
        (
            "MASKGATE_PROT",
            "9000",
            "MASKGATE_PROT=9000: there is no such setting; did you mean MASKGATE_PORT? "
            "`python -m server settings` lists them.",
        ),
        (
            "MASKGATE_COLOUR",
            "red",
            "MASKGATE_COLOUR=red: there is no such setting; is it misspelt? `python -m server settings` lists them.",
        ),
        ("MASKGATE_CONFIG", "gone.toml", "MASKGATE_CONFIG=gone.toml: there is no such file; name one or unset it."),
    ],
)
def test_what_is_wrong_in_the_environment(monkeypatch, name: str, value: str, says: str):
    monkeypatch.setenv(name, value)
    assert refused() == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("port = 99999", "maskgate.toml: port=99999: must be a whole number from 0 to 65535."),
        ('port = "http"', "maskgate.toml: port=http: must be a whole number from 0 to 65535."),
        (
            "workers = true",
            "maskgate.toml: workers=True: must be a whole number from 0 to 64 "
            "(true and false are not the value of any setting).",
        ),
        ("[port]\nnumber = 1", "maskgate.toml: port={'number': 1}: must be a whole number from 0 to 65535."),
        ("frame_timeout = nan", "maskgate.toml: frame_timeout=nan: must be a number from 0.1 to 600."),
        ("models_dir = 5", "maskgate.toml: models_dir=5: must be a folder."),
        ('host = "192.168.0"', "maskgate.toml: host=192.168.0: must be an IP address of this machine, or localhost (a"),
        (
            "public_url = 5",
            "maskgate.toml: public_url=5: must be none, or http(s):// and a name, such as https://masks.",
        ),
        ("rate-limit = 5", "maskgate.toml: rate-limit=5: there is no such setting; did you mean maskgate.toml: rate_l"),
        ("PORT = 5", "maskgate.toml: PORT=5: there is no such setting; did you mean maskgate.toml: port?"),
        ("[server]\nport = 5", "maskgate.toml: server={'port': 5}: there is no such setting;"),
        ("port =", "maskgate.toml is not valid TOML (Invalid value"),
        ("port 5", "maskgate.toml is not valid TOML (Expected '=' after a key"),
    ],
)
def test_what_is_wrong_in_the_file(text: str, says: str):
    in_file(text)
    message = refused()
    assert message.startswith(says)
    assert message.endswith(".")
    assert "\n" not in message


def test_a_file_that_is_no_text():
    CONFIG_FILE.write_bytes(b"\xff\xfe")
    assert refused().startswith("maskgate.toml is not valid TOML (")


def test_a_file_of_another_name_is_named(monkeypatch):
    in_file("port = 70000", "own.toml")
    monkeypatch.setenv("MASKGATE_CONFIG", "own.toml")
    assert refused() == "own.toml: port=70000: must be a whole number from 0 to 65535."


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"port": -1}, "--port=-1: must be a whole number from 0 to 65535."),
        ({"host": ":::"}, "--host=:::: must be an IP address of this machine, or localhost ("),
        ({"min_score": 7}, "--min-score=7: must be none, or a number from 0 to 1."),
        ({"potr": 1}, "--potr=1: there is no such setting; did you mean --port?"),
    ],
)
def test_what_is_wrong_on_the_command_line(options: dict[str, Any], says: str):
    assert refused(options).startswith(says)


def test_every_setting_is_described_and_bounded():
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert bounds(name), name
        assert variable(name) == PREFIX + name.upper()
        if field.annotation is int or field.annotation is float:
            assert "number from" in bounds(name), f"{name} has no bounds"
        elif get_origin(field.annotation) is not None:
            assert " or " in bounds(name) or "none, or" in bounds(name), name


def test_settings_in_force_cannot_be_changed():
    settings = load().settings
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1


@pytest.mark.parametrize(
    "url",
    ["masks.example.org", "ftp://a.b", "https://", "https://a.b:x", "https://me@a.b", "https://a.b?c", "https://[a"],
)
def test_what_is_no_public_url(monkeypatch, url: str):
    monkeypatch.setenv("MASKGATE_PUBLIC_URL", url)
    assert refused().startswith(f"MASKGATE_PUBLIC_URL={url}: must be none, or http(s):// and a name, such as https://")
