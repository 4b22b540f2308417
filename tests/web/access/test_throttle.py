from __future__ import annotations

import time

import pytest

from server.web.access.throttle import Throttle
from server.web.errors import TooManyRequests
from tests.web.test_limiter import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    return clock


def attempts(throttle: Throttle, address: str, most: int = 1_000) -> int:
    """How many attempts are let through before one is too many."""
    for done in range(most):
        try:
            throttle.check(address)
        except TooManyRequests:
            return done
    return most


def test_an_address_has_ten_attempts_a_minute_and_fifty_an_hour(clock: Clock):
    throttle, done = Throttle(), []
    for _ in range(8):
        done.append(attempts(throttle, "203.0.113.9"))
        clock.now += 61
    assert done == [10, 10, 10, 10, 10, 0, 0, 0]
    with pytest.raises(TooManyRequests) as caught:
        throttle.check("203.0.113.9")
    assert 3_600 - 8 * 61 - 1 <= caught.value.retry_after <= 3_600 - 8 * 61 + 1
    clock.now += 3_600
    assert attempts(throttle, "203.0.113.9") == 10


def test_all_addresses_together_have_sixty_a_minute(clock: Clock):
    throttle = Throttle()
    assert [attempts(throttle, f"203.0.113.{number}") for number in range(8)] == [10] * 6 + [0, 0]
    clock.now += 61
    throttle.check("203.0.113.200")


def test_a_refused_attempt_does_not_count(clock: Clock):
    """Whoever knocks on a closed door does not keep it closed, neither for themselves nor for others."""
    throttle = Throttle()
    attempts(throttle, "203.0.113.9")
    for _ in range(200):
        with pytest.raises(TooManyRequests):
            throttle.check("203.0.113.9")
    throttle.check("203.0.113.10")
    clock.now += 61
    throttle.check("203.0.113.9")


def test_who_got_it_right_is_forgiven(clock: Clock):
    throttle = Throttle()
    attempts(throttle, "203.0.113.9")
    throttle.forgive("203.0.113.9")
    assert attempts(throttle, "203.0.113.9") == 10


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("203.0.113.9", "::ffff:203.0.113.9", True),
        ("203.0.113.9", "203.0.113.10", False),
        ("fe80::1%eth0", "fe80::1", True),
        ("", "203.0.113.9", False),
    ],
)
def test_of_ipv6_a_whole_network_is_one_address(clock: Clock, one: str, other: str, same: bool):
    throttle = Throttle()
    attempts(throttle, one)
    assert attempts(throttle, other) == (0 if same else 10)
