"""Locks of files, which the system lifts when their process ends, however it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _locked(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _locked(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process of ours changes what is in a folder; Windows knows no such locks, and nobody waits there."""
    if sys.platform == "win32":
        yield
        return
    held = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def lock(file: int) -> bool:
    """Lock an open file; return false where another process has it, and true where the file system knows no locks."""
    try:
        _locked(file)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True


def is_locked(file: int) -> bool:
    """Lock an open file; return whether this process has the lock now, for certain."""
    try:
        _locked(file)
    except OSError:
        return False
    return True
