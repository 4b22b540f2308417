"""Where frames wait: a slot of one a client, newest wins, clients take turns. No threads in here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from server.vision.messages import Refusal

Item = TypeVar("Item")


class Mailboxes(Generic[Item]):
    """One slot a client, and whose turn it is; the caller holds a lock around every call.

    A client is in work from `take` to `done`. Its next item waits behind until then and joins the end of the
    line only at `done`: so every client that waits is served once before any other is served twice.

    max_waiting: how many items of all clients together may wait.
    """

    def __init__(self, max_waiting: int) -> None:
        self._max_waiting = max_waiting
        self._line: OrderedDict[str, Item] = OrderedDict()
        self._behind: dict[str, Item] = {}
        self._in_work: set[str] = set()

    def __len__(self) -> int:
        """How many items wait."""
        return len(self._line) + len(self._behind)

    def put(self, client: str, item: Item) -> Item | None:
        """Let an item wait; returns the client's older one if that is overtaken. The place in the line stays.

        Raises Refusal `too_many_requests` where too many wait already.
        """
        slots = self._behind if client in self._in_work else self._line
        overtaken = slots.get(client)
        if overtaken is None and len(self) >= self._max_waiting:
            raise Refusal(
                "too_many_requests",
                f"{len(self)} frames wait already, the most that are allowed; send again later.",
            )
        slots[client] = item
        return overtaken

    def take(self) -> tuple[str, Item] | None:
        """The client whose turn it is, now in work, and its item; None where nothing can be taken."""
        if not self._line:
            return None
        client, item = self._line.popitem(last=False)
        self._in_work.add(client)
        return client, item

    def done(self, client: str) -> bool:
        """A client's item left work; returns whether another of its items can be taken now."""
        self._in_work.discard(client)
        if client not in self._behind:
            return False
        self._line[client] = self._behind.pop(client)
        return True

    def remove(self, unwanted: Callable[[Item], bool]) -> list[Item]:
        """Take out all waiting items that are `unwanted`, in no order; what is in work stays."""
        removed = []
        for slots in (self._line, self._behind):
            for client in [client for client, item in slots.items() if unwanted(item)]:
                removed.append(slots.pop(client))
        return removed
