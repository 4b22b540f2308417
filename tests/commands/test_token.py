"""`python -m server token`: made, listed, revoked."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.__main__ import main
from server.web.access.state import StateFolder
from server.web.access.tokens import Tokens


@pytest.fixture(autouse=True)
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tokens:
    monkeypatch.setenv("MASKGATE_STATE_DIR", str(tmp_path / "state"))
    return Tokens(StateFolder(tmp_path / "state"))


def token(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["token", *arguments])


def test_a_token_is_shown_this_once(tokens: Tokens):
    result = token("create", "front-door")
    assert result.exit_code == 0
    assert tokens.id_of(result.stdout.strip()), "standard output holds the token alone, for scripts"
    assert "not shown again" in result.stderr
    assert result.stdout.strip() not in token("list").output


def test_the_list_says_when_each_was_made_and_used(tokens: Tokens):
    assert token("list").stdout == "There are no tokens; make one: python -m server token create NAME\n"
    used = tokens.create("front-door")
    tokens.create("till")
    tokens.use(tokens.id_of(used) or "")
    head, *rows = token("list").stdout.splitlines()
    assert head.split("  ")[0] == "name"
    assert [row.split()[0] for row in rows] == ["front-door", "till"]
    assert [row.endswith("never") for row in rows] == [False, True]


def test_a_revoked_one_is_gone(tokens: Tokens):
    text = tokens.create("front-door")
    result = token("revoke", "front-door")
    assert (result.exit_code, result.stdout) == (0, "The token 'front-door' is revoked.\n")
    assert tokens.id_of(text) is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("create", "Front Door"), "lower-case letters, digits and hyphens"),
        (("create", "till"), "a token 'till' already; revoke it first"),
        (("revoke", "nobody"), "no token 'nobody'; there are: till"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(tokens: Tokens, arguments: tuple[str, str], says: str):
    tokens.create("till")
    result = token(*arguments)
    assert result.exit_code == 1
    assert says in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
