"""LatentClass against published figures of published tables."""

from __future__ import annotations

import numpy as np
import pytest

from segmentry.cluster import LatentClass
from segmentry.cluster.latent_class.inference import covariance

Table = tuple[np.ndarray, np.ndarray]

# Linzer & Lewis (2011), poLCA: an R package for polytomous variable latent class analysis, J. Stat. Softw.
# 42(10): poLCA(cbind(A, B, C, D, E, F, G) ~ 1, carcinoma, nclass = k).
LOG_LIKELIHOODS = {2: -317.2568, 3: -293.7050, 4: -289.2858}


@pytest.mark.parametrize("n_components", LOG_LIKELIHOODS)
def test_default_settings_reach_the_published_likelihood_of_carcinoma_from_every_seed(
    carcinoma: Table, n_components: int
) -> None:
    patterns, counts = carcinoma
    for seed in range(50):
        model = LatentClass(n_components, random_state=seed).fit(patterns, sample_weight=counts)
        assert model.log_likelihood_ == pytest.approx(LOG_LIKELIHOODS[n_components], abs=1e-3), seed
        assert model.n_parameters_ == n_components - 1 + 7 * n_components


# The same calls of poLCA print these. Its residual degrees of freedom, 103 and 95, are other ones: 118 rows
# less the parameters, where the cells of the table, 2 ** 7 - 1, are more than the rows.
G_SQUARED = {2: 62.36543, 3: 15.26171}


@pytest.mark.parametrize("n_components", G_SQUARED)
def test_g_squared_of_carcinoma_matches_polca(carcinoma: Table, n_components: int) -> None:
    patterns, counts = carcinoma
    model = LatentClass(n_components, random_state=0).fit(patterns, sample_weight=counts)
    assert model.g_squared_ == pytest.approx(G_SQUARED[n_components], abs=1e-4)
    assert model.degrees_of_freedom_ == 127 - model.n_parameters_


@pytest.fixture(scope="module")
def two_classes(role_conflict: Table) -> LatentClass:
    patterns, counts = role_conflict
    return LatentClass(2, tol=1e-13, random_state=0).fit(patterns, sample_weight=counts)


def test_fit_to_role_conflict_matches_polca(two_classes: LatentClass) -> None:
    """poLCA(cbind(A, B, C, D) ~ 1, values, nclass = 2)."""
    assert two_classes.log_likelihood_ == pytest.approx(-504.4677, abs=1e-4)
    assert two_classes.g_squared_ == pytest.approx(2.719922, abs=1e-5)
    assert two_classes.degrees_of_freedom_ == 6
    np.testing.assert_allclose(two_classes.class_prior_, [0.7208, 0.2792], atol=5e-5)


# Standard errors of the probabilities of the second level, in the larger class and the smaller one.
# poLCA, which takes the outer product of the scores for the information (broom::tidy of the call above):
POLCA_ERRORS = [[0.0393, 0.0489, 0.0482, 0.0379], [0.0254, 0.0649, 0.0642, 0.0929]]
# Mplus with its default, the sandwich of the observed information and that product: UCLA's textbook examples,
# McCutcheon (2002) in Applied Latent Class Analysis, chapter 2, table 2; its columns B and C are C and B here.
MPLUS_ERRORS = [[0.042, 0.051, 0.049, 0.039], [0.025, 0.067, 0.068, 0.098]]


def _scores(model: LatentClass, patterns: np.ndarray) -> np.ndarray:
    """Return the derivatives (n_patterns, n_parameters) of the log-likelihoods, numerically."""
    parameters = model._parameters()
    columns = np.column_stack([np.zeros(len(patterns), int), 2 * np.arange(4) + (patterns == "2") + 1])

    def logs(flat: np.ndarray) -> np.ndarray:
        return np.log(flat.reshape(parameters.shape)[:, columns].prod(axis=2).sum(axis=0))

    steps = 1e-7 * np.eye(parameters.size)
    return np.column_stack(
        [(logs(parameters.ravel() + s) - logs(parameters.ravel() - s)) / 2e-7 for s in steps]
    )


def test_standard_errors_match_two_programs_in_their_own_definitions(
    two_classes: LatentClass, role_conflict: Table
) -> None:
    patterns, counts = role_conflict
    found = covariance(two_classes._design(patterns, counts), two_classes._parameters())
    scores = _scores(two_classes, patterns)
    product = (scores * counts[:, None]).T @ scores
    sandwich = np.sqrt(np.diagonal(found @ product @ found)).reshape(2, -1)
    np.testing.assert_allclose(sandwich[:, 2::2], MPLUS_ERRORS, atol=5.1e-4)
    basis = np.linalg.svd(found)[0][:, :9]  # the nine directions in which the parameters can move
    outer = basis @ np.linalg.inv(basis.T @ product @ basis) @ basis.T
    np.testing.assert_allclose(np.sqrt(np.diagonal(outer)).reshape(2, -1)[:, 2::2], POLCA_ERRORS, atol=5.1e-5)
    errors = two_classes.standard_errors(patterns, sample_weight=counts)
    own = np.sqrt(np.diagonal(found)).reshape(2, -1)
    np.testing.assert_allclose(np.column_stack([e[:, 1] for e in errors.response_proba]), own[:, 2::2])
