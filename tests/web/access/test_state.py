from __future__ import annotations

import os
from pathlib import Path

import pytest

from server.settings import SettingsError
from server.web.access.state import StateError, StateFolder, Watched


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "deep" / "state")


def test_nothing_is_made_by_looking(folder: StateFolder):
    assert folder.read("password") is None
    assert folder.version("password") is None
    assert not folder.path.exists()


def test_what_is_written_is_for_this_user_alone(folder: StateFolder):
    before = os.umask(0)
    try:
        folder.write("key", b"secret")
    finally:
        os.umask(before)
    assert folder.read("key") == b"secret"
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert (folder.path / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.path.iterdir()] == ["key"]


def test_a_write_that_fails_leaves_the_old_file_whole(folder: StateFolder, monkeypatch: pytest.MonkeyPatch):
    folder.write("key", b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StateError, match=r"key: cannot be written \(No space left on device\); .*MASKGATE_STATE_DIR"):
        folder.write("key", b"new and longer")
    assert folder.read("key") == b"old"
    assert [path.name for path in folder.path.iterdir()] == ["key"]


def test_a_folder_that_cannot_be_is_told_in_a_sentence(tmp_path: Path):
    (tmp_path / "file").touch()
    folder = StateFolder(tmp_path / "file" / "state")
    assert folder.read("key") is None
    for use in (lambda: folder.write("key", b""), lambda: folder.alone().__enter__()):
        with pytest.raises(SettingsError, match="Not a directory"):
            use()


def test_a_file_that_cannot_be_read_is_not_taken_for_none(folder: StateFolder):
    (folder.path / "password").mkdir(parents=True)
    with pytest.raises(StateError, match=r"password: cannot be read \(Is a directory\)"):
        folder.read("password")


def test_a_watched_file_is_read_again_only_when_replaced(folder: StateFolder):
    reads: list[bytes | None] = []

    def parse(data: bytes | None) -> bytes | None:
        reads.append(data)
        return data

    watched = Watched(folder, "key", parse)
    assert [watched(), watched()] == [None, None]
    folder.write("key", b"one")
    assert [watched(), watched()] == [b"one", b"one"]
    StateFolder(folder.path).write("key", b"two")
    assert [watched(), watched()] == [b"two", b"two"]
    (folder.path / "key").unlink()
    assert watched() is None
    assert reads == [None, b"one", b"two", None]
