"""Sharing over real sockets, in both async modes: nobody slows anybody, and every end is heard."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import socketio
import websocket

from tests.web.running import MODES, PATIENCE, STAND_IN, RawClient, Running, answer, order, running, until
from tests.web.test_stream_sockets import FOREIGN, counted

RATE = 60
LARGE = 1_900_000
"""Bytes of a picture of the largest sort: more than the system holds for somebody who does not read."""


@pytest.fixture(scope="module", params=MODES)
def sharing(request: pytest.FixtureRequest, tiny_models: Path) -> Iterator[Running]:
    """The server with one obedient worker; two may watch, and an owner may be away for a second."""
    settings = {"models_dir": tiny_models, "model": "tiny", "detector": "eyes", "workers": 1, "frame_timeout": 30}
    with running(STAND_IN, async_mode=request.param, watchers=2, watch_rate=RATE, share_grace=1, **settings) as server:
        yield server


class Viewer:
    """One who watches. moments: the head and the picture of each. phases: of the share, as heard."""

    def __init__(self, server: Running, identity: str, **auth: Any) -> None:
        self.client = socketio.Client(reconnection=False)
        # It handles each message on a thread of its own, so that a picture may overtake the head it belongs to.
        handle = self.client.eio._trigger_event
        self.client.eio._trigger_event = lambda *args, **options: handle(*args, **options | {"run_async": False})
        self.moments: list[tuple[dict[str, Any], bytes | None]] = []
        self.phases: list[str] = []
        self.gone = False
        self.client.on("moment", self._moment, namespace="/watch")
        self.client.on("state", lambda state: self.phases.append(state["phase"]), namespace="/watch")
        self.client.on("disconnect", self._gone, namespace="/watch")
        self.client.connect(
            server.url,
            auth={"id": identity},
            transports=["websocket"],
            namespaces=["/watch"],
            wait_timeout=PATIENCE,
        )

    def next(self) -> None:
        self.client.emit("next", namespace="/watch")

    def leave(self) -> None:
        self.client.disconnect()

    def _moment(self, head: dict[str, Any], picture: bytes | None = None) -> None:
        self.moments.append((head, picture))

    def _gone(self, *_reason: object) -> None:
        self.gone = True


class Owner:
    """One who shares a stream. viewers: how many watch, as last heard."""

    def __init__(self, server: Running, **wish: Any) -> None:
        self.client = server.client({"stream": "front door"})
        self.share = self.client.call("share", wish)
        self.viewers: int = self.share["viewers"]
        self.id = self.share["id"]

    def send(self, number: int, **wishes: Any) -> bytes:
        """Send a frame and wait for its answer; returns its bytes."""
        time.sleep(2 / RATE)  # what comes sooner than a viewer may have it is passed over
        data = order(**wishes)
        self.client.emit("frame", ({"id": number}, data))
        while True:
            event, message = answer(self.client)
            if event == "viewers":
                self.viewers = message["viewers"]
                continue
            assert (event, message["id"]) == ("result", number)
            return data

    def hear(self, viewers: int) -> None:
        """Wait until so many are said to watch."""
        while self.viewers != viewers:
            event, message = answer(self.client)
            if event == "viewers":
                self.viewers = message["viewers"]

    def leave(self) -> None:
        with suppress(socketio.exceptions.SocketIOError):
            self.client.call("unshare")
        self.client.disconnect()


def refused(server: Running, identity: str) -> dict[str, Any]:
    """What one hears that is not let in."""
    heard: list[dict[str, Any]] = []
    client = socketio.Client(reconnection=False)
    client.on("connect_error", heard.append, namespace="/watch")
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(
            server.url, auth={"id": identity}, transports=["websocket"], namespaces=["/watch"], wait_timeout=PATIENCE
        )
    client.disconnect()
    return heard[0]


def test_two_watch_and_one_leaves(sharing: Running):
    owner = Owner(sharing, picture=True)
    eve, bob = Viewer(sharing, owner.id), Viewer(sharing, owner.id)
    owner.hear(2)
    for viewer in (eve, bob):
        viewer.next()
        until(lambda viewer=viewer: viewer.phases == ["waiting"], "how it stands")
    sent = owner.send(1)
    for viewer in (eve, bob):
        until(lambda viewer=viewer: viewer.moments, "the moment")
        ((head, picture),) = viewer.moments
        assert picture == sent, "the owner's own bytes"
        assert head.keys() == {"number", "width", "height", "faces"}
        assert viewer.phases == ["waiting", "live"]
    assert counted(sharing, "maskgate_watchers") == 2
    message = refused(sharing, owner.id)
    assert message["data"] == {"code": "share_full"}
    assert message["message"].startswith("2 people watch already")
    bob.leave()
    owner.hear(1)
    eve.next()
    sent = owner.send(2)
    until(lambda: len(eve.moments) == 2, "the next moment")
    assert eve.moments[1][1] == sent
    eve.leave()
    owner.hear(0)
    owner.leave()


def test_boxes_alone_come_without_the_picture_and_it_can_be_changed(sharing: Running):
    owner = Owner(sharing)
    eve = Viewer(sharing, owner.id)
    for number, picture in enumerate((False, True, False), 1):
        assert owner.client.call("share", {"picture": picture})["picture"] is picture
        eve.next()
        sent = owner.send(number)
        until(lambda number=number: len(eve.moments) == number, "the moment")
        assert eve.moments[-1][1] == (sent if picture else None)
    eve.leave()
    owner.leave()


def test_one_that_does_not_read_skips_and_slows_nobody(sharing: Running):
    owner = Owner(sharing, picture=True)
    quick = Viewer(sharing, owner.id)
    slow = RawClient(sharing, buffer=4096)
    slow.socket.send("40/watch," + json.dumps({"id": owner.id}))
    owner.hear(2)
    for _ in range(3):
        slow.socket.send('42/watch,["next"]')
    for number in range(1, 31):
        quick.next()
        # Waits for the answer: a relay that waits for the slow one would hold it up for ever.
        owner.send(number, padding="x" * (LARGE if number == 1 else 1_000))
        until(
            lambda number=number: quick.moments and quick.moments[-1][0]["number"] == number, "the quick one's moment"
        )
    assert len(quick.moments) == 30
    # It reads again: what it asked for by then, not what it slept through.
    read: list[str | bytes] = []
    while not any(isinstance(message, bytes) for message in read):
        read.append(slow.socket.recv())
    moments = [message for message in read if isinstance(message, str) and '"moment"' in message]
    assert len(moments) == 1
    assert '"number":1,' in moments[0]
    slow.socket.send('42/watch,["next"]')
    read.clear()
    while not any(isinstance(message, bytes) for message in read):
        read.append(slow.socket.recv())
    assert any(isinstance(message, str) and '"number":30,' in message for message in read)
    slow.socket.close()
    quick.leave()
    owner.hear(0)
    owner.leave()


def test_the_end_is_heard_by_all(sharing: Running):
    owner = Owner(sharing)
    eve, bob = Viewer(sharing, owner.id), Viewer(sharing, owner.id)
    for viewer in (eve, bob):
        viewer.next()
        until(lambda viewer=viewer: viewer.phases, "how it stands")
    assert owner.client.call("unshare") == {"ended": True}
    for viewer in (eve, bob):
        until(lambda viewer=viewer: viewer.gone, "the end")
        assert viewer.phases == ["waiting", "ended"]
    assert refused(sharing, owner.id)["data"] == {"code": "unknown_share"}
    owner.send(1)
    owner.client.disconnect()
    until(lambda: counted(sharing, "maskgate_shares") == 0, "no share to be left")


def test_an_owner_gone_for_a_moment_takes_its_share_back(sharing: Running):
    owner = Owner(sharing)
    eve = Viewer(sharing, owner.id)
    eve.next()
    owner.send(1)
    until(lambda: len(eve.moments) == 1, "the first moment")
    owner.client.disconnect()
    until(lambda: eve.phases[-1] == "away", "its absence to be told")
    back = Owner(sharing, id=owner.id, secret=owner.share["secret"])
    assert (back.id, back.viewers) == (owner.id, 1)
    eve.next()
    back.send(1)
    until(lambda: len(eve.moments) == 2, "the moment after")
    assert eve.phases[-3:] == ["away", "waiting", "live"]
    time.sleep(1.5)  # longer than the grace: the end that was due is off
    assert not eve.gone
    back.client.disconnect()
    until(lambda: eve.gone, "the end, since nobody took it back")
    assert eve.phases[-2:] == ["away", "ended"]
    late = sharing.client()
    taken = late.call("share", {"id": owner.id, "secret": owner.share["secret"]})
    assert taken["error"]["code"] == "unknown_share"
    late.disconnect()


def test_frames_of_viewers_are_not_looked_at(sharing: Running):
    owner = Owner(sharing)
    eve = Viewer(sharing, owner.id)
    answered = counted(sharing, "maskgate_frames_answered_total")
    eve.client.emit("frame", ({"id": 1}, order()), namespace="/watch")
    eve.next()
    owner.send(1)
    until(lambda: eve.moments, "the moment")
    assert counted(sharing, "maskgate_frames_answered_total") == answered + 1
    eve.leave()
    owner.leave()


def test_a_page_of_another_site_cannot_watch(sharing: Running):
    with pytest.raises(websocket.WebSocketBadStatusException):
        RawClient(sharing, origin=FOREIGN)
