from __future__ import annotations

import random

import pytest

from server.vision.engine.mailbox import Mailboxes
from server.vision.messages import Refusal


def boxes(max_waiting: int = 100) -> Mailboxes[str]:
    return Mailboxes(max_waiting)


def taken(mailboxes: Mailboxes[str]) -> list[str]:
    """All items that can be taken, each finished before the next."""
    items = []
    while (pair := mailboxes.take()) is not None:
        items.append(pair[1])
        mailboxes.done(pair[0])
    return items


def test_empty() -> None:
    assert boxes().take() is None
    assert len(boxes()) == 0


def test_first_come_first_served() -> None:
    mailboxes = boxes()
    for client in "cab":
        assert mailboxes.put(client, client + "1") is None
    assert len(mailboxes) == 3
    assert taken(mailboxes) == ["c1", "a1", "b1"]
    assert len(mailboxes) == 0


def test_newest_wins_and_keeps_the_place() -> None:
    mailboxes = boxes()
    mailboxes.put("a", "a1")
    mailboxes.put("b", "b1")
    assert mailboxes.put("a", "a2") == "a1"
    assert mailboxes.put("a", "a3") == "a2"
    assert len(mailboxes) == 2
    assert taken(mailboxes) == ["a3", "b1"]


def test_one_in_work_a_client() -> None:
    mailboxes = boxes()
    mailboxes.put("a", "a1")
    assert mailboxes.take() == ("a", "a1")
    assert mailboxes.put("a", "a2") is None
    assert mailboxes.put("a", "a3") == "a2"
    assert mailboxes.take() is None
    assert len(mailboxes) == 1
    assert mailboxes.done("a") is True
    assert mailboxes.take() == ("a", "a3")
    assert mailboxes.done("a") is False


def test_who_was_just_served_waits_for_the_others() -> None:
    mailboxes = boxes()
    mailboxes.put("greedy", "g1")
    assert mailboxes.take() == ("greedy", "g1")
    mailboxes.put("greedy", "g2")
    mailboxes.put("late", "l1")
    mailboxes.done("greedy")
    assert taken(mailboxes) == ["l1", "g2"]


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_flooding_clients_take_turns(workers: int, seed: int) -> None:
    """All clients always have something waiting, one puts a hundred times as often; works end in any order."""
    chance = random.Random(seed)
    mailboxes, clients = boxes(), "abcde"
    in_work: list[str] = []
    others_since_done = dict.fromkeys(clients, 0)
    served = dict.fromkeys(clients, 0)
    for _ in range(1000):
        for client in clients:
            for _ in range(100 if client == "a" else 1):
                mailboxes.put(client, client)
        while len(in_work) < workers and (pair := mailboxes.take()) is not None:
            in_work.append(pair[0])
            served[pair[0]] += 1
            assert others_since_done.pop(pair[0]) <= len(clients) - 1
            others_since_done = {client: count + 1 for client, count in others_since_done.items()}
        done = in_work.pop(chance.randrange(len(in_work)))
        others_since_done[done] = 0
        mailboxes.done(done)
    if workers == 1:
        assert max(served.values()) - min(served.values()) <= 1


def test_bound_on_what_waits() -> None:
    mailboxes = boxes(max_waiting=2)
    mailboxes.put("a", "a1")
    mailboxes.take()
    mailboxes.put("a", "a2")
    mailboxes.put("b", "b1")
    with pytest.raises(Refusal) as caught:
        mailboxes.put("c", "c1")
    assert caught.value.code == "too_many_requests"
    assert mailboxes.put("b", "b2") == "b1"  # takes a place that is its own already
    assert mailboxes.put("a", "a3") == "a2"
    mailboxes.take()
    assert mailboxes.put("c", "c1") is None


def test_remove() -> None:
    mailboxes = boxes()
    mailboxes.put("a", "a1")
    mailboxes.take()
    for item in ("a2", "b1", "c1", "d1"):
        mailboxes.put(item[0], item)
    assert sorted(mailboxes.remove(lambda item: item[0] in "ac")) == ["a2", "c1"]
    assert len(mailboxes) == 2
    assert mailboxes.done("a") is False
    assert taken(mailboxes) == ["b1", "d1"]


def test_nothing_is_kept_of_clients_that_left() -> None:
    mailboxes = boxes()
    for number in range(50):
        mailboxes.put(str(number), "x")
    taken(mailboxes)
    assert not any((mailboxes._line, mailboxes._behind, mailboxes._in_work))
