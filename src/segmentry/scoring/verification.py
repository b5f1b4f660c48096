"""Verification: the SQL of an assignment and Python compared on every pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from segmentry.arrays import LevelCodes
from segmentry.engine import open_engine
from segmentry.scoring.placing import Placed, formula_of, place_patterns, write_reasons
from segmentry.scoring.statement import SqlForm, all_combinations, assignment_query
from segmentry.segmentation import Segmentation
from segmentry.sql.formula import UNSEEN, Formula
from segmentry.sql.score import Start

MAX_GRID = 100_000
"""Largest number of combinations of levels that are all compared; of larger grids those observed and a sample are."""
_SAMPLE = 50_000
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Verification:
    """Comparison of the SQL, executed on DuckDB, and Python.

    Attributes
    ----------
    n_patterns, n_equal
        Compared patterns, and those that both assign equally.
    is_whole_grid
        Whether all combinations of levels were compared.
    differing
        Up to ten patterns that are assigned differently, with both results.
    """

    n_patterns: int
    n_equal: int
    is_whole_grid: bool
    differing: tuple[str, ...] = ()

    @property
    def is_equal(self) -> bool:
        """Whether all patterns are assigned equally."""
        return self.n_equal == self.n_patterns

    def __str__(self) -> str:
        what = "every combination of levels" if self.is_whole_grid else "those observed, and a random sample"
        text = (
            f"{self.n_equal:,} of {self.n_patterns:,} patterns equal ({what}, with missing and unseen values)"
        )
        return "\n".join((text, *self.differing))


def verify(segmentation: Segmentation, *, form: SqlForm = "arithmetic") -> Verification:
    """Compare SQL and Python pattern by pattern; see `Segmentation.verify`."""
    import pyarrow as pa

    formula = formula_of(segmentation)
    codes, is_whole = patterns_to_compare(segmentation, formula)
    levels = tuple(f"level_{j + 1}" for j in range(codes.shape[1]))
    held = {name: pa.array(np.ascontiguousarray(codes[:, j])) for j, name in enumerate(levels)}
    engine = open_engine(pa.table({"pattern": pa.array(np.arange(len(codes))), **held}))
    try:
        start = Start((("encoded", exp.select("*").from_("data")),), "encoded", "pattern", levels)
        query = assignment_query(start, formula, form, "duckdb", reason=True)
        found = engine.query(query).sort_by("pattern").to_pydict()
    finally:
        engine.close()
    return _compare(formula, codes, place_patterns(formula, codes), found, is_whole)


def patterns_to_compare(segmentation: Segmentation, formula: Formula) -> tuple[LevelCodes, bool]:
    """All combinations of levels, missing (-1) and unseen (-2); or those observed and a sample."""
    ranges = [range(UNSEEN, len(f.numbers)) for f in formula.features]
    if np.prod([float(len(r)) for r in ranges]) <= MAX_GRID:
        return all_combinations(ranges), True
    rng = np.random.default_rng(0)
    drawn = np.column_stack([rng.integers(r.start, r.stop, _SAMPLE) for r in ranges])
    parts = [drawn.astype(np.int32)]
    known = [range(len(f.numbers)) for f in formula.features]
    is_whole = bool(np.prod([float(len(r)) for r in known]) <= MAX_GRID)
    if is_whole:
        parts.append(all_combinations(known))
    patterns = segmentation.patterns  # of a loaded one, those of the levels that are shown
    if patterns is not None and [len(f.levels) for f in patterns.features] == [len(r) for r in known]:
        parts.append(np.asarray(patterns.codes))
    return np.unique(np.concatenate(parts), axis=0), is_whole


def _compare(
    formula: Formula, codes: npt.NDArray[Any], placed: Placed, found: dict[str, list[Any]], is_whole: bool
) -> Verification:
    texts = write_reasons(formula, placed, codes)
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
