"""One thread for many small products: a second one costs more in waiting than it saves."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

_SMALL = 50_000


def one_thread(n_patterns: int) -> AbstractContextManager[object]:
    """Keep linear algebra on one thread while a small table is searched.

    On a busy machine the threads of a small product wait for each other: 879 products of 8 x 425 by
    425 x 640 took 11 s instead of 0.4 s with two threads on two busy cores.
    """
    if n_patterns > _SMALL:
        return nullcontext()
    from threadpoolctl import threadpool_limits

    limit: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limit
