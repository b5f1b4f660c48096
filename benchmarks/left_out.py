"""Features that are left out: how often one that is unrelated is called related, and one that belongs is found.

`python benchmarks/left_out.py [--tables N] [--n N] [--method M] [--process P]` tests each feature of planted tables against segments that
the others form, as the evidence does, without the rest of a run: `trust.py --section strangers` goes through whole runs. By default 20
tables of a process and method, which take a minute; `--tables 200` is the long form, 1,000 unrelated features each.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from truths.planted import N_BELONGING, STRANGERS

from segmentry.cluster import one_thread
from segmentry.patterns import FeatureLevels, PatternTable, as_codes
from segmentry.profiling.intervals import wilson_interval
from segmentry.selection.count_tables import observed_table
from segmentry.selection.left_out import leave_features_out, left_out_columns
from segmentry.selection.refits import refit_of

METHODS = ("latent-class", "k-modes", "k-means")
N_CLASSES, LEVEL = 3, 0.05


@dataclass(frozen=True)
class Counted:
    """Tests with a p-value below the level, and all tests: of unrelated features, and of those that belong."""

    false: int
    strangers: int
    true: int
    belonging: int

    def line(self) -> str:
        """Return shares with their 95 % intervals."""
        parts = []
        for found, n in ((self.false, self.strangers), (self.true, self.belonging)):
            low, high = (float(end) for end in wilson_interval(found / n, n))
            parts.append(f"{found / n:6.1%} ({low:.1%} to {high:.1%}; {found} of {n})")
        return f"unrelated called related {parts[0]}   belonging found {parts[1]}"


def pattern_table(codes: np.ndarray) -> PatternTable:
    """Count rows of level codes."""
    distinct, counts = np.unique(codes, axis=0, return_counts=True)
    features = tuple(
        FeatureLevels(f"f{j}", f"F{j}", tuple(map(str, range(int(column.max()) + 1))))
        for j, column in enumerate(codes.T)
    )
    return PatternTable(features, as_codes(distinct), counts.astype(np.int64))


def p_values(process: str, method: str, n: int, numbers: range) -> Iterator[np.ndarray]:
    """Yield the p-value of every feature, table by table."""
    for i in numbers:
        rng = np.random.default_rng([zlib.crc32(f"{process}/{n}".encode()), i])
        table = pattern_table(STRANGERS[process](rng, n).codes)
        with one_thread():
            observed, rows = observed_table(table, rng)
            columns = left_out_columns(table, table, observed, rows)
            found = leave_features_out(observed, refit_of(method, table), N_CLASSES, columns, rng)
        yield np.array([one.p_value for one in found])


def counted(p: np.ndarray) -> Counted:
    """Count tests (n_tables, n_features) below the level; the first features of a table belong."""
    is_below = p < LEVEL
    belonging, strangers = is_below[:, :N_BELONGING], is_below[:, N_BELONGING:]
    return Counted(int(strangers.sum()), strangers.size, int(belonging.sum()), belonging.size)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="number of the first table")
    parser.add_argument("--n", type=int, default=2_000)
    parser.add_argument("--method", action="append", choices=METHODS, help="may be repeated")
    parser.add_argument("--process", action="append", choices=STRANGERS, help="may be repeated")
    given = parser.parse_args(arguments)
    for process in given.process or STRANGERS:
        for method in given.method or METHODS:
            numbers = range(given.first, given.first + given.tables)
            found = counted(np.stack(list(p_values(process, method, given.n, numbers))))
            print(f"{process:8}{method:14}{found.line()}", flush=True)


if __name__ == "__main__":
    main()
