"""How many customers change segment when bins change."""

from __future__ import annotations

import numpy as np
import pytest

from segmentry.selection.bin_sensitivity import SHIFT, jittered, moved_by_jitter, moved_by_merging
from segmentry.selection.count_tables import CountTables
from segmentry.selection.refits import ClassesRefit, Refit, Refitted, SegmentedTable
from structures import classes

RNG = np.random.default_rng
ORDINAL = CountTables(
    np.array([[0, 0], [1, 0], [2, 1]], np.int32), [3, 2], np.array([[5_000.0, 10_000.0, 5_000.0]])
)


class _ByFirstCode(Refit):
    """Cut the first feature in two: above its lowest level or not."""

    def fit(self, tables: CountTables, *_: object) -> Refitted:
        labels = np.tile((tables.codes[:, 0] > 0).astype(np.intp), (len(tables.weights), 1))
        return Refitted(labels, np.zeros(len(labels)))

    def distances(self, tables: CountTables) -> np.ndarray:
        raise NotImplementedError


by_first_code = _ByFirstCode()


def test_merging_neighbours_moves_whom_a_cut_between_them_moves() -> None:
    labels = by_first_code(ORDINAL, 2, RNG(0))[0]
    # levels 0 and 1 merged: the cut is then between 1 and 2, and 10,000 of 20,000 change sides
    assert moved_by_merging(SegmentedTable(ORDINAL, labels, 2, by_first_code), [0], RNG(0)) == pytest.approx(
        0.5
    )


def test_jitter_moves_the_customers_that_cross_the_cut() -> None:
    labels = by_first_code(ORDINAL, 2, RNG(0))[0]
    moved = moved_by_jitter(SegmentedTable(ORDINAL, labels, 2, by_first_code), [0], 40, RNG(0))
    expected = (SHIFT * 5_000 + SHIFT * 10_000) / 20_000  # up from level 0, down from level 1
    assert moved == pytest.approx(expected, rel=0.05)


def test_jitter_keeps_every_customer_and_the_other_features() -> None:
    origin, codes, counts = jittered(ORDINAL, [0], RNG(3))
    np.testing.assert_array_equal(np.bincount(origin, counts), ORDINAL.weights[0])
    np.testing.assert_array_equal(codes[:, 1], ORDINAL.codes[origin, 1])
    assert set(codes[:, 0]) == {0, 1, 2}
    assert np.abs(codes[:, 0] - ORDINAL.codes[origin, 0]).max() == 1


def test_missing_values_stay_missing() -> None:
    tables = CountTables(np.array([[-1], [1]], np.int32), [3], np.array([[100.0, 100.0]]))
    origin, codes, _ = jittered(tables, [0], RNG(0))
    assert (codes[origin == 0] == -1).all()


def test_without_ordinal_features_there_is_nothing_to_move() -> None:
    segmented = SegmentedTable(ORDINAL, np.array([0, 1, 1]), 2, by_first_code)
    assert np.isnan(moved_by_merging(segmented, [1], RNG(0)))  # two levels: none is left
    assert np.isnan(moved_by_jitter(segmented, [], 5, RNG(0)))


def test_clear_classes_hardly_move() -> None:
    table = classes(RNG(4), 2_000, [4, 4, 4, 4, 4], 2, purity=0.9)
    tables = CountTables(np.asarray(table.codes), [4] * 5, table.counts[None].astype(float))
    refit = ClassesRefit()
    segmented = SegmentedTable(tables, refit(tables, 2, RNG(0))[0], 2, refit)
    assert moved_by_jitter(segmented, range(5), 10, RNG(0)) < 0.05
