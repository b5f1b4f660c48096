"""Scores of made-up nights, and what every history of them has to hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

NAMES = ("client id", "segment", "certainty", "second_segment", "reason", "fits")
FIRST = datetime(2026, 1, 1, 3)
Scores = dict[str, tuple[Any, ...]]


def table_of(scores: Scores) -> pa.Table:
    columns = list(zip(*([key, *row] for key, row in scores.items()), strict=True))
    types = [pa.string(), pa.int32(), pa.float64(), pa.int32(), pa.string(), pa.bool_()]
    return pa.table({n: pa.array(c, t) for n, c, t in zip(NAMES, columns, types, strict=True)})


def next_night(rng: np.random.Generator, before: Scores) -> Scores:
    """Some customers leave, come back, are new, or have other scores; names hold quotes."""
    after = {key: row for key, row in before.items() if rng.random() > 0.08}
    for i in rng.integers(0, 60, 8):
        after[f"o'{i} é"] = drawn(rng)
    return after


def drawn(rng: np.random.Generator) -> tuple[Any, ...]:
    segment = int(rng.integers(1, 4))
    second = None if rng.random() < 0.2 else int(rng.integers(1, 4))
    return segment, float(rng.random()), second, "it's; so", bool(rng.integers(0, 2))


def in_utc(value: Any) -> datetime | None:
    """A time in UTC, without its zone."""
    if value is None:
        return None
    time = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time


def assert_whole(rows: list[tuple[Any, ...]], nights: list[tuple[datetime, Scores]]) -> None:
    """What counted at each night is what was scored then; so nothing is lacking, and nothing overlaps."""
    for when, scores in nights:
        then = [row for row in rows if row[6] <= when and (row[7] is None or row[7] > when)]
        assert len(then) == len(scores)
        assert {row[0]: row[1:6] for row in then} == scores
    current = [row[0] for row in rows if row[7] is None]
    assert len(current) == len(set(current))
    assert all(row[7] is None or row[6] < row[7] for row in rows)
