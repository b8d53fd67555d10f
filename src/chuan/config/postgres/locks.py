"""Locks the kernel lets go of by itself when their holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class Lock:
    """One open lock file. Not shared with child processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def share(self) -> None:
        fcntl.flock(self._open(), fcntl.LOCK_SH)

    def try_alone(self) -> bool:
        """Take the lock for oneself alone, if nobody else holds it in any way."""
        try:
            fcntl.flock(self._open(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def wait_alone(self, *, waiting: Callable[[], None], patience: float = 2.0) -> None:
        """Take the lock for oneself alone; call `waiting` once when that takes long."""
        started, told = time.monotonic(), False
        while not self.try_alone():
            if not told and time.monotonic() - started > patience:
                waiting()
                told = True
            time.sleep(0.05)

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def write(self, text: str) -> None:
        """Leave a note for those who find the lock taken."""
        fd = self._open()
        os.ftruncate(fd, 0)
        os.pwrite(fd, text.encode(), 0)

    def read(self) -> str:
        return self._path.read_text() if self._path.exists() else ""

    def _open(self) -> int:
        if self._fd is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        return self._fd


@contextmanager
def alone(path: Path, *, waiting: Callable[[], None]) -> Iterator[None]:
    lock = Lock(path)
    lock.wait_alone(waiting=waiting)
    try:
        yield
    finally:
        lock.release()
