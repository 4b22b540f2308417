from __future__ import annotations

import pytest

from server.vision.messages import Refusal
from server.web.access import guests as module
from server.web.access.guests import Guests


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_link_is_unguessable_and_limited_in_time(clock: Clock):
    guests = Guests(1, 5, clock)
    link, other = guests.create(), guests.create()
    assert len(link.id) == 22  # 128 bits in base 64
    assert link.id != other.id
    assert link.expires_at == clock.now + 3_600
    clock.now += 3_599
    assert guests.standing(link.id) == "live"
    clock.now += 1
    assert guests.standing(link.id) == "ended"
    assert guests.live() == []
    assert guests.standing("nobody's") == "unknown"


def test_a_link_is_revoked_once(clock: Clock):
    guests = Guests(1, 5, clock)
    link, other = guests.create(), guests.create()
    assert guests.revoke(link.id)
    assert not guests.revoke(link.id)
    assert not guests.revoke("nobody's")
    assert guests.standing(link.id) == "ended"
    assert guests.live() == [other]


def test_so_many_at_a_time_by_all_links_together(clock: Clock):
    guests = Guests(1, 2, clock)
    links = guests.create(), guests.create()
    guests.enter(links[0].id, "a")
    guests.enter(links[1].id, "b")
    with pytest.raises(Refusal, match="2 guests are here already") as caught:
        guests.enter(links[0].id, "c")
    assert caught.value.code == "too_many_guests"
    assert [len(link.sockets) for link in links] == [1, 1]
    guests.leave("a")
    guests.leave("nobody")
    guests.enter(links[1].id, "c")
    assert [len(link.sockets) for link in links] == [0, 2]


def test_an_ended_link_lets_nobody_in(clock: Clock):
    guests = Guests(1, 2, clock)
    link = guests.create()
    guests.revoke(link.id)
    for id in (link.id, "nobody's"):  # noqa: A001 - what it is
        with pytest.raises(Refusal) as caught:
            guests.enter(id, "a")
        assert caught.value.code == "unauthorized"


def test_links_are_bounded_and_the_oldest_ended_are_forgotten(clock: Clock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST_LINKS", 2)
    monkeypatch.setattr(module, "MOST_REMEMBERED", 3)
    guests = Guests(1, 2, clock)
    links = [guests.create() for _ in range(2)]
    with pytest.raises(Refusal, match="There are 2 guest links already; end one first"):
        guests.create()
    for link in links:
        guests.revoke(link.id)
    links += [guests.create() for _ in range(2)]
    assert [guests.standing(link.id) for link in links] == ["unknown", "ended", "live", "live"]
