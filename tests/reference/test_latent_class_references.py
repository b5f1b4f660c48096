"""LatentClass against published figures of published tables."""

from __future__ import annotations

import numpy as np
import pytest

from segmentry.cluster import LatentClass

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
