"""Stability beside that of refits with many full starts, and the verdict of several seeds: `python benchmarks/steady_verdicts.py`.

Tables of eight to ten unequal classes, 20,000 customers. Segments are fitted once; the evidence is gathered with each seed, and the segments are
refitted to redrawn tables by `LatentClass` with 50 full starts. The small form is one table, three seeds and four redraws; the long one
`--tables 50 --seeds 5 --redraws 20`. `trust.py --section stability` goes through whole runs.
"""

from __future__ import annotations

import argparse
import zlib

import numpy as np
from left_out import pattern_table
from truths.planted import UNEQUAL
from truths.readings import partners

from segmentry.cluster import LatentClassModel
from segmentry.patterns import PatternTable
from segmentry.selection import PatternSegments, fit_model, gather_evidence, judge_evidence


def reached(table: PatternTable, segments: PatternSegments, starts: int, redraws: int, seed: int) -> float:
    """Return the mean Jaccard similarity of the least stable segment, by refits with many full starts."""
    rng, counts = np.random.default_rng([seed, 1]), np.asarray(table.counts)
    codes, scores = np.asarray(table.codes), []
    for _ in range(redraws):
        drawn = rng.multinomial(counts.sum(), counts / counts.sum())
        model = LatentClassModel(segments.k, n_init=starts, random_state=int(rng.integers(2**31)))
        model.missing_value, model.handle_unknown = -1, "missing"
        labels = model.fit(codes[drawn > 0], sample_weight=drawn[drawn > 0]).predict(codes)
        scores.append(partners(segments.labels, labels, segments.k, counts.astype(float))[1])
    return float(np.mean(scores, axis=0).min())


def gathered(table: PatternTable, segments: PatternSegments, seed: int) -> str:
    """Return the verdict of a seed with its stability, and how often longer searches found better segments."""
    found = gather_evidence(table, segments, "latent-class", seed=seed).evidence
    longer = found.longer_search
    assert longer is not None
    return (
        f"{judge_evidence(found, segments.k)}, least stable segment {found.stability.lowest:.3f}, "
        f"better in {longer.n_better} of {longer.n_tables} longer searches"
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--redraws", type=int, default=4)
    parser.add_argument("--starts", type=int, default=50)
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first table")
    parser.add_argument("--process", action="append", choices=UNEQUAL, help="may be repeated")
    given = parser.parse_args(arguments)
    for process in given.process or UNEQUAL:
        for i in range(given.first, given.first + given.tables):
            rng = np.random.default_rng([zlib.crc32(f"{process}/{given.n}".encode()), i])
            made = UNEQUAL[process](rng, given.n)
            table, k = pattern_table(made.codes), made.n_classes
            model = fit_model(table, "latent-class", k, seed=i)
            segments = PatternSegments.of(model, k, table.codes)
            print(f"{process} {i}: {k} classes, {table.n_patterns} patterns", flush=True)
            for seed in range(given.seeds):
                print(f"  seed {seed}: {gathered(table, segments, seed)}", flush=True)
            best = reached(table, segments, given.starts, given.redraws, i)
            print(f"  reached with {given.starts} full starts: {best:.3f}", flush=True)


if __name__ == "__main__":
    main()
