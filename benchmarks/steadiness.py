"""Whether the share of other analyses in which customers stay tells what new analyses do: `python benchmarks/steadiness.py`.

Planted tables are segmented; each customer is told the share of 30 other analyses in which the customer stays, and the same kinds of
analyses are made anew with other draws. Customers who were told about the same share are put together. `--tables 4` and `--anew 3` are
the defaults, one or two minutes; `--tables 40 --anew 10` is the long form.
"""

from __future__ import annotations

import argparse
import zlib

import numpy as np
from left_out import pattern_table
from truths.planted import INSIDE, PLANTED

from segmentry.cluster import one_thread
from segmentry.selection import N_ANALYSES, PatternSegments, fit_model
from segmentry.selection.analysis_variants import Variants
from segmentry.selection.count_tables import observed_table
from segmentry.selection.other_analyses import analyse_otherwise, labels_of, stays_in
from segmentry.selection.refits import SegmentedTable, refit_of

PROCESSES = {
    name: {**PLANTED, **INSIDE}[name] for name in ("clear-4", "clear-7", "nested", "rare", "vague", "normal")
}
EDGES = (0.0, 0.3, 0.5, 0.7, 0.8, 0.88, 0.92, 0.96, 1.01)


def told_and_new(process: str, method: str, n: int, i: int, anew: int) -> np.ndarray:
    """Return per pattern (n_patterns, 3) its customers, the share that it is told, and that of new analyses."""
    rng = np.random.default_rng([zlib.crc32(f"{process}/{n}".encode()), i])
    made = PROCESSES[process](rng, n)
    table, k = pattern_table(made.codes), made.n_classes
    model = fit_model(table, method, k, seed=i)  # type: ignore[arg-type]
    with one_thread():
        observed, rows = observed_table(table, rng)
        segments = PatternSegments.of(model, k, table.codes).at(rows)
        segmented = SegmentedTable(observed, segments.labels, k, refit_of(method, table))
        variants = [
            Variants(table, rows, segmented, method, np.random.default_rng([i, d])) for d in range(1 + anew)
        ]
        told = analyse_otherwise(variants[0], N_ANALYSES)[1]
        new = [
            stays_in(segmented, labels_of(one.chosen(N_ANALYSES), segmented)).mean(axis=0)
            for one in variants[1:]
        ]
    return np.column_stack([segmented.weights, told, np.mean(new, axis=0)])


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=4)
    parser.add_argument("--anew", type=int, default=3, help="sets of new analyses")
    parser.add_argument("--n", type=int, default=2_000)
    parser.add_argument("--method", default="latent-class")
    parser.add_argument("--process", action="append", choices=PROCESSES, help="may be repeated")
    given = parser.parse_args(arguments)
    found = []
    for process in given.process or PROCESSES:
        mine = np.concatenate(
            [told_and_new(process, given.method, given.n, i, given.anew) for i in range(given.tables)]
        )
        print(f"{process}\n{binned(mine)}", flush=True)
        found.append(mine)
    print(f"all\n{binned(np.concatenate(found))}")


def binned(rows: np.ndarray) -> str:
    """Return a line for each group of customers who are told about the same share."""
    place = np.digitize(rows[:, 1], EDGES) - 1
    lines = []
    for b in np.unique(place):
        weights, told, new = rows[place == b].T
        lines.append(
            f"  told {EDGES[b]:.2f} to {min(EDGES[b + 1], 1):.2f}: mean {np.average(told, weights=weights):.3f}, "
            f"new analyses {np.average(new, weights=weights):.3f} ({weights.sum():,.0f} customers)"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
