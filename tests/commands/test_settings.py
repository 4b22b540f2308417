"""`python -m server settings`: all of them, with help."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.__main__ import main
from server.settings import PREFIX, Settings, bounds, variable


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def settings(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["settings", *arguments])


def test_every_setting_with_its_help():
    result = settings()
    assert result.exit_code == 0
    entries = result.stdout.strip().split("\n\n")
    assert len(entries) == len(Settings.model_fields)
    for entry, (name, field) in zip(entries, Settings.model_fields.items(), strict=True):
        value, allowed, description = entry.splitlines()
        assert value.startswith(f"{name} = ")
        assert value.endswith("(default)")
        assert allowed.strip() == f"{variable(name)}: {bounds(name)}"
        assert description.strip() == field.description


def test_values_in_force_and_where_they_came_from(monkeypatch):
    monkeypatch.setenv("MASKGATE_WORKERS", "3")
    Path("maskgate.toml").write_text("frame_timeout = 2.5\nmin_score = 0.4")
    lines = settings().stdout.splitlines()
    for line in (
        "workers = 3  (environment)",
        "frame_timeout = 2.5  (file)",
        "min_score = 0.4  (file)",
        "port = 8000  (default)",
    ):
        assert line in lines


def test_the_table_is_the_same_whatever_is_in_force(monkeypatch):
    before = settings("--markdown").stdout
    monkeypatch.setenv("MASKGATE_PORT", "9")
    Path("maskgate.toml").write_text("workers = 2")
    assert settings("--markdown").stdout == before


def test_the_table_is_whole():
    head, rule, *rows = settings("--markdown").stdout.splitlines()
    assert len(rows) == len(Settings.model_fields)
    cells = [re.split(r" \| ", row.strip("| ")) for row in rows]
    assert {len(row) for row in cells} == {head.count("|") - 1} == {rule.count("|") - 1}
    port = dict(zip(Settings.model_fields, cells, strict=True))["port"]
    assert port[:4] == ["`port`", "`MASKGATE_PORT`", "`8000`", "a whole number from 0 to 65535"]


def test_a_wrong_value_is_said_and_ends_it(monkeypatch):
    monkeypatch.setenv("MASKGATE_PORT", "99999")
    result = settings()
    assert result.exit_code == 2
    assert result.stderr == "MASKGATE_PORT=99999: must be a whole number from 0 to 65535.\n"
    assert not result.stdout
