"""Stability beside that of refits with many full starts, and the verdict of several seeds: `python benchmarks/steady_verdicts.py`.

Tables of eight to ten unequal classes, 20,000 customers, or of any process of planted classes or none (`--process`), with the number by BIC. Segments
are fitted once; the evidence is gathered with each seed, and the segments are refitted to redrawn tables by `LatentClass` with 50 full starts.
The small form is one table, three seeds and four redraws; the long one `--tables 50 --seeds 5 --redraws 20`; verdicts alone
`--redraws 0`. `trust.py --section stability` goes through whole runs.
"""

from __future__ import annotations

import argparse
import zlib

import numpy as np
from left_out import pattern_table
from truths.no_classes import NO_CLASSES
from truths.planted import INSIDE, PLANTED, UNEQUAL
from truths.readings import partners

from segmentry.cluster import LatentClassModel
from segmentry.patterns import PatternTable
from segmentry.selection import (
    PatternSegments,
    Verdict,
    choose_k,
    fit_model,
    gather_evidence,
    judge_evidence,
    scan,
)

PROCESSES = {**UNEQUAL, **NO_CLASSES, **PLANTED, **INSIDE}


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


def gathered(table: PatternTable, segments: PatternSegments, seed: int) -> tuple[Verdict, str]:
    """Return the verdict of a seed, and what it rests on, with how often longer searches found better segments."""
    found = gather_evidence(table, segments, "latent-class", seed=seed).evidence
    verdict, longer = judge_evidence(found, segments.k), found.longer_search
    assert longer is not None
    p = 1.0 if found.continuum is None else found.continuum.p_value
    return verdict, (
        f"{verdict}{f' or {verdict.close_to}' if verdict.close_to else ''}, least stable segment {found.stability.lowest:.3f} "
        f"({found.stability.n_refits} redraws; by chance {found.null_high:.3f}), p {p:.3f}, lead {found.lead:.3f}, better in "
        f"{longer.n_better} of {longer.n_tables} longer searches"
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--redraws", type=int, default=4, help="0: only the verdicts")
    parser.add_argument("--starts", type=int, default=50)
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first table")
    parser.add_argument("--process", action="append", choices=PROCESSES, help="may be repeated")
    given = parser.parse_args(arguments)
    n_same, n_close, n_tables = 0, 0, 0
    for process in given.process or UNEQUAL:
        for i in range(given.first, given.first + given.tables):
            rng = np.random.default_rng([zlib.crc32(f"{process}/{given.n}".encode()), i])
            made = PROCESSES[process](rng, given.n)
            table = pattern_table(made.codes)
            k = made.n_classes if process in UNEQUAL else best_number(table, i)
            print(f"{process} {i}: {k} classes, {table.n_patterns} patterns", flush=True)
            if k < 2:
                continue
            segments = PatternSegments.of(fit_model(table, "latent-class", k, seed=i), k, table.codes)
            verdicts = []
            for seed in range(given.seeds):
                verdict, text = gathered(table, segments, seed)
                verdicts.append(verdict)
                print(f"  seed {seed}: {text}", flush=True)
            n_tables, n_same = n_tables + 1, n_same + (len(set(verdicts)) == 1)
            n_close += len(set(verdicts)) > 1 and any(verdict.close_to for verdict in verdicts)
            if given.redraws:
                best = reached(table, segments, given.starts, given.redraws, i)
                print(f"  reached with {given.starts} full starts: {best:.3f}", flush=True)
    print(
        f"the same verdict by every seed in {n_same} of {n_tables}; of the others {n_close} are called close"
    )


def best_number(table: PatternTable, seed: int) -> int:
    """Return the number of classes with the lowest BIC, at most six."""
    return choose_k(scan(table, "latent-class", range(1, 7), seed=seed).table, "latent-class").best_by_bic


if __name__ == "__main__":
    main()
