"""Judges of verdicts, of the number of segments, of their stability, and of features that do not belong."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from judge import adjusted_rand

import segmentry as sg
from segmentry.cluster import LatentClass
from truths.cells import Cell, Effort, Found
from truths.independence import UNITS, in_other_unit
from truths.no_classes import recency_frequency_spend, redundant_pairs
from truths.planted import N_BELONGING, STRANGERS, UNEQUAL, nested
from truths.readings import left_out_p_values, lowest_of, partners, segments_of, verdict_of
from truths.tables import Rng, Table

MakersOfTables = Mapping[str, Callable[[Rng, int], Table]]
UNSTEADY: dict[str, Callable[[Rng, int], Table]] = {
    **UNEQUAL,
    "nested": nested,
    "redundant-pairs": redundant_pairs,
    "recency-frequency-spend": recency_frequency_spend,
}


def judge_verdict(makers: MakersOfTables, cell: Cell, rng: Rng, i: int, _: Effort) -> Found:
    """Segment a table; where it has classes, also whether there are as many, and how well they are found."""
    table = makers[cell.process](rng, cell.n)
    result = _run(table, cell, i)
    found = verdict_of(result)
    if table.truth is not None:
        found["k_is_right"] = found["k"] == table.n_classes
        found["agreement"] = adjusted_rand(table.truth, segments_of(result, table.codes))
    return found


def judge_units(cell: Cell, rng: Rng, i: int, _: Effort) -> Found:
    """Segment the same rows with weights in three units."""
    table = UNITS[cell.process](rng, cell.n)
    units = (1.0, 1e6 / cell.n, 1.0 / cell.n)
    said = [verdict_of(_run(in_other_unit(table, unit), cell, i)) for unit in units]
    return {
        "ks": [one["k"] for one in said],
        "verdicts": [one["verdict"] for one in said],
        "k_is_same": len({one["k"] for one in said}) == 1,
        "verdict_is_same": len({one["verdict"] for one in said}) == 1,
    }


def judge_stability(cell: Cell, rng: Rng, i: int, effort: Effort) -> Found:
    """Compare the reported stability with that of refits with many full starts, and the verdicts of several seeds.

    The refits are of latent classes, and are left out for other methods.
    """
    table = UNSTEADY[cell.process](rng, cell.n)
    result = _run(table, cell, i)
    found = verdict_of(result)
    if found["lowest"] is None:
        return found
    reached = _reached_stability(result, effort, rng) if cell.method == "latent-class" else None
    others = [_again(result, table, cell, 1_000 * (s + 1) + i) for s in range(effort.seeds - 1)]
    verdicts = [found["verdict"], *(str(other.verdict) for other in others)]
    mine = segments_of(result, table.codes)
    same = [adjusted_rand(mine, segments_of(other, table.codes)) for other in others]
    lowest = [found["lowest"], *(lowest_of(other) for other in others)]
    return {
        **found,
        "reached": reached,
        "gap": None if reached is None else abs(found["lowest"] - reached),
        "verdicts": verdicts,
        "lowest_by_seed": lowest,
        "verdict_is_same": len(set(verdicts)) == 1,
        "segments_are_same": min(same, default=1.0) > 0.999,
    }


def judge_strangers(cell: Cell, rng: Rng, i: int, _: Effort) -> Found:
    """Test each feature against the segments that the others form."""
    table = STRANGERS[cell.process](rng, cell.n)
    p = left_out_p_values(_run(table, cell, i))
    names = [f"f{j}" for j in range(table.codes.shape[1])]
    belonging, strangers = (
        p.reindex(part).to_numpy(float) < 0.05 for part in (names[:N_BELONGING], names[N_BELONGING:])
    )
    return {
        "false": [int(strangers.sum()), len(strangers)],
        "true": [int(belonging.sum()), len(belonging)],
    }


def _run(table: Table, cell: Cell, seed: int) -> sg.Segmentation:
    return sg.run(table.data(), table.recipe(), segments=cell.asked, method=cell.method, seed=seed)


def _again(result: sg.Segmentation, table: Table, cell: Cell, seed: int) -> sg.Segmentation:
    return sg.run(result.patterns, table.recipe(), segments=result.choice.k, method=cell.method, seed=seed)


def _reached_stability(result: sg.Segmentation, effort: Effort, rng: Rng) -> float:
    """Mean Jaccard similarity of the least stable segment, by fits of latent classes with many full starts."""
    patterns, labels, k = result.patterns, result.labels, result.choice.k
    assert patterns is not None
    assert labels is not None
    codes, counts = np.asarray(patterns.codes), patterns.counts
    scores = []
    for _ in range(effort.redraws):
        drawn = rng.multinomial(counts.sum(), counts / counts.sum())
        kept = drawn > 0
        model = LatentClass(
            n_components=k,
            n_init=effort.starts,
            missing_value=-1,
            handle_unknown="missing",
            random_state=int(rng.integers(2**31)),
        ).fit(codes[kept], sample_weight=drawn[kept])
        scores.append(partners(labels, model.predict(codes), k, counts.astype(float))[1])
    return float(np.mean(scores, axis=0).min())
