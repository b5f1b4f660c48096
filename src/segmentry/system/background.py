"""A background thread: it waits for a database while the main thread computes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class BackgroundThread:
    """A thread that does one piece of work after the other, in the order of their submission.

    A context manager: leaving it cancels work that has not begun, and waits for work that has.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have the thread call a function in the context of this call (such as its locale of numbers)."""
        context = copy_context()
        return self._pool.submit(lambda: context.run(function, *args, **kwargs))
