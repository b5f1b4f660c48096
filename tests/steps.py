"""Steps of the file system, counted by Python's audit events: a test kills or fails the work at each of them."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_CHANGES = {
    "os.rename",
    "os.link",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.chmod",
    "shutil.rmtree",
    "shutil.copyfile",
}
_do: Callable[[str, str], None] | None = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _do is None:
        return
    if event in _CHANGES or (
        event == "open" and isinstance(arguments[1], str) and set("wax") & set(arguments[1])
    ):
        _do(event, str(arguments[0]))


sys.addaudithook(_hook)  # cannot be taken away again; it does nothing outside of `at_step`


@contextmanager
def at_step(number: int, act: Callable[[str, str], None]) -> Iterator[list[str]]:
    """Call `act` at one step, counted from 1, with its event and path; the list holds the steps that were seen."""
    global _do  # noqa: PLW0603 - the hook has no other memory
    seen: list[str] = []

    def count(event: str, path: str) -> None:
        seen.append(event)
        if len(seen) == number:
            act(event, path)

    before, _do = _do, count
    try:
        yield seen
    finally:
        _do = before


def kill(event: str, path: str) -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)
