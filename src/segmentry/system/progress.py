"""How a stage of long work says what it does; in a notebook it is seen without being asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Progress = Callable[[str], None]
"""Function that takes one line of text at the start of a stage. It may raise `UnwantedError`, which ends the work there."""


class UnwantedError(Exception):
    """Nobody waits for the result of some work any more."""


def silent(_: str) -> None:
    """Report no progress."""


@contextmanager
def shown_progress(progress: Progress | None) -> Iterator[Progress]:
    """Give what reports the progress of a call: what the caller gave, else a line in a notebook, else nothing.

    The line needs no widgets; it is replaced at each stage, and empty when the work is done.
    """
    if progress is not None or not _is_notebook():
        yield progress or silent
        return
    from IPython.display import display

    def written(text: str) -> dict[str, Any]:
        return {"text/plain": text}

    handle = display(written(""), raw=True, display_id=True)
    try:
        yield lambda text: handle.update(written(text), raw=True)
    finally:
        handle.update(written(""), raw=True)


def _is_notebook() -> bool:
    """Whether this runs in a kernel: IPython is loaded there already, and nowhere loaded for this question."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None
