"""Python's search for garbage, kept away from what was loaded once: it stops every thread for a tenth of a second."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

SEARCHED = 3
"""So many times everything is searched: at the end of these all modules are loaded, and little else is there."""


def keep_what_is_loaded() -> None:
    """Have a process that lives long search no more what is there after its first few searches of everything."""
    n_searched = 0

    def after(phase: str, info: Mapping[str, Any]) -> None:
        nonlocal n_searched
        if phase != "stop" or info["generation"] != 2:
            return
        n_searched += 1
        gc.freeze()
        if n_searched == SEARCHED:
            gc.callbacks.remove(after)

    gc.callbacks.append(after)


@contextmanager
def no_search() -> Iterator[None]:
    """Search for no garbage while little is made but what stays, such as modules; what is there at the end is searched no more."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
