"""Refits beside chance: more tables are drawn where a limit is near, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from segmentry.selection import TablesToDraw, fit_model, refit_of
from segmentry.selection.count_tables import observed_table
from segmentry.selection.redraws import Redraws, redraw, steadied
from segmentry.selection.refits import SegmentedTable
from structures import classes

FEW = TablesToDraw(refits=6, most_refits=15, null_tables=3, most_null_tables=7, null_refits=2)


@pytest.fixture(scope="module")
def segmented() -> SegmentedTable:
    patterns = classes(np.random.default_rng(2), 600, [3, 3, 3, 3], 2, purity=0.85)
    table, _ = observed_table(patterns, np.random.default_rng(0))
    labels = fit_model(patterns, "latent-class", 2).predict(patterns.codes)
    return SegmentedTable(table, labels, 2, refit_of("latent-class", patterns))


def drawn(segmented: SegmentedTable) -> tuple[Redraws, np.ndarray]:
    margins = segmented.table.margins(np.random.default_rng(1))
    return redraw(segmented, margins, FEW, np.random.default_rng(3)), margins


def test_where_no_limit_is_near_nothing_further_is_drawn(segmented: SegmentedTable) -> None:
    found, margins = drawn(segmented)
    found = replace(
        found, null=(0.3, 0.32, 0.31), stability=replace(found.stability, jaccard=(0.9, 0.95), error=0.01)
    )
    assert steadied(found, segmented, margins, FEW, np.random.default_rng(4), may_be_natural=True) is found


def test_near_chance_tables_are_added_and_then_redraws(segmented: SegmentedTable) -> None:
    found, margins = drawn(segmented)
    unsure = replace(found, stability=replace(found.stability, error=1.0))
    again = steadied(unsure, segmented, margins, FEW, np.random.default_rng(4), may_be_natural=False)
    assert (len(found.null), len(again.null)) == (FEW.null_tables, FEW.most_null_tables)
    assert again.null[: len(found.null)] == found.null
    assert len(again.labels) > len(found.labels) == FEW.refits
    assert again.stability.n_refits == len(again.labels)
    assert not again.is_near_chance
    assert np.array_equal(again.labels[: FEW.refits], found.labels)


def test_the_limit_of_natural_matters_only_to_what_may_be_natural(segmented: SegmentedTable) -> None:
    found, margins = drawn(segmented)
    found = replace(
        found, null=(0.1, 0.11, 0.1), stability=replace(found.stability, jaccard=(0.75, 0.9), error=0.02)
    )
    rng = np.random.default_rng(4)
    assert steadied(found, segmented, margins, FEW, rng, may_be_natural=False) is found
    assert len(steadied(found, segmented, margins, FEW, rng, may_be_natural=True).labels) > FEW.refits


def test_the_largest_numbers_end_it(segmented: SegmentedTable, monkeypatch: pytest.MonkeyPatch) -> None:
    found, margins = drawn(segmented)
    monkeypatch.setattr("segmentry.selection.stability.Stability.is_near", lambda *_: True)
    again = steadied(found, segmented, margins, FEW, np.random.default_rng(4), may_be_natural=True)
    assert (len(again.labels), len(again.null)) == (FEW.most_refits, FEW.most_null_tables)
