"""What fitting will take, estimated from the size of the pattern table before it begins: said where it is long, refused where it is very long."""

from __future__ import annotations

import os
from collections.abc import Sequence

from segmentry.errors import DataError
from segmentry.patterns import PatternTable
from segmentry.selection.fits import CLASS_STARTS, CLASS_STARTS_OF_MANY, MANY_PATTERNS
from segmentry.system.progress import Progress

LONG, TOO_LONG = 60.0, 1_800.0
"""Seconds from which the estimate is said, and from which the work is refused."""
_SECONDS = 8e-8
"""For a pattern, feature, segment and start: a million patterns of 20 features, 6 classes and one start take 4 s, and tests of the
segments as long again."""
_STATE, _SUMS = 6, 9
"""Numbers that a fit holds of each pattern and segment, and that a table holds of each pattern and outcome."""
_OF_THE_MACHINE = 0.75
_ADVICE = "let the recipe make fewer levels or take fewer features, or ask for fewer numbers of segments with [model] range"


def check_budget(patterns: PatternTable, tried: Sequence[int], say: Progress) -> None:
    """Say what fitting will take, where it is long.

    Parameters
    ----------
    patterns
        Pattern table, whose size alone matters.
    tried
        Numbers of segments to try.
    say
        Function that is called with the estimate.

    Raises
    ------
    DataError
        It would take more than half an hour, or more memory than the machine has; the text says how much.
    """
    n, n_features = patterns.n_patterns, len(patterns.features)
    size = f"{n:,} patterns of {n_features:,} features"
    memory, of_machine = bytes_of(patterns, max(tried)), _memory()
    if of_machine and memory > _OF_THE_MACHINE * of_machine:
        raise DataError(
            f"{size} and {len(patterns.outcomes):,} outcomes take about {memory / 1e9:,.0f} GB of memory, and the machine has "
            f"{of_machine / 1e9:,.0f}",
            hint=_ADVICE,
        )
    seconds = seconds_of(patterns, tried)
    if seconds > TOO_LONG:
        raise DataError(f"{size} take about {seconds / 60:,.0f} minutes to fit", hint=_ADVICE)
    if seconds > LONG:
        say(f"Fitting {size}, which takes about {seconds / 60:,.0f} min")


def seconds_of(patterns: PatternTable, tried: Sequence[int]) -> float:
    """Estimate how long it takes to fit and test each number of segments, on a machine of two processors."""
    n_starts = CLASS_STARTS if patterns.n_patterns <= MANY_PATTERNS else CLASS_STARTS_OF_MANY
    return patterns.n_patterns * len(patterns.features) * sum(tried) * n_starts * _SECONDS


def bytes_of(patterns: PatternTable, k: int) -> float:
    """Estimate the memory that the table and the largest fit take."""
    numbers = len(patterns.features) + _STATE * k + _SUMS * len(patterns.outcomes)
    return 8.0 * patterns.n_patterns * numbers


def _memory() -> int:
    """Bytes of the machine's memory; 0 where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0
