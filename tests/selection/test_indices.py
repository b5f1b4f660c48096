"""Indices against scikit-learn, by hand, and beside their nulls."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from segmentry.selection import ScanWatch, refit_of, scan
from segmentry.selection.count_tables import CountTables
from segmentry.selection.indices import prediction_strength, silhouette
from structures import classes, independent_columns

RNG = np.random.default_rng


@pytest.mark.parametrize("method", ["latent-class", "k-modes", "k-means"])
def test_silhouette_on_counts_equals_scikit_learn_on_rows(method: str) -> None:
    table = independent_columns(RNG(0), 300, [4, 3, 5])
    tables = CountTables(np.asarray(table.codes), [4, 3, 5], table.counts[None].astype(float))
    distances = refit_of(method, table).distances(tables)
    labels = RNG(1).integers(3, size=len(table.counts))
    rows = np.repeat(np.arange(len(labels)), table.counts)
    expected = silhouette_score(distances[np.ix_(rows, rows)], labels[rows], metric="precomputed")
    width, dispersion = silhouette(labels, table.counts.astype(float), distances, 3)
    assert width == pytest.approx(expected, rel=1e-9)
    pooled = sum(
        distances[np.ix_(rows, rows)][np.ix_(labels[rows] == c, labels[rows] == c)].sum()
        / (2 * (labels[rows] == c).sum())
        for c in range(3)
    )
    assert dispersion == pytest.approx(pooled, rel=1e-9)


def test_k_means_distances_are_those_of_standardised_codes() -> None:
    codes, weights = np.array([[0, 0], [1, 2], [3, 1]]), np.array([2.0, 1.0, 3.0])
    table = independent_columns(RNG(0), 50, [4, 3])
    found = refit_of("k-means", table).distances(CountTables(codes.astype(np.int32), [4, 3], weights[None]))
    rows = np.repeat(codes, weights.astype(int), axis=0)
    scaled = codes / rows.std(axis=0)
    np.testing.assert_allclose(found, np.sqrt(((scaled[:, None] - scaled) ** 2).sum(axis=2)), atol=1e-7)


def test_prediction_strength_by_hand() -> None:
    labels = np.array([[[0, 0, 1, 1], [0, 0, 0, 1]]])  # by the segments of each half
    halves = np.array([[[2.0, 1.0, 1.0, 2.0], [1.0, 2.0, 2.0, 1.0]]])
    first = min(1.0, (1 * 0 + 2 * 1) / (3 * 2))  # segments of the first half, customers of the first half
    second = min(
        (3 * 2 + 2 * 1) / (5 * 4), 1.0
    )  # the single customer of the second segment counts for nothing
    assert prediction_strength(labels, halves) == pytest.approx((first + second) / 2)


def test_every_index_of_planted_classes_is_beyond_its_null_and_none_of_noise() -> None:
    columns = ("silhouette", "prediction_strength", "gap", "jaccard")
    for table, k, is_beyond in (
        (classes(RNG(2), 1_500, [3, 4, 3, 4, 3], 3, purity=0.85), 3, True),
        (independent_columns(RNG(2), 1_500, [3, 4, 3, 4, 3]), 3, False),
    ):
        criteria = scan(table, "latent-class", (1, 2, 3)).table
        found = scan(table, "latent-class", (1, 2, 3), indices=20).table
        assert found[criteria.columns.tolist()].equals(criteria)
        row = found[found["k"] == k].iloc[0]
        assert all((row[c] > row[f"{c}_null_high"]) == is_beyond for c in columns), row
        assert (row["likelihood_ratio_p"] <= 0.05) == is_beyond
        assert found.loc[found["k"] == 1, list(columns)].isna().all(axis=None)


@pytest.mark.parametrize("method", ["k-modes", "k-means"])
def test_other_methods_have_indices_too(method: str) -> None:
    table = classes(RNG(2), 600, [3, 3, 3], 2, purity=0.9)
    found = scan(table, method, (1, 2), indices=5).table.iloc[1]  # type: ignore[arg-type]
    assert found["jaccard"] > 0.9
    assert found["silhouette"] > found["silhouette_null_high"]


def test_of_k_modes_the_cost_is_bounded_and_proved_where_the_table_is_small() -> None:
    table = classes(RNG(2), 600, [3, 3, 3], 2, purity=0.9)
    found = scan(table, "k-modes", (1, 2, 3), indices=2).table
    assert (found["lower_bound"] <= found["cost"] * (1 + 1e-12)).all()
    assert found["lower_bound"].to_numpy() == pytest.approx(found["cost"].to_numpy())
    assert (found["cost_gap"] == 0).all()
    without = scan(table, "k-modes", (1, 2, 3)).table
    assert "lower_bound" not in without
    assert without["cost"].to_numpy() == pytest.approx(found["cost"].to_numpy())


def test_likelihood_ratios_go_up_until_a_step_is_not_significant_and_progress_is_told() -> None:
    told: list[str] = []
    table = classes(RNG(2), 1_000, [3, 4, 3, 4, 3], 2, purity=0.85)
    found = scan(table, "latent-class", range(1, 6), indices=40, watch=ScanWatch(told.append)).table
    p, drawn = (found.set_index("k")[f"likelihood_ratio_{name}"] for name in ("p", "tables"))
    assert p[2] <= 0.05 < p[3]
    assert p[[1, 4, 5]].isna().all()
    assert drawn[2] == 20  # settled at once: none above
    assert 20 <= drawn[3] <= 40
    assert f"Likelihood ratio, 3 classes against 2: p = {p[3]:.3f} on {drawn[3]:.0f} tables" in told
    assert not any("4 classes against" in line for line in told)
    first, *counts = [line for line in told if line.startswith("Indices")]
    assert first == "Indices of 4 numbers of segments, on 40 tables each"
    assert counts == [f"Indices: {i} of 4 numbers of segments, on 40 tables each" for i in range(1, 5)]
