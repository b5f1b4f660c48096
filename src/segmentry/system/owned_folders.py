"""Folders for what is not finished: each locked by the process that owns it, and cleared by the next one when that process is gone."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from segmentry.errors import UnavailableError
from segmentry.system.locks import is_locked, lock

UNFINISHED = ".segmentry-"
"""Beginning of the names of folders beside what is written."""
JOURNAL = "journal.json"
"""Name of the list of what is left to do; see `folder_swap`."""
_TEMPORARY = "segmentry-"
_OWNER = "owner"
_TOKEN = "[0-9a-f]{16}"  # noqa: S105 - a pattern
_open: set[OwnedFolder] = set()


class OwnedFolder:
    """A folder with a name of its own that is removed at the end; a context manager.

    While its process lives, a file inside is locked. So another process can tell what a killed one left, whatever number
    the system gives to processes, and also where the folder is shared by machines.
    """

    def __init__(self, parent: Path, prefix: str = UNFINISHED) -> None:
        self.path, held = _made(parent, prefix)
        self._lock: int | None = held
        self._pid = os.getpid()
        _open.add(self)

    @classmethod
    def temporary(cls) -> Self:
        """Make a folder for copies of customers' data in the system's temporary folder."""
        try:
            parent = Path(tempfile.gettempdir())
        except FileNotFoundError:
            raise UnavailableError(
                "no temporary folder can be written", hint="free space on its disk, or set TMPDIR"
            ) from None
        sweep(parent, _TEMPORARY)
        return cls(parent, _TEMPORARY)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Remove the folder with its content; one with a journal is left to the next command, which completes it."""
        _open.discard(self)
        if self._lock is None or self._pid != os.getpid():
            return
        found, self._lock = self._lock, None
        if (self.path / JOURNAL).exists():
            os.close(found)
        else:
            _remove(self.path, found)


def remove_all() -> None:
    """Remove the folders of this process that are still there, before it ends."""
    for folder in list(_open):
        with suppress(OSError):
            folder.remove()


def sweep_temporary() -> None:
    """Remove copies of customers' data that a killed process left; every command that writes does, also one that makes none."""
    with suppress(FileNotFoundError):
        sweep(Path(tempfile.gettempdir()), _TEMPORARY)


def sweep(parent: Path, prefix: str = UNFINISHED, finish: Callable[[Path], bool] | None = None) -> None:
    """Remove folders whose process is gone; `finish` is called with each before, to complete what it has begun, and may keep it.

    Only folders of this user are touched, that have the name and the lock of ours.
    """
    try:
        found = [p for p in parent.glob(f"{prefix}*") if re.fullmatch(re.escape(prefix) + _TOKEN, p.name)]
    except OSError:
        return
    for path in sorted(found):
        if _is_mine(path) and (held := _abandoned(path)) is not None:
            try:
                is_done = finish is None or finish(path)
            except BaseException:
                os.close(held)
                raise
            if is_done:
                _remove(path, held)
            else:
                os.close(held)


def _made(parent: Path, prefix: str) -> tuple[Path, int]:
    while True:
        path = parent / f"{prefix}{secrets.token_hex(8)}"
        path.mkdir(mode=0o700)
        try:
            held = os.open(path / _OWNER, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        except FileNotFoundError:  # another process took it for abandoned between these two lines
            continue
        except OSError:
            path.rmdir()
            raise
        if lock(held) and (path / _OWNER).exists():
            return path, held
        os.close(held)


def _abandoned(path: Path) -> int | None:
    """Lock a folder whose process is gone, and return the lock; None of any other folder."""
    try:
        held = os.open(path / _OWNER, os.O_RDWR)
    except OSError:
        with suppress(OSError):
            path.rmdir()  # empty where its process ended before it locked it
        return None
    if is_locked(held):
        return held
    os.close(held)
    return None


def _is_mine(path: Path) -> bool:
    if path.is_symlink() or not path.is_dir():
        return False
    with suppress(OSError):
        return not hasattr(os, "geteuid") or path.stat().st_uid == os.geteuid()
    return False


def _remove(path: Path, held: int) -> None:
    """Remove a folder, the lock last: a process that is killed on the way leaves what the next one clears."""
    with suppress(OSError):
        for item in path.iterdir():
            if item.name == _OWNER:
                continue
            if item.is_dir() and not item.is_symlink():
                shutil.rmtree(item, ignore_errors=True)
            else:
                item.unlink(missing_ok=True)
    os.close(held)  # before the file is removed, as Windows wants it
    shutil.rmtree(path, ignore_errors=True)
