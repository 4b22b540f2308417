"""How often one client address may ask."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from server.web.errors import TooManyRequests


class Limiter:
    """Counts frames and requests together, by client address, in a window of one minute that moves along."""

    def __init__(self, per_minute: int) -> None:
        """per_minute: how many are let through; 0 means all."""
        self._limit = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def check(self, address: str) -> None:
        """Count one request of `address`; raises TooManyRequests where it is one too many."""
        if self._limit and not self._windows.hit(self._limit, address):
            wait = self._windows.get_window_stats(self._limit, address).reset_time - time.time()
            raise TooManyRequests(max(1, math.ceil(wait)))
