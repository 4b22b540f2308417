"""An encrypted connection that one thread reads while another writes, as web sockets of the threaded server do."""

from __future__ import annotations

import errno
import select
import ssl
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


class SharedSocket(ssl.SSLSocket):
    """OpenSSL allows one thread at a time in a connection, and Python 3.11 does not see to it.

    `send` sends all it is given: simple-websocket counts on that, while a plain SSLSocket sends 16 kB, one record.
    """

    def __new__(cls, *args: Any, **options: Any) -> SharedSocket:
        new = super().__new__(cls, *args, **options)
        new._in_use, new._sending, new._patience = Lock(), Lock(), None
        return new

    _in_use: Lock
    _sending: Lock
    _patience: float | None

    def settimeout(self, value: float | None) -> None:
        self._patience = value
        super().settimeout(0)  # so that nobody waits within OpenSSL

    def gettimeout(self) -> float | None:
        return self._patience

    def do_handshake(self, block: bool = False) -> None:
        self._in_turn(super().do_handshake)

    def read(self, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002 - ssl's names
        return self._in_turn(super().read, len, buffer)

    def send(self, data: Any, flags: int = 0) -> int:
        with self._sending, memoryview(data).cast("B") as view:  # or two messages would be mixed
            sent = 0
            try:
                while sent < view.nbytes:
                    sent += self._in_turn(super().send, view[sent:], flags)
            except ConnectionResetError as fault:  # simple-websocket expects what a plain socket most often raises
                raise BrokenPipeError(errno.EPIPE, str(fault)) from fault
            return sent

    def sendall(self, data: Any, flags: int = 0) -> None:
        self.send(data, flags)

    def _real_close(self) -> None:
        # Not while OpenSSL reads or writes: the number of a closed file goes to the next connection at once.
        with self._in_use:
            super()._real_close()  # type: ignore[misc]

    def _in_turn(self, step: Callable[..., T], *args: Any) -> T:
        """Do a step that cannot wait, again and again until it is done. Raises OSError, as a plain socket does."""
        while True:
            try:
                with self._in_use:
                    return step(*args)
            except ssl.SSLWantReadError:
                wish = select.POLLIN
            except ssl.SSLWantWriteError:
                wish = select.POLLOUT
            except ssl.SSLError as fault:
                raise ConnectionResetError(errno.ECONNRESET, fault.reason) from fault
            except ValueError:
                raise OSError(errno.EBADF, "closed by another thread") from None
            self._wait(wish)

    def _wait(self, wish: int) -> None:
        poll = select.poll()
        if (number := self.fileno()) < 0:
            raise OSError(errno.EBADF, "closed by another thread")
        poll.register(number, wish)
        if not poll.poll(None if self._patience is None else self._patience * 1000):
            raise TimeoutError("timed out")
