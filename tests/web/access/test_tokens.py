from __future__ import annotations

import hashlib
import json
import os

import pytest

from server.web.access import tokens as module
from server.web.access.state import StateError, StateFolder
from server.web.access.tokens import TokenError, Tokens


def test_a_token_is_random_and_kept_only_hashed(state: StateFolder, tokens: Tokens):
    text, other = tokens.create("front-door"), tokens.create("back-door")
    assert text.startswith("maskgate_")
    assert len(text) - len("maskgate_") == 43  # 256 bits in base 64
    assert text != other
    kept = state.read("tokens.json") or b""
    assert text.encode() not in kept
    assert json.loads(kept)["front-door"]["hash"] == hashlib.sha256(text.encode()).hexdigest()
    assert (state.path / "tokens.json").stat().st_mode & 0o777 == 0o600


def test_only_a_token_in_force_has_an_id(tokens: Tokens):
    text = tokens.create("front-door")
    found = tokens.id_of(text)
    assert found is not None
    assert tokens.known(found)
    for wrong in ("", "x", text[:-1], text + "x", text.upper(), "\ud800"):
        assert tokens.id_of(wrong) is None


def test_another_process_revokes_it(state: StateFolder, tokens: Tokens):
    text = tokens.create("front-door")
    found = tokens.id_of(text) or ""
    Tokens(state).revoke("front-door")
    assert tokens.id_of(text) is None
    assert not tokens.known(found)
    assert tokens.all() == []


def test_made_again_under_its_name_it_is_another_one(tokens: Tokens):
    first = tokens.id_of(tokens.create("front-door")) or ""
    tokens.revoke("front-door")
    assert tokens.id_of(tokens.create("front-door")) != first
    assert not tokens.known(first)


@pytest.mark.parametrize("name", ["", "Front", "front door", "../x", "-x", "x" * 65, "ü"])
def test_what_is_no_name(tokens: Tokens, name: str):
    with pytest.raises(TokenError, match="lower-case letters, digits and hyphens"):
        tokens.create(name)


def test_a_name_is_given_once(tokens: Tokens):
    tokens.create("front-door")
    with pytest.raises(TokenError, match="'front-door' already; revoke it first"):
        tokens.create("front-door")


def test_one_that_is_not_there_cannot_be_revoked(tokens: Tokens):
    with pytest.raises(TokenError, match="there are: none at all"):
        tokens.revoke("front-door")
    tokens.create("back-door")
    with pytest.raises(TokenError, match="no token 'front-door'; there are: back-door"):
        tokens.revoke("front-door")


def test_when_it_was_last_used_is_noted_once_a_minute(
    state: StateFolder, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
):
    now = 1_000.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    used = tokens.id_of(tokens.create("used")) or ""
    tokens.create("unused")
    assert [token.last_used for token in tokens.all()] == [None, None]
    tokens.use(used)
    first = state.version("tokens-used.json")
    tokens.use(used)
    assert state.version("tokens-used.json") == first
    now += 61
    tokens.use(used)
    assert state.version("tokens-used.json") != first
    listed = {token.name: token for token in Tokens(state).all()}
    assert listed["unused"].last_used is None
    assert listed["used"].last_used is not None
    assert listed["used"].last_used >= listed["used"].created


def test_noting_a_use_undoes_no_revocation_and_forgets_what_was_revoked(state: StateFolder, tokens: Tokens):
    gone, kept = (tokens.id_of(tokens.create(name)) or "" for name in ("gone", "kept"))
    tokens.use(gone)
    Tokens(state).revoke("gone")
    tokens.use(kept)
    assert not tokens.known(gone)
    assert list(json.loads(state.read("tokens-used.json") or b"")) == [kept]


def test_a_list_that_is_none_ends_with_a_sentence(state: StateFolder, tokens: Tokens):
    state.write("tokens.json", b"{}}")
    with pytest.raises(StateError, match=r"tokens\.json: is no list of tokens; remove it and make them again"):
        tokens.all()


def test_a_broken_note_of_uses_is_written_anew(state: StateFolder, tokens: Tokens):
    found = tokens.id_of(tokens.create("front-door")) or ""
    state.write("tokens-used.json", os.urandom(9))
    assert tokens.all()[0].last_used is None
    tokens.use(found)
    assert tokens.all()[0].last_used is not None
