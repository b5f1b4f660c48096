"""One thread for linear algebra: a second one costs more in waiting than it saves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

_lock = Lock()
_limits: list[Any] = []
"""One entry for every fit that runs: the first lifts the limit when the last one ends."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep the linear algebra of this process on one thread.

    On a busy machine the threads of a product wait for each other: 879 products of 8 x 425 by 425 x 640
    took 11 s instead of 0.4 s with two threads on two busy cores, latent classes of a million patterns
    122 s instead of 23 s. One thread also adds up in one order, whatever the number of cores.
    """
    with _lock:
        _limits.append(_limits[0] if _limits else _libraries().limit(limits=1, user_api="blas"))
    try:
        yield
    finally:
        with _lock:
            limit = _limits.pop()
            if not _limits:
                limit.restore_original_limits()


@cache
def _libraries() -> Any:
    """Return the libraries of linear algebra that are loaded; finding them takes some milliseconds, once."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
