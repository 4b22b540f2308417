from __future__ import annotations

from pathlib import Path

import pytest

from server.web.access.passwords import Passwords, call, objection, runner
from server.web.access.state import StateError, StateFolder
from tests.web.access.light import PASSWORD


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("", "is empty"),
        ("   \t      \n   ", "is empty"),
        ("short", "has 5 characters; give one of at least 10"),
        ("ninesigns", "has 9 characters"),
        ("x" * 1001, "has 1001 characters; give one of at most 1000"),
        ("ten signs\nand a line", "line break"),
        ("ten signs\0", "line break"),
    ],
)
def test_what_is_no_password_is_told_why(tmp_path: Path, password: str, says: str):
    assert says in (objection(password) or "")
    with pytest.raises(ValueError, match=says):
        Passwords(StateFolder(tmp_path / "state")).set(password)
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("password", ["ten signs.", "চারটি সহজ শব্দ", "🔑" * 10, "x" * 1000])
def test_what_is_one(password: str):
    assert objection(password) is None


def test_it_is_kept_as_an_argon2_hash_and_found_right(tmp_path: Path):
    state = StateFolder(tmp_path / "state")
    passwords = Passwords(state)
    passwords.set(PASSWORD)
    assert (state.read("password") or b"").startswith(b"$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.check(PASSWORD) == passwords.mark
    for wrong in ("", PASSWORD + " ", PASSWORD.upper(), "x" * 10_000_000):
        assert passwords.check(wrong) is None


def test_one_spelling_for_what_looks_alike(tmp_path: Path):
    passwords = Passwords(StateFolder(tmp_path / "state"))
    passwords.set("Caf\u00e9 au lait")
    assert passwords.check("Cafe\u0301 au lait")


def test_a_change_gives_another_mark_though_it_is_the_same_password(state: StateFolder):
    watching, before = Passwords(state), Passwords(state).mark
    Passwords(state).set(PASSWORD)
    assert watching.mark not in (None, before)
    assert watching.check(PASSWORD) == watching.mark


def test_the_cookies_key_outlives_a_change_and_a_restart(state: StateFolder):
    key = Passwords(state).key()
    assert len(key) == 64
    Passwords(state).set("another one of these")
    assert Passwords(state).key() == key


def test_without_a_state_folder_the_key_is_this_processs_own(tmp_path: Path):
    folder = StateFolder(tmp_path / "state")
    keys = [Passwords(folder).key() for _ in range(2)]
    assert keys[0] != keys[1]
    assert Passwords(folder).check(PASSWORD) is None
    assert not folder.path.exists()


def test_what_is_no_hash_is_told_in_a_sentence(state: StateFolder):
    state.write("password", PASSWORD.encode())
    with pytest.raises(StateError, match=r"holds no argon2 hash; set the password again \(python -m server set-pass"):
        _ = Passwords(state).mark


@pytest.mark.filterwarnings("ignore:\\s*Eventlet is deprecated")
def test_under_eventlet_it_runs_elsewhere():
    assert runner("threading") is call
    assert runner("eventlet") is not call
    assert runner("eventlet")(divmod, 7, 2) == (3, 1)
