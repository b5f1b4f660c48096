"""Pairs of columns on counts: every column cut to a few levels, one query for all pairs, formulas on that."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from segmentry.sql.audit.columns import DATA_TABLE, AuditColumn, part_of_rows

CODES = "audit_codes"
PAIRS = "audit_pairs"


@dataclass(frozen=True)
class Coded:
    """A column as levels from 1: by upper `edges` of numbers, or by `values` of text; 0 is missing."""

    column: AuditColumn
    edges: tuple[float, ...] = ()
    values: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The column of `CODES`."""
        return f"c{self.column.id}"

    def code(self) -> exp.Expr:
        """The level of a row."""
        value = self.column.value()
        ifs = [exp.If(this=value.copy().is_(exp.null()), true=exp.convert(0))]
        if self.column.kind == "text":
            for i, text in enumerate(self.values, 1):
                same = value.copy().eq(text)
                ifs.append(exp.If(this=same, true=exp.convert(i)))
            rest = len(self.values) + 1
        else:
            number = self.column.number(value)
            for i, edge in enumerate(self.edges, 1):
                below = exp.LTE(this=number.copy(), expression=exp.convert(edge))
                ifs.append(exp.If(this=below, true=exp.convert(i)))
            rest = len(self.edges) + 1
        return exp.cast(exp.Case(ifs=ifs, default=exp.convert(rest)), exp.DataType.Type.SMALLINT)


def codes_query(coded: Sequence[Coded], every: int) -> exp.Select:
    """The levels of every row, or of about one in so many rows: the table `CODES`."""
    parts = [exp.alias_(c.code(), c.name) for c in coded]
    rows, is_taken = part_of_rows(DATA_TABLE, [c.column.name for c in coded], every)
    query = exp.select(*parts).from_(rows)
    return query if is_taken is None else query.where(is_taken)


def n_coded() -> exp.Select:
    """The number of rows of `CODES`."""
    return exp.select(exp.alias_(exp.Count(this=exp.Star()), "n_rows")).from_(CODES)


def pair_counts(coded: Sequence[Coded]) -> exp.Select:
    """Rows per pair of levels of every two columns: the table `PAIRS` (a, b, x, y, n).

    In each grouping set only two codes are not null: the first of them is of column a, the last of b.
    """
    names = [c.name for c in coded]
    sets = [
        exp.Tuple(expressions=[exp.column(one), exp.column(other)])
        for one, other in itertools.combinations(names, 2)
    ]
    ids = {c.name: c.column.id for c in coded}

    def first(order: Sequence[str]) -> exp.Expr:
        ifs = [exp.If(this=exp.column(n).is_(exp.null()).not_(), true=exp.convert(ids[n])) for n in order]
        return exp.Case(ifs=ifs)

    def code(order: Sequence[str]) -> exp.Expr:
        return exp.Coalesce(this=exp.column(order[0]), expressions=[exp.column(n) for n in order[1:]])

    backwards = names[::-1]
    query = exp.select(
        exp.alias_(first(names), "a"),
        exp.alias_(first(backwards), "b"),
        exp.alias_(code(names), "x"),
        exp.alias_(code(backwards), "y"),
        exp.alias_(exp.Count(this=exp.Star()), "n"),
    ).from_(CODES)
    grouping = exp.GroupingSets(expressions=sets)
    query.set("group", exp.Group(grouping_sets=[grouping]))
    return query


# phi² is chi² / n. V is corrected for bias (Bergsma 2013), ranks are those of the middle of a level, from -0.5
# to 0.5; a correlation ratio is the share of the ranks' variance between the levels of the other column. Where one
# column has a single level, or every row one of its own, there is nothing to measure, and V is 0.
_ASSOCIATIONS = """
WITH cells AS (
  SELECT a, b, x, y, CAST(n AS DOUBLE) AS n,
    CAST(SUM(n) OVER (PARTITION BY a, b, x) AS DOUBLE) AS nx,
    CAST(SUM(n) OVER (PARTITION BY a, b, y) AS DOUBLE) AS ny,
    CAST(SUM(n) OVER (PARTITION BY a, b) AS DOUBLE) AS total,
    CAST(SUM(n) OVER (PARTITION BY a, b ORDER BY x) AS DOUBLE) AS to_x,
    CAST(SUM(n) OVER (PARTITION BY a, b ORDER BY y) AS DOUBLE) AS to_y
  FROM audit_pairs WHERE x > 0 AND y > 0
), ranked AS (
  SELECT a, b, x, y, n, nx, ny, total,
    (to_x - nx / 2) / total - 0.5 AS rx, (to_y - ny / 2) / total - 0.5 AS ry
  FROM cells
), averaged AS (
  SELECT a, b, x, y, n, nx, ny, total, rx, ry,
    SUM(n * ry) OVER (PARTITION BY a, b, x) / nx AS ry_of_x,
    SUM(n * rx) OVER (PARTITION BY a, b, y) / ny AS rx_of_y
  FROM ranked
), summed AS (
  SELECT a, b, MAX(total) AS total,
    CAST(COUNT(DISTINCT x) AS DOUBLE) AS kx, CAST(COUNT(DISTINCT y) AS DOUBLE) AS ky,
    SUM(n * n / (nx * ny)) - 1 AS phi2,
    SUM(n * rx * ry) AS sxy, SUM(n * rx * rx) AS sxx, SUM(n * ry * ry) AS syy,
    SUM(n * ry_of_x * ry_of_x) AS between_x, SUM(n * rx_of_y * rx_of_y) AS between_y
  FROM averaged GROUP BY a, b
), corrected AS (
  SELECT *,
    GREATEST(0, phi2 - (kx - 1) * (ky - 1) / NULLIF(total - 1, 0)) AS phi2_corrected,
    LEAST(kx - (kx - 1) * (kx - 1) / NULLIF(total - 1, 0), ky - (ky - 1) * (ky - 1) / NULLIF(total - 1, 0)) - 1 AS free
  FROM summed
)
SELECT a, b, CAST(total AS BIGINT) AS n, CAST(kx AS BIGINT) AS n_levels_a, CAST(ky AS BIGINT) AS n_levels_b,
  CASE WHEN free > 1e-9 THEN SQRT(LEAST(1, phi2_corrected / free)) ELSE 0 END AS cramers_v,
  sxy / NULLIF(SQRT(sxx * syy), 0) AS spearman,
  SQRT(GREATEST(0, between_x / NULLIF(syy, 0))) AS ratio_of_b,
  SQRT(GREATEST(0, between_y / NULLIF(sxx, 0))) AS ratio_of_a
FROM corrected ORDER BY a, b
"""


def associations() -> exp.Query:
    """Per pair: Cramér's V, Spearman's rank correlation, and both correlation ratios of ranks."""
    return _parsed(_ASSOCIATIONS)


_MISSING = """
WITH sides AS (
  SELECT a AS missing_id, b AS other_id, CASE WHEN x = 0 THEN 1 ELSE 0 END AS is_missing, y AS level, n
  FROM audit_pairs
  UNION ALL
  SELECT b, a, CASE WHEN y = 0 THEN 1 ELSE 0 END, x, n FROM audit_pairs
), merged AS (
  SELECT missing_id, other_id, is_missing, level, SUM(n) AS n
  FROM sides GROUP BY missing_id, other_id, is_missing, level
), together AS (
  SELECT missing_id, other_id,
    CAST(SUM(n) AS BIGINT) AS n_missing,
    CAST(SUM(CASE WHEN level = 0 THEN n ELSE 0 END) AS BIGINT) AS n_both_missing
  FROM merged WHERE is_missing = 1 GROUP BY missing_id, other_id
), cells AS (
  SELECT missing_id, other_id, is_missing, level, CAST(n AS DOUBLE) AS n,
    CAST(SUM(n) OVER (PARTITION BY missing_id, other_id, is_missing) AS DOUBLE) AS nm,
    CAST(SUM(n) OVER (PARTITION BY missing_id, other_id, level) AS DOUBLE) AS nl,
    CAST(SUM(n) OVER (PARTITION BY missing_id, other_id) AS DOUBLE) AS total
  FROM merged WHERE level > 0
), compared AS (
  SELECT missing_id, other_id,
    CAST(MAX(total) AS BIGINT) AS n_rows, COUNT(DISTINCT level) AS n_levels, SUM(n * n / (nm * nl)) - 1 AS phi2
  FROM cells GROUP BY missing_id, other_id HAVING COUNT(DISTINCT is_missing) = 2
)
SELECT together.missing_id, together.other_id, n_missing, n_both_missing,
  COALESCE(n_rows, 0) AS n_rows, COALESCE(n_levels, 0) AS n_levels, COALESCE(phi2, 0) AS phi2
FROM together LEFT JOIN compared ON together.missing_id = compared.missing_id AND together.other_id = compared.other_id
ORDER BY together.missing_id, together.other_id
"""


def missingness() -> exp.Query:
    """Per column with missing values and other column: how far being missing goes with the other's level.

    Rows in which the other is missing, too, are counted apart: they say that gaps go together, not what they go with.
    """
    return _parsed(_MISSING)


def _parsed(text: str) -> exp.Query:
    query: exp.Query = sqlglot.parse_one(text, dialect="duckdb")  # type: ignore[assignment]
    return query
