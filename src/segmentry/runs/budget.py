"""What a run will take, estimated before it begins: said where it is long, refused where it is very long unless the caller says otherwise.

It is estimated twice: before a large table is collected, from a sample of its customers, and before anything is fitted, from the patterns.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

from segmentry.collecting.collection import Expect
from segmentry.collecting.finding import read_values
from segmentry.collecting.fine_levels import estimate_patterns
from segmentry.collecting.tabulation import MAX_LEVELS
from segmentry.engine import Engine
from segmentry.errors import DataError
from segmentry.patterns import PatternTable
from segmentry.recipe import Feature
from segmentry.recipe.levels import is_resolved, level_labels
from segmentry.selection.fits import CLASS_STARTS, CLASS_STARTS_OF_MANY, MANY_PATTERNS
from segmentry.sql import MatchedTable
from segmentry.sql.values import customers_query
from segmentry.system.progress import Progress

LONG, TOO_LONG = 60.0, 600.0
"""Seconds from which the estimate is said, and from which the work is refused."""
_SECONDS = 8e-8
"""For a pattern, feature, segment and start: a million patterns of 20 features, 6 classes and one start take 4 s, and tests of the
segments as long again."""
_STATE, _SUMS = 6, 9
"""Numbers that a fit holds of each pattern and segment, and that a table holds of each pattern and outcome."""
_MOST_ROWS = 10**15
"""More rows than any table has; the combinations of many levels exceed what a float can hold."""
_OF_THE_MACHINE = 0.75
_ADVICE = (
    "let the recipe make fewer levels or take fewer features, ask for fewer numbers of segments with [model] range, or run it as it is "
    "with --however-long (in Python however_long=True)"
)


@dataclass(frozen=True)
class Size:
    """The size of a pattern table, which alone decides what fitting takes."""

    n_patterns: int
    n_features: int
    n_outcomes: int

    @classmethod
    def of(cls, patterns: PatternTable) -> Size:
        """The size of a table."""
        return cls(patterns.n_patterns, len(patterns.features), len(patterns.outcomes))

    def __str__(self) -> str:
        """Patterns and features, for a sentence."""
        return f"{self.n_patterns:,} patterns of {self.n_features:,} features"


def check_budget(size: Size, tried: Sequence[int], say: Progress, *, however_long: bool = False) -> None:
    """Say what fitting will take, where it is long.

    Parameters
    ----------
    size
        Size of the pattern table.
    tried
        Numbers of segments to try.
    say
        Function that is called with the estimate.
    however_long
        Whether what takes very long, or much memory, is said and done.

    Raises
    ------
    DataError
        It would take more than ten minutes, or more memory than the machine has; the text says how much.
    """
    memory, of_machine = bytes_of(size, max(tried)), _memory()
    if not however_long and of_machine and memory > _OF_THE_MACHINE * of_machine:
        raise DataError(
            f"{size} and {size.n_outcomes:,} outcomes take about {memory / 1e9:,.0f} GB of memory, and the machine has "
            f"{of_machine / 1e9:,.0f}",
            hint=_ADVICE,
        )
    seconds = seconds_of(size, tried)
    if not however_long and seconds > TOO_LONG:
        raise DataError(f"{size} take about {seconds / 60:,.0f} minutes to fit", hint=_ADVICE)
    if seconds > LONG:
        say(f"Fitting {size}, which takes about {seconds / 60:,.0f} min")


def expectation(tried: Sequence[int]) -> Expect:
    """Return what refuses a table before it is collected, where its patterns would take more than `check_budget` allows.

    A table is sampled where it has so many customers, and the recipe so many combinations of levels, that there could be too many patterns.
    """

    def expect(engine: Engine, matched: MatchedTable) -> None:
        features = matched.recipe.features
        n_outcomes = len(matched.recipe.outcome_columns)
        combinations = min(math.prod(map(_n_codes, features)), _MOST_ROWS)
        if not _is_too_much(Size(combinations, len(features), n_outcomes), tried):
            return
        n_customers = int(engine.query(customers_query(matched)).column(0)[0].as_py())
        if not _is_too_much(Size(min(n_customers, combinations), len(features), n_outcomes), tried):
            return
        n_patterns = estimate_patterns(matched.recipe, read_values(engine, matched))
        check_budget(Size(n_patterns, len(features), n_outcomes), tried, _silent)

    return expect


def _n_codes(feature: Feature) -> int:
    """How many codes a feature has at most: its levels, and one of missing values."""
    return 1 + (len(level_labels(feature)) if is_resolved(feature) else MAX_LEVELS)


def _silent(_: str) -> None:
    """What is only estimated is said when it is known."""


def _is_too_much(size: Size, tried: Sequence[int]) -> bool:
    try:
        check_budget(size, tried, _silent)
    except DataError:
        return True
    return False


def seconds_of(size: Size, tried: Sequence[int]) -> float:
    """Estimate how long it takes to fit and test each number of segments, on a machine of two processors."""
    n_starts = CLASS_STARTS if size.n_patterns <= MANY_PATTERNS else CLASS_STARTS_OF_MANY
    return size.n_patterns * size.n_features * sum(tried) * n_starts * _SECONDS


def bytes_of(size: Size, k: int) -> float:
    """Estimate the memory that the table and the largest fit take."""
    numbers = size.n_features + _STATE * k + _SUMS * size.n_outcomes
    return 8.0 * size.n_patterns * numbers


def _memory() -> int:
    """Bytes of the machine's memory; 0 where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0
