"""Progress lines: what is being done, and for how long."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from segmentry.errors import IdWarning
from segmentry.text.one_line import printable

SECONDS_BETWEEN = 2.0
"""Smallest number of seconds between two lines of a log."""


@contextmanager
def warned_in_words() -> Iterator[None]:
    """Suppress Python's warnings about ids, because the command prints the same when it is done."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IdWarning)
        yield


class ProgressLine:
    """A line in the terminal that says what is being done and for how long.

    Parameters
    ----------
    lines
        Whether the beginning of a stage is written as a line where the output is not a terminal, at most one in
        `SECONDS_BETWEEN` seconds, so that the log of a long job shows that it goes on.
    """

    def __init__(self, *, lines: bool = False) -> None:
        self._lines = lines
        self._bar: Any = None

    def __enter__(self) -> Callable[[str], None]:
        if not sys.stderr.isatty():
            return _in_lines() if self._lines else lambda _: None
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._bar.start()
        task = self._bar.add_task("Starting", total=None)
        return lambda text: self._bar.update(task, description=printable(text))

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def _in_lines() -> Callable[[str], None]:
    started = time.monotonic()
    last = started - SECONDS_BETWEEN

    def say(text: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN:
            last = now
            print(f"{now - started:.0f} s: {printable(text)}", file=sys.stderr, flush=True)  # noqa: T201

    return say
