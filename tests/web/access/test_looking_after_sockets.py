from __future__ import annotations

from collections.abc import Callable

import pytest

from server.settings import Settings
from server.vision.messages import Refusal
from server.web.access.rights import Access
from server.web.access.sockets import Sockets
from server.web.access.state import StateFolder
from server.web.access.tokens import Tokens
from tests.web.running import NOWHERE


class Looked:
    """Sockets whose task runs when told. ended: what each was told. nap: what happens while it sleeps."""

    def __init__(self, state: StateFolder) -> None:
        self.access = Access.of(Settings(async_mode="threading", state_dir=state.path))
        self.ended: dict[str, str] = {}
        self.tasks: list[Callable[[], None]] = []
        self.naps: list[Callable[[], None]] = []
        self.sockets = Sockets(self.access, self._end, self.tasks.append, lambda _seconds: self.naps.pop(0)())

    def _end(self, socket: str, refusal: Refusal) -> None:
        self.ended[socket] = refusal.code


@pytest.fixture
def looked(state: StateFolder) -> Looked:
    return Looked(state)


def test_one_task_looks_while_there_are_sockets(looked: Looked, tokens: Tokens):
    text = tokens.create("till")
    for socket in ("a", "b"):
        looked.sockets.admit(socket, text, None)
    (task,) = looked.tasks
    looked.naps = [lambda: looked.sockets.leave("a"), lambda: looked.sockets.leave("b")]
    task()
    assert looked.naps == []
    assert looked.ended == {}
    looked.sockets.admit("c", text, None)
    assert len(looked.tasks) == 2, "and begins anew"


def test_it_ends_those_whose_right_has_ended(looked: Looked, state: StateFolder, tokens: Tokens):
    link = looked.access.guests.create()
    looked.sockets.admit("till", tokens.create("till"), None)
    looked.sockets.admit("kiosk", tokens.create("kiosk"), None)
    looked.sockets.admit("guest", None, link.id)
    looked.naps = [
        lambda: Tokens(state).revoke("till"),
        lambda: looked.access.guests.revoke(link.id) and None,
        lambda: looked.sockets.leave("kiosk"),
    ]
    looked.tasks[0]()
    assert looked.ended == {"till": "unauthorized", "guest": "unauthorized"}
    assert link.sockets == set()


def test_a_file_that_cannot_be_read_lets_nobody_in_and_nobody_stay(looked: Looked, state: StateFolder, tokens: Tokens):
    text = tokens.create("till")
    looked.sockets.admit("till", text, None)
    state.write("tokens.json", b"broken")
    assert looked.sockets.objection("till").code == "unauthorized"
    with pytest.raises(Refusal) as caught:
        looked.sockets.admit("again", text, None)
    assert caught.value.code == "unauthorized"
    looked.naps = [lambda: None]
    looked.tasks[0]()
    assert looked.ended == {"till": "unauthorized"}


def test_only_an_owners_socket_is_the_owners(looked: Looked, tokens: Tokens):
    unguarded = Looked(StateFolder(NOWHERE)).sockets
    unguarded.admit("owner", "a token that nobody asked for", None)
    assert unguarded.owners_only("owner") is None
    looked.sockets.admit("till", tokens.create("till"), None)
    looked.sockets.admit("guest", None, looked.access.guests.create().id)
    for socket in ("till", "guest", "nobody"):
        assert looked.sockets.owners_only(socket).code == "forbidden"
