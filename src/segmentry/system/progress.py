"""How a stage of long work says what it does."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]
"""Takes one line of text at the start of a stage."""


def silent(_: str) -> None:
    """Report no progress."""
