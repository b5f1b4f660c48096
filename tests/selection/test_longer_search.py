"""Whether refits reach their optimum: a longer search of some redrawn tables says how often it finds better segments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from segmentry.cluster import KModesModel
from segmentry.selection.count_tables import CountTables, bootstrap
from segmentry.selection.longer_search import TABLES_SEARCHED, LongerSearch, search_longer
from segmentry.selection.refits import (
    ClassesRefit,
    MeansRefit,
    ModesRefit,
    Refit,
    Refitted,
    Search,
    SegmentedTable,
)

RNG = np.random.default_rng


def planted(n_classes: int, n_features: int = 6, n: int = 3_000, purity: float = 0.8) -> CountTables:
    """Customers of classes, each with its own most frequent level of every feature."""
    rng = RNG(0)
    own = rng.integers(0, 4, (n_classes, n_features))
    classes = rng.integers(0, n_classes, n)
    codes = np.where(
        rng.random((n, n_features)) < purity, own[classes], rng.integers(0, 4, (n, n_features))
    ).astype(np.int32)
    patterns, counts = np.unique(codes, axis=0, return_counts=True)
    return CountTables(patterns, [4] * n_features, counts[None].astype(float))


METHODS = [ClassesRefit(), ModesRefit(["matching"] * 6, [1.0] * 6), MeansRefit()]


@pytest.mark.parametrize("refit", METHODS, ids=lambda refit: type(refit).__name__)
def test_clear_segments_are_found_by_the_usual_search(refit: Refit) -> None:
    table = planted(3)
    segmented = SegmentedTable(table, refit(table, 3, RNG(1))[0], 3, refit)
    drawn = bootstrap(table, 8, RNG(2))
    found = refit.fit(drawn, 3, Search(RNG(3), segmented.labels))
    assert search_longer(segmented, drawn, found, RNG(4)) == LongerSearch(TABLES_SEARCHED, 0)


@pytest.mark.parametrize("refit", METHODS, ids=lambda refit: type(refit).__name__)
def test_a_search_that_stopped_short_is_noticed(refit: Refit) -> None:
    table = planted(3)
    segmented = SegmentedTable(table, refit(table, 3, RNG(1))[0], 3, refit)
    drawn = bootstrap(table, 4, RNG(2))
    one_segment = Refitted(np.zeros(drawn.weights.shape, np.intp), np.full(4, np.inf))
    assert search_longer(segmented, drawn, one_segment, RNG(4)) == LongerSearch(4, 4)


@dataclass(frozen=True)
class _SameAgain(ClassesRefit):
    """A longer search whose loss is lower by rounding alone."""

    def fit(self, tables: CountTables, k: int, search: Search) -> Refitted:
        found = super().fit(tables, k, search)
        return Refitted(found.labels, found.losses - 1e-9 * (search.effort > 1))


def test_the_same_segments_are_no_better_ones() -> None:
    table, refit = planted(3), _SameAgain()
    segmented = SegmentedTable(table, refit(table, 3, RNG(1))[0], 3, refit)
    found = refit.fit(table, 3, Search(RNG(3), segmented.labels))
    assert search_longer(segmented, table, found, RNG(4)) == LongerSearch(1, 0)


def test_losses_are_what_the_methods_make_small() -> None:
    table = planted(3)
    modes = METHODS[1].fit(table, 3, Search(RNG(0)))
    model = KModesModel(3, missing_value=-1, random_state=0).fit(table.codes, sample_weight=table.weights[0])
    assert modes.losses[0] == pytest.approx(model.cost_)
    classes = METHODS[0].fit(table, 3, Search(RNG(0)))
    mixtures = table.replicates().fit(3, 10, RNG(5))
    assert classes.losses[0] == pytest.approx(-mixtures.log_likelihoods[0], rel=1e-5)
    means = METHODS[2].fit(table, 3, Search(RNG(0), effort=2))
    costs = MeansRefit().relative_costs(table, means.labels)
    alone = MeansRefit().fit(table, 1, Search(RNG(0))).losses
    assert costs * alone == pytest.approx(means.losses)
