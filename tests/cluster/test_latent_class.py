"""LatentClass: against the best known likelihoods, against hand-computed ones, and its missing cells."""

from __future__ import annotations

import numpy as np
import pytest

from segmentry.cluster import LatentClass
from segmentry.cluster.input.collapsed_rows import read_training
from segmentry.cluster.latent_class.em import DesignMatrix
from segmentry.cluster.latent_class.starts import StoppingRule, follow_runs, random_starts
from segmentry.errors import SegmentryWarning

Table = tuple[np.ndarray, np.ndarray]

# The best known for the recipe customer-personality, and BIC with N = 2216.
LOG_LIKELIHOODS = {1: -12875.5849, 2: -12491.4124, 3: -12276.2025, 4: -12227.3054, 5: -12207.7992}
BIC = {1: 25859.0, 2: 25206.2, 3: 24891.4, 4: 24909.1, 5: 24985.7}


@pytest.mark.parametrize("n_components", LOG_LIKELIHOODS)
def test_default_settings_reach_the_best_known_likelihood_from_every_seed(
    text_patterns: Table, n_components: int
) -> None:
    patterns, counts = text_patterns
    for seed in range(50):
        model = LatentClass(n_components, random_state=seed).fit(patterns, sample_weight=counts)
        assert model.log_likelihood_ >= LOG_LIKELIHOODS[n_components] - 1e-3, seed
        assert model.bic_ == pytest.approx(BIC[n_components], abs=0.1)
        assert model.converged_


def _n_reaching(X: np.ndarray, counts: np.ndarray, k: int, n_init: int, best: float) -> int:
    """Follow every random start to its end by itself, and count those that reach the best."""
    design = DesignMatrix(read_training(LatentClass(), X, counts).patterns)
    starts = random_starts(design, k, n_init, np.random.default_rng(0))
    return sum(
        end.log_likelihood >= best - 1e-3 for end in follow_runs(design, starts, StoppingRule(5000, 1e-9))
    )


@pytest.mark.parametrize(("k", "least"), [(2, 0.95), (3, 0.9), (4, 0.6), (5, 0)])
def test_n_best_counts_the_starts_that_reach_the_best_by_themselves(
    text_patterns: Table, k: int, least: float
) -> None:
    patterns, counts = text_patterns
    model = LatentClass(k, random_state=0).fit(patterns, sample_weight=counts)
    n_reaching = _n_reaching(patterns, counts, k, 50, model.log_likelihood_)
    assert least * n_reaching <= model.n_best_ <= n_reaching <= 50


def test_n_best_is_at_most_the_number_of_starts(carcinoma: Table) -> None:
    patterns, counts = carcinoma
    for n_init in (1, 7):
        model = LatentClass(2, n_init=n_init, random_state=0).fit(patterns, sample_weight=counts)
        assert model.n_best_ == _n_reaching(patterns, counts, 2, n_init, model.log_likelihood_) == n_init
    assert LatentClass(1, n_init=7).fit(patterns, sample_weight=counts).n_best_ == 7


def _row_likelihoods(model: LatentClass, X: np.ndarray) -> np.ndarray:
    """Return the likelihood of each row by the definition, one cell at a time."""
    found = []
    for row in X:
        product = model.class_prior_.copy()
        for j, value in enumerate(row):
            if value is not None:
                product *= model.response_proba_[j][:, model.categories_[j].tolist().index(value)]
        found.append(product.sum())
    return np.array(found)


def _with_missing(carcinoma: Table) -> Table:
    patterns, counts = carcinoma
    X = patterns.astype(object)
    X[::3, 1], X[1::4, 5] = None, None
    return X, counts


def test_latent_class_marginalises_missing_cells(carcinoma: Table) -> None:
    X, counts = _with_missing(carcinoma)
    model = LatentClass(2, random_state=0).fit(X, sample_weight=counts)
    by_hand = np.log(_row_likelihoods(model, X))
    np.testing.assert_allclose(model.score_samples(X), by_hand, rtol=1e-9)
    assert model.log_likelihood_ == pytest.approx(counts @ by_hand, rel=1e-9)


def test_latent_class_likelihood_of_a_missing_cell_is_a_sum_by_hand() -> None:
    model = LatentClass(2, random_state=0)
    model.categories_, model.n_features_in_ = [np.array([0, 1]), np.array([0, 1])], 2
    model.class_prior_ = np.array([0.7, 0.3])
    model.response_proba_ = [np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.6, 0.4], [0.5, 0.5]])]
    likelihoods = np.exp(model.score_samples([[0, 1], [0, None], [None, None]]))
    np.testing.assert_allclose(
        likelihoods, [0.7 * 0.9 * 0.4 + 0.3 * 0.2 * 0.5, 0.7 * 0.9 + 0.3 * 0.2, 1.0], rtol=1e-12
    )
    posterior = model.predict_proba([[0, None]])[0]
    np.testing.assert_allclose(posterior, [0.63 / 0.69, 0.06 / 0.69], rtol=1e-12)


def test_latent_class_gives_the_prior_to_a_row_without_values(carcinoma: Table) -> None:
    patterns, counts = carcinoma
    model = LatentClass(3, random_state=0).fit(patterns, sample_weight=counts)
    np.testing.assert_allclose(model.predict_proba([[None] * 7])[0], model.class_prior_, rtol=1e-12)


def test_latent_class_row_without_values_changes_no_parameter(carcinoma: Table) -> None:
    patterns, counts = carcinoma
    X = np.vstack([patterns.astype(object), [[None] * 7]])
    full = LatentClass(2, random_state=0).fit(patterns, sample_weight=counts)
    padded = LatentClass(2, random_state=0).fit(X, sample_weight=[*counts, 10])
    assert padded.log_likelihood_ == pytest.approx(full.log_likelihood_, rel=1e-7)
    np.testing.assert_allclose(np.sort(padded.class_prior_), np.sort(full.class_prior_), atol=1e-3)


def test_latent_class_of_one_class_is_independence(carcinoma: Table) -> None:
    X, counts = _with_missing(carcinoma)
    model = LatentClass(1).fit(X, sample_weight=counts)
    by_hand = 0.0
    for column in X.T:
        totals = np.array([counts[column == level].sum() for level in "12"])
        by_hand += float(totals @ np.log(totals / totals.sum()))
    assert model.log_likelihood_ == pytest.approx(by_hand, rel=1e-12)
    assert (model.entropy_r2_, model.icl_) == (1.0, model.bic_)


def test_latent_class_criteria_follow_their_formulas(carcinoma: Table) -> None:
    patterns, counts = carcinoma
    model = LatentClass(3, random_state=0).fit(patterns, sample_weight=counts)
    posterior = np.maximum(model.predict_proba(patterns), 1e-300)
    entropy = -counts @ (posterior * np.log(posterior)).sum(axis=1)
    prior_entropy = -(model.class_prior_ * np.log(model.class_prior_)).sum()
    assert model.aic_ == pytest.approx(-2 * model.log_likelihood_ + 2 * 23)
    assert model.bic_ == pytest.approx(-2 * model.log_likelihood_ + 23 * np.log(118))
    assert model.icl_ == pytest.approx(model.bic_ + 2 * entropy)
    assert model.entropy_r2_ == pytest.approx(1 - entropy / (118 * prior_entropy))
    assert model.score(patterns, sample_weight=counts) == pytest.approx(model.log_likelihood_ / 118)


def test_latent_class_probabilities_sum_to_one(text_patterns: Table) -> None:
    patterns, counts = text_patterns
    model = LatentClass(4, random_state=0).fit(patterns, sample_weight=counts)
    assert model.class_prior_.sum() == pytest.approx(1)
    for probabilities in model.response_proba_:
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-9)


def test_latent_class_warns_where_it_has_not_converged(carcinoma: Table) -> None:
    patterns, counts = carcinoma
    model = LatentClass(4, n_init=1, max_iter=1, tol=0, random_state=0)
    with pytest.warns(SegmentryWarning, match="not converged after 3 EM steps; raise max_iter"):
        model.fit(patterns, sample_weight=counts)
    assert not model.converged_


def test_latent_class_competes_on_a_sample_of_many_patterns_and_finishes_on_all() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(60_000) < 0.3  # with 24 features nearly every row is a pattern of its own
    X = (rng.random((60_000, 24)) < np.where(truth[:, None], 0.8, 0.3)).astype(int)
    assert len(np.unique(X, axis=0)) > 50_000
    model = LatentClass(2, n_init=2, tol=1e-7, random_state=0).fit(X)
    assert (model.labels_ == truth).mean() > 0.97
    np.testing.assert_allclose(model.class_prior_, [0.7, 0.3], atol=0.01)
    assert model.log_likelihood_ == pytest.approx(model.score(X) * 60_000)
