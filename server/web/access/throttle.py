"""How often somebody may try a password."""

from __future__ import annotations

import math
import time
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from server.web.errors import TooManyRequests

EACH: tuple[RateLimitItem, ...] = (RateLimitItemPerMinute(10), RateLimitItemPerHour(50))
"""Of one address."""
ALL = RateLimitItemPerMinute(60)
"""Of all addresses together: somebody who has many guesses no faster."""

_NETWORK = 2**64


class Throttle:
    """Counts attempts by client address, and all together."""

    def __init__(self) -> None:
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def check(self, address: str) -> None:
        """Count an attempt from `address`; raises TooManyRequests, and counts nothing, where it is one too many."""
        limits = [(limit, "sign-in", _network(address)) for limit in EACH] + [(ALL, "sign-in", "all")]
        now = time.time()
        waits = [
            self._windows.get_window_stats(limit, *names).reset_time - now
            for limit, *names in limits
            if not self._windows.test(limit, *names)
        ]
        if waits:
            raise TooManyRequests(max(1, math.ceil(max(waits))))
        for limit, *names in limits:
            self._windows.hit(limit, *names)

    def forgive(self, address: str) -> None:
        """Forget the attempts of an address that got it right."""
        for limit in EACH:
            self._windows.clear(limit, "sign-in", _network(address))


def _network(address: str) -> str:
    """What one household or machine has: of IPv6 it is a whole /64."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or IPv6Address(int(known) // _NETWORK * _NETWORK))
    return str(known)
