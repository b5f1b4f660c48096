"""Outcomes of latent classes: what misclassification takes from differences, and what BCH gives back."""

import numpy as np
import pytest

from segmentry.cluster import LatentClass
from segmentry.patterns import FeatureLevels, OutcomeInfo, PatternTable, as_codes, unite
from segmentry.profiling import SegmentedPatterns, outcome_table

RATES = np.array([0.10, 0.25, 0.50])
MEANS = np.array([20.0, 60.0, 140.0])


def planted(n: int, seed: int, overlap: float) -> tuple[PatternTable, np.ndarray]:
    """Customers of three classes on six features that overlap, with a flag and an amount by class."""
    random = np.random.default_rng(seed)
    classes = random.choice(3, n, p=[0.5, 0.3, 0.2])
    chances = np.array([[overlap] * 6, [1 - overlap] * 3 + [overlap] * 3, [1 - overlap] * 6])
    codes = (random.random((n, 6)) < chances[classes]).astype(int)
    flag = (random.random(n) < RATES[classes]).astype(float)
    amount = random.gamma(2, MEANS[classes] / 2)
    values = np.column_stack([flag, amount])
    table = PatternTable(
        features=tuple(FeatureLevels(f"f{j}", f"F{j}", ("no", "yes")) for j in range(6)),
        codes=as_codes(codes),
        counts=np.ones(n, np.int64),
        outcomes=(OutcomeInfo("yes", "Yes", "g", "G", "flags"), OutcomeInfo("spend", "Spend", "h", "H", "amounts")),
        n_values=np.ones((n, 2), np.int64),
        sums=values,
        squares=values**2,
        cubes=values**3,
        origins=np.zeros(2),
    )  # fmt: skip
    return unite(table), classes


def fitted(table: PatternTable):
    model = LatentClass(n_components=3, n_init=20, missing_value=-1, random_state=1)
    labels = model.fit_predict(table.codes, sample_weight=table.counts)
    weights = model.bch_weights(table.codes)
    first = [int(np.argmax(labels == s)) for s in range(3)]
    return outcome_table(SegmentedPatterns(table, labels, 3), correction=weights[first]), weights


@pytest.mark.parametrize("overlap", [0.15, 0.2])
def test_bch_removes_four_fifths_of_the_attenuation(overlap):
    """The largest difference between classes, as planted, by modal class, and corrected: means of eight data sets."""
    gaps = {"modal": [], "corrected": []}
    for seed in range(8):
        table, _ = planted(4_000, seed, overlap)
        found, _ = fitted(table)
        for outcome, truth in (("yes", RATES), ("spend", MEANS)):
            rows = found[found["outcome"] == outcome].sort_values("value")
            span = truth[2] - truth[0]
            gaps["modal"].append(1 - (rows["value"].iloc[2] - rows["value"].iloc[0]) / span)
            gaps["corrected"].append(1 - (rows["corrected"].iloc[2] - rows["corrected"].iloc[0]) / span)
    attenuation, left = np.mean(gaps["modal"]), np.mean(gaps["corrected"])
    assert attenuation > 0.08
    assert abs(left) < 0.2 * attenuation


def test_corrected_values_are_means_weighted_by_bch_weights():
    table, _ = planted(1_500, 3, 0.15)
    found, weights = fitted(table)
    for j, outcome in enumerate(("yes", "spend")):
        rows = found[found["outcome"] == outcome]
        by_hand = weights.T @ table.sums[:, j] / (weights.T @ table.n_values[:, j])
        np.testing.assert_allclose(rows["corrected"], by_hand, rtol=1e-10)
        squares = [
            (w**2) @ (table.squares[:, j] - 2 * m * table.sums[:, j] + m**2 * table.counts)
            for w, m in zip(weights.T, by_hand, strict=True)
        ]
        errors = np.sqrt(squares) / (weights.T @ table.counts)
        np.testing.assert_allclose(rows["corrected_se"], errors, rtol=1e-8)


def test_values_out_of_range_are_said_and_not_clipped():
    """A third of the first class's customers lie in the second, which has no acceptance at all."""
    table, _ = planted(600, 5, 0.2)
    labels = np.arange(table.n_patterns) % 2
    sums = table.sums.copy()
    sums[labels == 1, 0] = 0
    from dataclasses import replace

    emptied = replace(table, sums=sums, squares=np.where([True, False], sums, table.squares))
    correction = np.linalg.inv(np.array([[0.8, 0.2], [0.3, 0.7]]))
    row = outcome_table(SegmentedPatterns(emptied, labels, 2), correction=correction).query(
        "segment == 2 and outcome == 'yes'"
    )
    assert row["value"].item() == 0
    assert row["corrected"].item() < 0
    assert row["correction"].item() == "BCH, below 0"


def test_without_classes_nothing_is_corrected(case):
    found = outcome_table(case.segmented)
    assert found["corrected"].isna().all()
    assert set(found["correction"]) == {""}


def test_perfect_classification_changes_nothing(case):
    found = outcome_table(case.segmented, correction=np.eye(3))
    known = found[found["n"] > 0]
    np.testing.assert_allclose(known["corrected"], known["value"], rtol=1e-12)


def test_corrected_figures_lead_where_customers_are_not_certain_of_their_segment(case):
    found = outcome_table(case.segmented, correction=np.eye(3), certainty=np.array([0.95, 0.7, 0.5]))
    known = found[(found["n"] > 0) & found["corrected"].notna()].set_index("segment")
    assert set(known["leads"]) == {"corrected"}
    certain = outcome_table(case.segmented, correction=np.eye(3), certainty=np.array([0.95, 0.91, 0.99]))
    assert set(certain["leads"]) == {"value"}
    assert set(outcome_table(case.segmented, correction=np.eye(3))["leads"]) == {"value"}


def test_a_corrected_rate_below_zero_does_not_lead():
    table, _ = planted(300, 1, 0.2)
    labels = np.arange(table.n_patterns) % 2
    far = np.array([[1.0, -0.9], [-0.9, 1.0]])
    found = outcome_table(SegmentedPatterns(table, labels, 2), correction=far, certainty=np.zeros(2))
    odd = found[found["correction"] != "BCH"]
    assert len(odd) > 0
    assert set(odd["leads"]) == {"value"}
