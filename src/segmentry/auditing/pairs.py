"""Associations of every two columns, and of missing values with other columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.session import Session
from segmentry.sql.audit import pairs as sql
from segmentry.sql.audit.columns import AuditColumn
from segmentry.sql.audit.pairs import Coded

MAX_COLUMNS = 40
PAIR_SAMPLE_ROWS = 200_000
MAX_PAIR_LEVELS = 12
_MAX_TEXT_VALUES = 1_000
_DECIMALS, _DECIMALS_OF_SQUARES = 7, 10
"""Of associations: further ones hang on the order in which a database adds."""
_DECILES = tuple(i / 10 for i in range(1, 10))

Measure = Literal["Spearman", "correlation ratio", "Cramér's V"]


@dataclass(frozen=True)
class ColumnPair:
    """Association of two columns.

    `strength` (0 to 1) is the size of `value`, which is Spearman's rank correlation of two ordered columns,
    the correlation ratio of ranks where one is text, and Cramér's V of two texts. `cramers_v` is given for
    every pair. Columns have up to 12 levels (deciles of a number, most frequent values of a text);
    `n_levels` are the numbers of those that occur in the `n` rows in which both have a value.
    """

    one: str
    other: str
    measure: Measure
    value: float
    cramers_v: float
    n: int
    n_levels: tuple[int, int]

    @property
    def strength(self) -> float:
        """Size of the association."""
        return abs(self.value)


@dataclass(frozen=True)
class MissingWith:
    """Association of missing values of `column` with the values of `other`."""

    column: str
    other: str
    n_missing: int
    n_both_missing: int
    cramers_v: float
    z: float
    """Normal score of the chi-square (Wilson & Hilferty 1931)."""


@dataclass(frozen=True)
class ColumnPairs:
    """All pairs of columns, strongest first, with the number of rows and the columns that they were measured on."""

    pairs: tuple[ColumnPair, ...]
    missing: tuple[MissingWith, ...]
    n_rows: int
    columns: tuple[str, ...]
    left_out: tuple[str, ...]


def associate_columns(
    session: Session, columns: Sequence[AuditColumn], facts: Sequence[ColumnFacts]
) -> ColumnPairs:
    """Measure every pair of columns, on a sample where the table is large."""
    usable = [(c, f) for c, f in zip(columns, facts, strict=True) if _is_usable(f)]
    left_out = tuple(f.name for _, f in usable[MAX_COLUMNS:])
    coded = [_levels_of(c, f) for c, f in usable[:MAX_COLUMNS]]
    names = tuple(c.column.name for c in coded)
    if len(coded) < 2:
        return ColumnPairs((), (), 0, names, left_out)
    n_rows = facts[0].n_rows
    every = max(1, n_rows // PAIR_SAMPLE_ROWS)
    some = f" (about one in {every} of {n_rows:,} rows, by their places)" if every > 1 else ""
    session.keep(sql.CODES, f"Each row as a level of each column{some}", sql.codes_query(coded, every))
    if every > 1:
        n_rows = session.ask("How many rows are these?", sql.n_coded())[0]["n_rows"]
    session.keep(sql.PAIRS, "How many rows has each pair of levels?", sql.pair_counts(coded))
    kinds = {c.column.id: c.column for c in coded}
    found = session.ask("Which columns go together?", sql.associations())
    pairs = sorted((_pair_of_row(row, kinds) for row in found), key=lambda p: -p.strength)
    missing: list[MissingWith] = []
    if any(f.n_missing for f in facts):
        rows = session.ask("What do missing values go with?", sql.missingness())
        missing = [_missing_with_of_row(row, kinds) for row in rows]
    return ColumnPairs(tuple(pairs), tuple(sorted(missing, key=lambda m: -m.z)), n_rows, names, left_out)


def _is_usable(f: ColumnFacts) -> bool:
    if f.kind == "other" or f.n_distinct < 1 or (f.is_constant and not f.n_missing):
        return False
    if f.kind == "text":
        return f.n_distinct <= _MAX_TEXT_VALUES and bool(f.top_values)
    return True


def _levels_of(c: AuditColumn, f: ColumnFacts) -> Coded:
    if f.kind == "text":
        n = f.n_distinct if f.n_distinct <= MAX_PAIR_LEVELS else MAX_PAIR_LEVELS - 1
        return Coded(c, values=tuple(str(value) for value, _ in f.top_values[:n]))
    if f.kind != "date" and f.n_distinct <= MAX_PAIR_LEVELS and f.top_values:
        values = sorted(float(value) for value, _ in f.top_values)
        return Coded(c, edges=tuple(_edge(v) for v in values[:-1]))
    cuts = {f.quantile(share) for share in _DECILES}
    return Coded(c, edges=tuple(_edge(v) for v in sorted(cuts) if math.isfinite(v) and v < _maximum(f)))


def _maximum(f: ColumnFacts) -> float:
    return float(f.maximum) if f.kind == "number" and f.maximum is not None else math.inf


def _edge(number: float) -> float:
    return int(number) if float(number).is_integer() else number


def _pair_of_row(row: Mapping[str, Any], kinds: Mapping[int, AuditColumn]) -> ColumnPair:
    one, other = kinds[row["a"]], kinds[row["b"]]
    v = row["cramers_v"] or 0.0
    measure: Measure
    if one.kind == "text" and other.kind == "text":
        measure, value = "Cramér's V", v
    elif one.kind == "text":
        measure, value = "correlation ratio", row["ratio_of_b"] or 0.0
    elif other.kind == "text":
        measure, value = "correlation ratio", row["ratio_of_a"] or 0.0
    else:
        measure, value = "Spearman", row["spearman"] or 0.0
    levels = int(row["n_levels_a"]), int(row["n_levels_b"])
    value, v = (round(float(found), _DECIMALS) + 0.0 for found in (value, v))  # no negative zero
    return ColumnPair(one.name, other.name, measure, value, v, int(row["n"]), levels)


def _missing_with_of_row(row: Mapping[str, Any], kinds: Mapping[int, AuditColumn]) -> MissingWith:
    free = max(1, row["n_levels"] - 1)
    spread = 2 / (9 * free)
    square = max(0.0, round(float(row["phi2"]), _DECIMALS_OF_SQUARES))
    chi = square * row["n_rows"]
    z = ((chi / free) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    return MissingWith(
        kinds[row["missing_id"]].name,
        kinds[row["other_id"]].name,
        row["n_missing"],
        row["n_both_missing"],
        math.sqrt(square),
        z,
    )
