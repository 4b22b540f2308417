from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from server.web.unmasking import unmask

SCRIPT = """
from eventlet.websocket import RFC6455WebSocket
from server.web.unmasking import mend_eventlet, unmask
{change}
before = RFC6455WebSocket._apply_mask
print(mend_eventlet(), RFC6455WebSocket._apply_mask is unmask, RFC6455WebSocket._apply_mask is before)
"""
MEND = """
import inspect
inspect.getsource = lambda _: "def _apply_mask(): ...  # the source of tomorrow"
"""


@pytest.mark.filterwarnings("ignore:\\s*Eventlet is deprecated")
@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 64, 1001, 70_000])
def test_it_agrees_with_eventlets_own(size: int):
    from eventlet.websocket import RFC6455WebSocket

    random = np.random.default_rng(size)
    data, mask = random.bytes(size), tuple(random.bytes(4))  # as eventlet reads it from the frame
    for offset in (*range(9), 2**20 + 3):
        for length in {None, size, size // 2}:
            want = bytes(RFC6455WebSocket._apply_mask(data, mask, length, offset))
            assert unmask(data, mask, length, offset) == want, (offset, length)


def test_unmasking_twice_gives_the_data_back():
    assert unmask(unmask(b"a picture", (1, 2, 3, 4)), (1, 2, 3, 4)) == b"a picture"


@pytest.mark.parametrize(("change", "says"), [("", "True True False"), (MEND, "False False True")])
def test_only_the_slow_one_we_know_is_replaced(change: str, says: str):
    """In a program of its own: eventlet stays changed."""
    script = SCRIPT.format(change=change)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == says, done.stderr
