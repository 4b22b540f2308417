"""The state folder: the few files that outlive a restart and are nobody else's business."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from server.settings import SettingsError

T = TypeVar("T")


class StateError(SettingsError):
    """The state folder cannot be used; the message is one sentence with file, cause and cure."""


class StateFolder:
    """Files of mode 0600 in a folder of mode 0700, each replaced in one step; made when first written to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str) -> bytes | None:
        """What a file holds; None where there is none. Raises StateError."""
        try:
            return (self.path / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as fault:
            raise self.broken(name, f"cannot be read ({fault.strerror}); mend its rights") from None

    def write(self, name: str, data: bytes) -> None:
        """Put a file there, whole or not at all. Raises StateError."""
        try:
            self._make()
            # As it is made, such a file has mode 0600.
            with tempfile.NamedTemporaryFile(dir=self.path, prefix=f".{name}-", delete=False) as file:
                new = Path(file.name)
                try:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                    new.replace(self.path / name)
                except BaseException:
                    new.unlink(missing_ok=True)
                    raise
        except OSError as fault:
            raise self.broken(name, f"cannot be written ({fault.strerror}); mend the folder's rights") from None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps other processes from changing what is read and then written."""
        try:
            self._make()
            descriptor = os.open(self.path, os.O_RDONLY)
        except OSError as fault:
            raise self.broken("", f"cannot be used ({fault.strerror}); mend its rights") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def version(self, name: str) -> tuple[int, int, int] | None:
        """Another one as soon as a file was replaced; None where there is none."""
        with contextlib.suppress(OSError):
            status = (self.path / name).stat()
            return status.st_ino, status.st_mtime_ns, status.st_size
        return None

    def broken(self, name: str, why: str) -> StateError:
        """An error about a file. why: what is the matter, and the cure."""
        return StateError(f"{self.path / name}: {why}, or set MASKGATE_STATE_DIR to another folder.")

    def _make(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)


class Watched(Generic[T]):
    """A file of the state folder as it stands now: read again once it was replaced, by whatever process."""

    def __init__(self, folder: StateFolder, name: str, parse: Callable[[bytes | None], T]) -> None:
        """parse: gets None where there is no such file."""
        self._folder, self._name, self._parse = folder, name, parse
        self._read: tuple[tuple[int, int, int] | None, T] | None = None

    def __call__(self) -> T:
        """What the file says. Raises what `parse` does, and StateError."""
        version = self._folder.version(self._name)
        if self._read is None or self._read[0] != version:
            self._read = version, self._parse(self._folder.read(self._name))
        return self._read[1]
