"""What the README says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.commands.settings import markdown_table

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_settings_table_is_the_codes():
    written = re.search(r"<!-- settings: [^\n]* -->\n(.*?)\n<!-- /settings -->", README, re.DOTALL)
    assert written, "the README has no section for the settings"
    assert written[1] == markdown_table(), "write it again: python -m server settings --markdown"


def test_subcommands_named_there_exist():
    named = set(re.findall(r"python -m server ([a-z-]+)", README)) - {"--help"}
    assert {"train", "evaluate", "settings"} <= named
    for name in named:
        assert (ROOT / "server" / "commands" / f"{name.replace('-', '_')}.py").is_file(), name


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))))
def test_make_targets_named_there_exist(target: str):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
