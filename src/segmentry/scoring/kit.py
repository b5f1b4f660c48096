"""A verification kit: one query that a database without segmentry's tests runs, and that returns no row where all is equal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlglot import exp

from segmentry.arrays import LevelCodes
from segmentry.scoring.placing import formula_of, place_patterns
from segmentry.scoring.statement import SqlForm, assignment_query, check_dialect
from segmentry.scoring.verification import patterns_to_compare
from segmentry.segmentation import Segmentation
from segmentry.sql import Query
from segmentry.sql.formula import Formula
from segmentry.sql.lookup import constant_rows
from segmentry.sql.score import Start
from segmentry.sql.sums import double
from segmentry.sql.table import column

MAX_PATTERNS = 1_000
"""Largest number of patterns of a kit: each is a line of constants, and some databases limit the length of a statement."""
_FEWER = {"clickhouse": 200}
"""The same where it is another: ClickHouse ends a query whose plan has too many parts, and each pattern is one."""
_TOLERANCE = 1e-9
_RESULTS = ("expected_segment", "expected_second", "expected_certainty", "expected_fits")


@dataclass(frozen=True)
class Kit:
    """A query that returns the patterns which a database assigns otherwise than Python, how many it asks of, and what is to be said."""

    query: Query
    n_patterns: int
    heading: tuple[str, ...]


def verification_kit(segmentation: Segmentation, dialect: str, *, form: SqlForm = "arithmetic") -> str:
    """Write a kit as SQL.

    Raises
    ------
    DataError, ModelError
        As `to_sql`.
    """
    dialect = check_dialect(dialect)
    kit = make_kit(segmentation, dialect, form)
    return "\n".join((*kit.heading, kit.query.text(dialect))) + ";\n"


def make_kit(segmentation: Segmentation, dialect: str, form: SqlForm) -> Kit:
    """Make the query that assigns patterns in a database, and returns those that it assigns otherwise than Python."""
    formula = formula_of(segmentation)
    most = _FEWER.get(dialect, MAX_PATTERNS)
    codes, is_whole = _few(*patterns_to_compare(segmentation, formula), most)
    levels = tuple(f"level_{j + 1}" for j in range(codes.shape[1]))
    expected = constant_rows(("pattern", *levels, *_RESULTS), _expected(formula, codes), dialect)
    encoded = exp.select(column("pattern"), *(column(n) for n in levels)).from_(_named("expected"))
    start = Start((("expected", expected), ("encoded", encoded)), "encoded", "pattern", levels)
    assigned = assignment_query(start, formula, form, dialect, reason=False).expression
    query = Query("Patterns that are assigned otherwise than in Python", _differing(assigned))
    return Kit(query, len(codes), tuple(_heading(segmentation, dialect, codes, is_whole)))


def _few(codes: LevelCodes, is_whole: bool, most: int) -> tuple[LevelCodes, bool]:
    if len(codes) <= most:
        return codes, is_whole
    chosen = np.random.default_rng(0).choice(len(codes), most, replace=False)
    return codes[np.sort(chosen)], False


def _expected(formula: Formula, codes: LevelCodes) -> list[tuple[object, ...]]:
    placed = place_patterns(formula, codes)
    rows: list[tuple[object, ...]] = []
    for i, pattern in enumerate(codes.tolist()):
        is_placed = placed.segment[i] >= 0
        certainty = float(placed.certainty[i]) if is_placed else -1.0
        numbers = int(placed.segment[i]) + 1, int(placed.second[i]) + 1 if is_placed else 0
        rows.append((i + 1, *pattern, *numbers, certainty, int(placed.fits[i])))
    return rows


def _named(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)


def _differing(assigned: exp.Query) -> exp.Query:
    """Select the expected patterns whose assignment is another, with both; the query of the assignment becomes a part of it."""
    body, ctes = assigned, list(assigned.ctes)
    with_key = next(key for key, value in body.args.items() if isinstance(value, exp.With))
    body.set(with_key, None)

    def found(name: str) -> exp.Column:
        return exp.column(name, table="found", quoted=True)

    def expected(name: str) -> exp.Column:
        return exp.column(name, table="expected", quoted=True)

    segment = exp.Coalesce(this=found("segment"), expressions=[exp.convert(0)])
    second = exp.Coalesce(this=found("second_segment"), expressions=[exp.convert(0)])
    certainty = exp.Coalesce(this=found("certainty"), expressions=[double(-1.0)])
    apart = exp.Abs(this=exp.Sub(this=certainty, expression=expected("expected_certainty")))
    differs = exp.or_(
        found("pattern").is_(exp.null()),
        segment.neq(expected("expected_segment")),
        second.neq(expected("expected_second")),
        exp.GT(this=apart, expression=double(_TOLERANCE)),
        exp.and_(found("fits"), expected("expected_fits").eq(0)),
        exp.and_(exp.not_(exp.paren(found("fits"))), expected("expected_fits").eq(1)),
    )
    shown = [expected("pattern"), *(expected(n) for n in _RESULTS)]
    shown += [found(n) for n in ("segment", "second_segment", "certainty", "fits")]
    on = expected("pattern").eq(found("pattern"))
    query = (
        exp.select(*shown)
        .from_(_named("expected"))
        .join(_named("found"), on=on, join_type="left")
        .where(differs)
    )
    found_cte = exp.CTE(this=body, alias=exp.TableAlias(this=_named("found")))
    query.set(with_key, exp.With(expressions=[*ctes, found_cte]))
    return query


def _heading(segmentation: Segmentation, dialect: str, codes: LevelCodes, is_whole: bool) -> list[str]:
    title = " ".join((segmentation.recipe.title or "Segments").split())
    what = (
        "every combination of levels"
        if is_whole
        else "of all combinations, those observed and a random sample"
    )
    return [
        f"-- Verification of {title}: {len(segmentation.segments)} segments by {segmentation.method}.",
        f"-- {len(codes):,} patterns ({what}, with missing and unseen values), with what Python assigns.",
        "-- No row: this database assigns all of them alike. Each row is a pattern that it assigns otherwise.",
        f"-- Dialect {dialect}; reads no table. It checks the sums and their ranks, and not how your columns become levels.",
    ]
