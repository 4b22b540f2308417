from __future__ import annotations

import time

import pytest

from server.web.errors import TooManyRequests
from server.web.limiter import Limiter


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    return clock


def test_zero_lets_all_through():
    limiter = Limiter(0)
    for _ in range(1000):
        limiter.check("127.0.0.1")


def test_each_address_has_its_own_window_of_a_minute_that_moves_along(clock: Clock):
    limiter = Limiter(2)
    limiter.check("a")
    clock.now += 40
    limiter.check("a")
    with pytest.raises(TooManyRequests) as caught:
        limiter.check("a")
    assert caught.value.retry_after == 20
    assert "try again in 20 s" in caught.value.message
    limiter.check("b")
    clock.now += 20.5  # the first of a's is older than a minute, the second is not
    limiter.check("a")
    with pytest.raises(TooManyRequests):
        limiter.check("a")


def test_a_wait_is_never_given_as_zero(clock: Clock):
    limiter = Limiter(1)
    limiter.check("a")
    clock.now += 59.99
    with pytest.raises(TooManyRequests) as caught:
        limiter.check("a")
    assert caught.value.retry_after == 1
