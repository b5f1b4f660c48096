"""A segmentation as one SELECT that needs no segmentry, and the proof that it assigns as Python does."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from segmentry.engine import open_engine
from segmentry.errors import DataError, ModelError, nearest
from segmentry.scoring.placing import Placed, check_recipe, formula_of, place, reasons
from segmentry.segmentation import Segmentation
from segmentry.sql import MatchedTable, SourceTable
from segmentry.sql.expressions import relation
from segmentry.sql.formula import MISSING, UNSEEN, Formula
from segmentry.sql.lookup import UNITED, lookup_query
from segmentry.sql.score import Start, encoded_start, score_query

SqlForm = Literal["arithmetic", "lookup"]
EXECUTED = ("duckdb", "postgres", "sqlite", "spark")
"""Dialects whose SQL is executed in segmentry's tests, on the same rows as Python."""
WRITTEN = ("bigquery", "snowflake", "redshift", "mysql", "tsql")
"""Dialects that are written by the same rules, held by golden files, and executed nowhere."""
_ALIASES = {"postgresql": "postgres", "mssql": "tsql", "sqlserver": "tsql"}
_NOTES = {
    "tsql": ("SQL Server 2022 or later (LEAST); its = ignores spaces at the end of a text.",),
    "mysql": ("MySQL 8.0.17 or later, not MariaDB; columns of text have to be utf8mb4.",),
    "redshift": ("Redshift's = ignores spaces at the end of a text.",),
    "sqlite": (
        "SQLite 3.35 or later with its mathematical functions; its lower() changes the letters a to z alone.",
    ),
    "snowflake": ("Column names are quoted: in Snowflake they must be spelled as the table holds them.",),
}
MAX_GRID = 100_000
"""Up to this many combinations of levels, all are compared; of larger grids those observed and a sample."""
MAX_LOOKUP = 5_000
"""The most rows that a table of patterns may have."""
MAX_UNITED = 1_000
"""The same where the rows are as many SELECTs: planners of queries have their limits."""
_SAMPLE = 50_000
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Verification:
    """How many patterns SQL, executed on DuckDB, and Python place equally.

    `differing` are up to ten patterns with what each of the two says.
    """

    n_patterns: int
    n_equal: int
    is_whole_grid: bool
    differing: tuple[str, ...] = ()

    @property
    def is_equal(self) -> bool:
        """Whether all patterns are placed equally."""
        return self.n_equal == self.n_patterns

    def __str__(self) -> str:
        what = "every combination of levels" if self.is_whole_grid else "those observed, and a random sample"
        text = (
            f"{self.n_equal:,} of {self.n_patterns:,} patterns equal ({what}, with missing and unseen values)"
        )
        return "\n".join((text, *self.differing))


def to_sql(
    segmentation: Segmentation,
    dialect: str = "duckdb",
    *,
    table: str = "customers",
    form: SqlForm = "arithmetic",
    reason: bool = False,
) -> str:
    """Write the assignment as SQL; see `Segmentation.to_sql`."""
    dialect = check_dialect(dialect)
    formula = formula_of(segmentation)
    check_recipe(segmentation.recipe)
    start = encoded_start(_source(segmentation, table))
    query = _query(start, formula, form, dialect, reason=reason)
    return "\n".join((*_heading(segmentation, formula, dialect, table), query.text(dialect))) + ";\n"


def verify(segmentation: Segmentation, *, form: SqlForm = "arithmetic", seed: int = 0) -> Verification:
    """Compare SQL and Python pattern by pattern; see `Segmentation.verify`."""
    import pyarrow as pa

    formula = formula_of(segmentation)
    codes, is_whole = _patterns(segmentation, formula, seed)
    levels = tuple(f"level_{j + 1}" for j in range(codes.shape[1]))
    held = {name: pa.array(np.ascontiguousarray(codes[:, j])) for j, name in enumerate(levels)}
    engine = open_engine(pa.table({"pattern": pa.array(np.arange(len(codes))), **held}))
    try:
        start = Start((("encoded", exp.select("*").from_("data")),), "encoded", "pattern", levels)
        query = _query(start, formula, form, "duckdb", reason=True)
        found = engine.query(query).sort_by("pattern").to_pydict()
    finally:
        engine.close()
    return _compared(formula, codes, place(formula, codes), found, is_whole)


def check_dialect(dialect: str) -> str:
    """Return the dialect's name; raise DataError where it is not known."""
    name = _ALIASES.get(dialect.lower(), dialect.lower())
    known = (*EXECUTED, *WRITTEN)
    if name not in known:
        raise DataError(nearest(dialect, known), source=f"dialect {dialect!r}")
    return name


def _query(start: Start, formula: Formula, form: SqlForm, dialect: str, *, reason: bool) -> Any:
    if form == "arithmetic":
        return score_query(start, formula, dialect, reason=reason)
    if form != "lookup":
        raise DataError("must be 'arithmetic' or 'lookup'", source=f"form {form!r}")
    n_rows = np.prod([len(f.numbers) + 1.0 for f in formula.features])
    most = MAX_UNITED if dialect in UNITED else MAX_LOOKUP
    if n_rows > most:
        raise ModelError(
            f"the table of patterns would have {n_rows:,.0f} rows, and {most:,} are the most in "
            f"the dialect {dialect!r}",
            hint="take the arithmetic form",
        )
    codes = _grid([range(MISSING, len(f.numbers)) for f in formula.features])
    placed = place(formula_without_refusals(formula), codes)
    texts = reasons(formula, placed, codes)
    rows = []
    for i, pattern in enumerate(codes.tolist()):
        second = int(placed.second[i]) + 1 or None
        row = (*pattern, int(placed.segment[i]) + 1, float(placed.certainty[i]), second, int(placed.fits[i]))
        rows.append((*row, texts[i]) if reason else row)
    return lookup_query(start, formula, rows, dialect, reason=reason)


def formula_without_refusals(formula: Formula) -> Formula:
    """The formula as it places customers that the recipe would refuse."""
    from dataclasses import replace

    return replace(formula, features=tuple(replace(f, refuses=()) for f in formula.features))


def _source(segmentation: Segmentation, table: str) -> MatchedTable:
    """The table that the SQL reads, with the kinds that its columns had when the segments were made."""
    if not segmentation.kinds:
        raise ModelError(
            "the model does not know the types of the table's columns: it was made of a "
            "pattern file, or by an older segmentry",
            hint="run it on the table",
        )
    recipe = segmentation.recipe
    tables = {name: _named(name) for name in recipe.source.tables} | {"data": _named(table)}
    columns: Any = segmentation.kinds["columns"]
    kinds: Any = segmentation.kinds["features"]
    return MatchedTable(recipe, SourceTable(relation(recipe, tables), columns), kinds)


def _named(name: str) -> exp.Expr:
    parts = [exp.to_identifier(part, quoted=True) for part in name.split(".")]
    if not 1 <= len(parts) <= 3 or not all(name.split(".")):
        raise DataError("must be a name, or names joined by dots", source=f"table {name!r}")
    own, schema, catalog = (*parts[::-1], None, None)[:3]
    return exp.table_(own, db=schema, catalog=catalog)


def _heading(segmentation: Segmentation, formula: Formula, dialect: str, table: str) -> list[str]:
    status = (
        "executed in segmentry's tests on the same rows as Python"
        if dialect in EXECUTED
        else "written by tested rules, but executed nowhere: compare its counts before you rely on it"
    )
    kind = {
        "likelihood": "certainty is the posterior probability",
        "distance": "certainty is 1 - distance to the segment / distance to the next",
        "squared": "certainty is 1 - distance to the segment / distance to the next",
    }[formula.kind]
    lines = [
        f"{segmentation.recipe.title or 'Segments'}: {formula.n_segments} segments by {segmentation.method}.",
        f"Reads {table}; one row per customer, but for rows that a cleaning step drops.",
        f"{kind}; fits is false for customers unlike those who made the segments.",
        *(f"  segment {i}: {name}" for i, name in enumerate(formula.segments, 1)),
        f"Dialect {dialect}: {status}.",
        *_NOTES.get(dialect, ()),
    ]
    if any(f.refuses for f in formula.features):
        lines.append(
            "A value that the recipe calls an error makes segment, certainty and second_segment NULL."
        )
    return [
        f"-- {' '.join(line.split()) if not line.startswith('  ') else line}" for line in _one_line(lines)
    ]


def _one_line(lines: list[str]) -> list[str]:
    return [line.replace("\n", " ").replace("\r", " ") for line in lines]


def _grid(codes: list[range]) -> npt.NDArray[np.int32]:
    return np.asarray(list(itertools.product(*codes)), np.int32).reshape(-1, len(codes))


def _patterns(segmentation: Segmentation, formula: Formula, seed: int) -> tuple[npt.NDArray[np.int32], bool]:
    """All combinations of levels, missing (-1) and unseen (-2); or the observed ones and a sample."""
    ranges = [range(UNSEEN, len(f.numbers)) for f in formula.features]
    if np.prod([float(len(r)) for r in ranges]) <= MAX_GRID:
        return _grid(ranges), True
    rng = np.random.default_rng(seed)
    drawn = np.column_stack([rng.integers(r.start, r.stop, _SAMPLE) for r in ranges])
    parts = [drawn.astype(np.int32)]
    known = [range(len(f.numbers)) for f in formula.features]
    is_whole = bool(np.prod([float(len(r)) for r in known]) <= MAX_GRID)
    if is_whole:
        parts.append(_grid(known))
    if segmentation.patterns is not None:
        parts.append(np.asarray(segmentation.patterns.codes))
    return np.unique(np.concatenate(parts), axis=0), is_whole


def _compared(
    formula: Formula, codes: npt.NDArray[Any], placed: Placed, found: dict[str, list[Any]], is_whole: bool
) -> Verification:
    texts = reasons(formula, placed, codes)
    differing: list[str] = []
    n_equal = 0
    for i in range(len(codes)):
        is_placed = placed.segment[i] >= 0
        python = (
            int(placed.segment[i]) + 1 if is_placed else None,
            float(placed.certainty[i]) if is_placed else None,
            int(placed.second[i]) + 1 if placed.second[i] >= 0 else None,
            bool(placed.fits[i]),
            texts[i],
        )
        sql = tuple(found[n][i] for n in ("segment", "certainty", "second_segment", "fits", "reason"))
        if _are_equal(python, sql):
            n_equal += 1
        elif len(differing) < 10:
            differing.append(f"  pattern {codes[i].tolist()}: Python {python}, SQL {sql}")
    return Verification(len(codes), n_equal, is_whole, tuple(differing))


def _are_equal(python: tuple[Any, ...], sql: tuple[Any, ...]) -> bool:
    if python[0] is None:
        return sql[:3] == (None, None, None) and sql[3] is False
    same = (python[0], *python[2:]) == (sql[0], *sql[2:])
    return same and sql[1] is not None and abs(python[1] - sql[1]) <= _TOLERANCE
