"""Generated customers with a known truth, and the bundled recipes (``recipes/*.toml``).

Nothing heavy is imported until it is used.

Examples
--------
>>> from segmentry.datasets import PLANTED, sample_households
>>> [segment.name for segment in PLANTED.segments][:2]
['families at the middle', 'young starters']
>>> sample_households(rows=3).shape
(3, 29)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segmentry.datasets.dirt import DIRT, TWIN_SHARE
    from segmentry.datasets.households import sample_households, write_sample
    from segmentry.datasets.planted import PLANTED

__all__ = ["write_sample", "sample_households", "PLANTED", "DIRT", "TWIN_SHARE"]

_HOMES = {
    "write_sample": "households",
    "sample_households": "households",
    "PLANTED": "planted",
    "DIRT": "dirt",
    "TWIN_SHARE": "dirt",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
