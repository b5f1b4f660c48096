"""Trees over patterns: their divisions, and what weights do to them."""

from __future__ import annotations

import numpy as np
import pytest

from segmentry.patterns import FeatureLevels, PatternTable, as_codes
from segmentry.profiling.trees import LevelColumns, grow, leaf_groups


def table(codes, scales):
    codes = np.asarray(codes)
    features = tuple(
        FeatureLevels(f"f{j}", f"F{j}", tuple("abcdefgh"[: codes[:, j].max() + 1]), scale)
        for j, scale in enumerate(scales)
    )
    return PatternTable(features, as_codes(codes), np.ones(len(codes), np.int64))


def test_the_first_division_is_scikit_learns():
    from sklearn.tree import DecisionTreeRegressor

    random = np.random.default_rng(5)
    codes = random.integers(0, 6, (300, 3))
    target = (codes[:, 1] > 3) * 2.0 + codes[:, 0] * 0.3 + random.normal(size=300)
    weight = random.integers(1, 5, 300).astype(float)
    columns = LevelColumns.of(table(codes, ["ordinal"] * 3))
    for leaves in (2, 3, 5, 8):
        mine = leaf_groups(grow(columns, (target * weight)[:, None], weight[:, None], leaves)[0], 300)
        model = DecisionTreeRegressor(max_leaf_nodes=leaves, random_state=0).fit(codes, target, weight)
        theirs = np.unique(model.apply(codes), return_inverse=True)[1]
        assert error(target, weight, mine) == pytest.approx(error(target, weight, theirs), rel=1e-9)


def error(target, weight, groups):
    means = np.bincount(groups, weight * target) / np.bincount(groups, weight)
    return (weight * (target - means[groups]) ** 2).sum()


def test_levels_of_a_nominal_feature_are_divided_in_the_best_of_all_ways():
    from itertools import combinations

    random = np.random.default_rng(2)
    codes = random.integers(0, 6, (200, 1))
    target = random.normal(size=6)[codes[:, 0]] + random.normal(size=200)
    weight = np.ones(200)
    columns = LevelColumns.of(table(codes, ["nominal"]))
    found = error(target, weight, leaf_groups(grow(columns, target[:, None], weight[:, None], 2)[0], 200))
    ways = [set(way) for n in (1, 2, 3) for way in combinations(range(6), n)]
    best = min(error(target, weight, np.isin(codes[:, 0], list(way)).astype(int)) for way in ways)
    assert found == pytest.approx(best)


def test_weights_equal_replicated_rows():
    random = np.random.default_rng(3)
    codes = random.integers(-1, 4, (80, 2))
    n = random.integers(1, 4, 80)
    target = random.normal(size=(80, 2)) + codes
    once = LevelColumns.of(table(codes, ["ordinal", "nominal"]))
    many = LevelColumns.of(table(codes.repeat(n, axis=0), ["ordinal", "nominal"]))
    one = leaf_groups(grow(once, target * n[:, None], np.tile(n, (2, 1)).T.astype(float), 6)[0], 80)
    other = leaf_groups(grow(many, target.repeat(n, axis=0), np.ones((n.sum(), 2)), 6)[0], n.sum())
    np.testing.assert_array_equal(one.repeat(n), other)


def test_a_tree_stops_where_nothing_is_gained():
    columns = LevelColumns.of(table([[0], [1], [2]], ["ordinal"]))
    leaves, nodes = grow(columns, np.ones((3, 1)), np.ones((3, 1)), 3)
    assert len(leaves) == 1
    assert nodes == []


def test_leaves_divide_all_patterns_by_their_levels():
    random = np.random.default_rng(7)
    codes = random.integers(-1, 4, (120, 3))
    columns = LevelColumns.of(table(codes, ["ordinal", "nominal", "ordinal"]))
    leaves, _ = grow(columns, random.normal(size=(120, 4)), np.ones((120, 4)), 7)
    assert np.sort(np.concatenate([leaf.rows for leaf in leaves])).tolist() == list(range(120))
    for leaf in leaves:
        inside = np.ones(120, bool)
        for j, allowed in leaf.allowed.items():
            inside &= np.isin(codes[:, j], sorted(allowed))
        np.testing.assert_array_equal(np.flatnonzero(inside), leaf.rows)
