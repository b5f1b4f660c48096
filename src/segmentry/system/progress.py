"""The function that long work calls to say which stage it is at."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]
"""Function that takes one line of text at the start of a stage."""


def silent(_: str) -> None:
    """Report no progress."""
