"""Runs whose verdict, or whose pictures, no test looks at: few tables are drawn, in this process, and one picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import pytest

from segmentry.report import pictures
from segmentry.selection import InnerDependence, evidence, null_curves, null_models, null_tables
from segmentry.selection.null_tables import NullTables
from segmentry.system import worker

_NOT_LOOKED_AT = InnerDependence(
    0, 1, 0.0, 0, float("inf"), float("inf")
)  # the number is that of the lowest BIC
FEW = evidence.TablesToDraw(
    tests=10, refits=5, null_tables=2, null_refits=2, most_refits=5, most_null_tables=2
)


@contextmanager
def few_tables() -> Iterator[None]:
    """Runs in here have every stage and every file; only the figures of the verdict rest on little."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evidence, "TablesToDraw", lambda: FEW)
        patch.setattr(evidence, "TABLES_OF_MANY", FEW)
        patch.setattr(evidence, "_TABLES_OF_ORDERED", FEW)
        patch.setattr(null_models, "SHAPES", null_models.SHAPES[:1])
        kept_apart = lru_cache(maxsize=1)(null_models._hardest.__wrapped__)  # the kept one is of all shapes
        patch.setattr(null_models, "_hardest", kept_apart)
        gather = NullTables.evidence
        patch.setattr(
            NullTables, "evidence", lambda tables, segments, n=0: gather(tables, segments, min(n, 3))
        )
        patch.setattr(null_tables, "measure_inner_dependence", lambda *_, **__: _NOT_LOOKED_AT)
        patch.setattr(null_curves, "N_TABLES_OF_GAINS", 3)
        for module in (null_tables, worker):
            patch.setattr(module, "can_start", lambda: False)
        yield


@contextmanager
def one_picture() -> Iterator[None]:
    """Runs in here write every picture, but all are the one that is drawn first: drawing takes a fifth of a small run."""
    first: list[bytes] = []
    draw = pictures.png_of

    def drawn_once(drawing: str) -> bytes:
        if not first:
            first.append(draw(drawing))
        return first[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "png_of", drawn_once)
        yield
