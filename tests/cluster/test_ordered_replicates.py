"""Ordered features of many weightings at once: the same fits as one by one, handed over as probabilities of levels."""

from __future__ import annotations

import numpy as np
import pytest

from segmentry.cluster import LatentClass
from segmentry.cluster.latent_class.replicates import Replicates

IS_ORDERED = [True, False, True]


def table() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    classes = rng.random(900) < 0.4
    values = rng.normal(size=(900, 3)) + np.outer(classes, [2.5, 2.0, -2.2])
    codes = np.column_stack(
        [
            np.searchsorted(np.quantile(v, np.arange(1, n) / n), v)
            for v, n in zip(values.T, (9, 3, 7), strict=True)
        ]
    )
    weights = np.stack([np.ones(900), *rng.multinomial(900, np.full(900, 1 / 900), 2)]).astype(float)
    return codes.astype(np.int32), weights


@pytest.fixture(scope="module")
def replicates() -> Replicates:
    codes, weights = table()
    return Replicates(codes, [9, 3, 7], weights, IS_ORDERED)


def one_by_one(k: int) -> list[LatentClass]:
    codes, weights = table()
    distributions = ["ordered" if chosen else "levels" for chosen in IS_ORDERED]
    return [
        LatentClass(k, distributions=distributions, n_init=4, random_state=0).fit(codes, sample_weight=w)
        for w in weights
    ]


def test_one_class_has_the_margins_of_each_weighting(replicates: Replicates) -> None:
    found = replicates.fit(1, 1, np.random.default_rng(0))
    np.testing.assert_allclose(found.log_likelihoods, [m.log_likelihood_ for m in one_by_one(1)], rtol=1e-9)


def test_two_classes_are_those_of_single_fits(replicates: Replicates) -> None:
    found = replicates.fit(2, 4, np.random.default_rng(0), tolerance=1e-10)
    singles = one_by_one(2)
    np.testing.assert_allclose(found.log_likelihoods, [m.log_likelihood_ for m in singles], atol=0.05)
    np.testing.assert_allclose(found.parameters[..., 1:10].sum(axis=-1), 1.0)
    for r, single in enumerate(singles):
        share = found.parameters[:, r, 0]
        order = np.argsort(-share)
        np.testing.assert_allclose(found.parameters[order, r, 1:10], single.response_proba_[0], atol=0.01)


def test_a_warm_start_of_levels_is_found_again(replicates: Replicates) -> None:
    found = replicates.fit(2, 4, np.random.default_rng(0), tolerance=1e-10)
    warm = found.parameters[:, 0]
    again = replicates.of(np.array([0])).fit(
        2, 1, np.random.default_rng(9), warm=warm, n_short=1, tolerance=1e-10
    )
    assert again.log_likelihoods[0] >= found.log_likelihoods[0] - 0.01
    np.testing.assert_allclose(replicates.values(warm)[0], found.log_likelihoods[0], rtol=1e-9)


def test_classes_made_of_groups_can_start(replicates: Replicates) -> None:
    found = replicates.fit(2, 4, np.random.default_rng(0))
    labels = replicates.labels(found.parameters)[0]
    warm = replicates.mixture_of(labels, 2)
    again = replicates.fit(2, 1, np.random.default_rng(1), warm=warm)
    assert (again.log_likelihoods > found.log_likelihoods - 0.05).all()


def test_tables_side_by_side_are_fitted_as_each_alone() -> None:
    codes, weights = table()
    halves = [
        Replicates(codes[rows], [9, 3, 7], weights[:, rows], IS_ORDERED)
        for rows in (slice(None, 400), slice(400, None))
    ]
    joined = Replicates.side_by_side(halves)
    found = joined.fit(2, 4, np.random.default_rng(0), tolerance=1e-10)
    assert len(joined) == 6
    labels = joined.labels_by_table(found.parameters)
    for number, half in enumerate(halves):
        own = slice(3 * number, 3 * number + 3)
        alone = half.fit(2, 4, np.random.default_rng(1), tolerance=1e-10)
        np.testing.assert_allclose(found.log_likelihoods[own], alone.log_likelihoods, atol=0.05)
        np.testing.assert_array_equal(labels[number], half.labels(found.parameters[:, own]))


def test_each_table_begins_from_its_own_mixtures(replicates: Replicates) -> None:
    best = replicates.fit(2, 4, np.random.default_rng(0), tolerance=1e-10)
    again = replicates.fit(2, 1, np.random.default_rng(9), warm=best.parameters, n_short=1, tolerance=1e-10)
    assert (again.log_likelihoods >= best.log_likelihoods - 0.01).all()
