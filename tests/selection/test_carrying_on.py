"""Segments that go on from those before end where a search does, if they are clear, and else do not begin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from segmentry.patterns import PatternTable
from segmentry.selection import carry_on, fit_model
from structures import classes


@pytest.fixture(scope="module")
def table() -> PatternTable:
    """2,000 customers of three clear classes, six features."""
    return classes(np.random.default_rng(8), 2_000, [4, 4, 3, 5, 3, 4], 3)


def merged(table: PatternTable, feature: int) -> PatternTable:
    """Put the first two levels of a feature together."""
    codes = np.asarray(table.codes).copy()
    codes[:, feature] = np.maximum(codes[:, feature] - 1, 0)
    rows, place = np.unique(codes, axis=0, return_inverse=True)
    counts = np.bincount(place.ravel(), table.counts).astype(np.int64)
    return replace(table, codes=rows.astype(table.codes.dtype), counts=counts)


def test_clear_segments_go_on_to_where_a_search_ends(table: PatternTable) -> None:
    model = fit_model(table, "latent-class", 3)
    for feature in range(6):
        becomes = merged(table, feature)
        found, carried = fit_model(becomes, "latent-class", 3), carry_on(model, table.features, becomes)
        assert carried is not None
        assert carried.log_likelihood_ == pytest.approx(found.log_likelihood_, abs=1e-3)
        np.testing.assert_array_equal(carried.labels_, found.labels_)
        assert carried.converged_


def test_nothing_changes_where_nothing_has_changed(table: PatternTable) -> None:
    model = fit_model(table, "latent-class", 3)
    carried = carry_on(model, table.features, table)
    assert carried is not None
    np.testing.assert_array_equal(carried.labels_, model.labels_)
    assert carried.log_likelihood_ == pytest.approx(model.log_likelihood_, abs=1e-4)


def test_features_come_and_go(table: PatternTable) -> None:
    def without(feature: int) -> PatternTable:
        kept = [j for j in range(6) if j != feature]
        codes, place = np.unique(np.asarray(table.codes)[:, kept], axis=0, return_inverse=True)
        counts = np.bincount(place.ravel(), table.counts).astype(np.int64)
        features = tuple(table.features[j] for j in kept)
        return replace(table, features=features, codes=codes.astype(table.codes.dtype), counts=counts)

    fewer = without(1)
    for before, after in ((table, fewer), (fewer, table), (without(0), fewer)):
        carried = carry_on(fit_model(before, "latent-class", 3), before.features, after)
        assert carried is not None
        np.testing.assert_array_equal(carried.labels_, fit_model(after, "latent-class", 3).labels_)


def test_a_level_that_no_customer_of_a_class_had_can_get_some() -> None:
    table = classes(np.random.default_rng(2), 400, [3, 3, 3], 2)
    model = fit_model(table, "latent-class", 2)
    model.response_proba_[0][:] = [[1, 0, 0], [0, 0.5, 0.5]]
    carried = carry_on(model, table.features, table)
    assert carried is not None
    assert carried.log_likelihood_ == pytest.approx(
        fit_model(table, "latent-class", 2).log_likelihood_, abs=1e-3
    )


def test_ordered_features_go_on_as_they_are_and_no_other_way(table: PatternTable) -> None:
    features = tuple(replace(f, distribution="ordered") for f in table.features)
    ordered = replace(table, features=features)
    model = fit_model(ordered, "latent-class", 2)
    carried = carry_on(model, features, ordered)
    assert carried is not None
    assert carried.log_likelihood_ == pytest.approx(model.log_likelihood_, abs=1e-2)
    assert carry_on(model, features, table) is None
    assert carry_on(fit_model(table, "latent-class", 2), table.features, ordered) is None
    assert carry_on(model, features, merged(ordered, 0)) is None


def test_what_cannot_go_on_does_not_begin(table: PatternTable) -> None:
    assert carry_on(fit_model(table, "k-modes", 3), table.features, table) is None
    few = replace(table, codes=table.codes[:2], counts=table.counts[:2])
    assert carry_on(fit_model(table, "latent-class", 3), table.features, few) is None
    joined = (replace(table.features[0], joined=table.features[1].name), *table.features[1:])
    assert (
        carry_on(fit_model(table, "latent-class", 3), table.features, replace(table, features=joined)) is None
    )
