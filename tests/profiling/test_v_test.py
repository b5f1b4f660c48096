"""The v-test: catdes of FactoMineR for whole counts, finite at any number of customers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import hypergeom

from segmentry.profiling.v_test import v_test

# Rows: eyes brown, blue, hazel, green; columns: hair black, brown, red, blond, then male, female.
# 592 students, HairEyeColor of R (Snee 1974).
HAIR = np.array([[68, 119, 26, 7], [20, 84, 17, 94], [15, 54, 14, 10], [5, 29, 14, 16]], float)
SEX = np.array([[98, 122], [101, 114], [47, 46], [33, 31]], float)

# R 4.2.2, FactoMineR 2.7:
#   d <- as.data.frame(HairEyeColor)
#   d <- d[rep(seq_len(nrow(d)), d$Freq), c("Eye", "Hair", "Sex")]
#   for (e in levels(d$Eye)) print(catdes(d, 1, proba = 1)$category[[e]], digits = 10)   # column v.test
HAIR_V = [
    [6.00709545393, 2.15702030538, -0.09158904267, -9.16942597586],
    [-4.39647874446, -3.39506317296, -2.34253563251, 9.80856342842],
    [-0.5544069055, 2.0386192997, 0.9775337516, -2.8649062941],
    [-2.4136526894, -0.5025972091, 2.3757051031, 0.7336461483],
]
SEX_V = [
    [-0.96464379348, 0.96464379348],
    [-0.05515746265, 0.05515746265],
    [0.7133336844, -0.7133336844],
    [0.7464470312, -0.7464470312],
]


def scores(counts):
    return v_test(counts, counts.sum(axis=1, keepdims=True), counts.sum(axis=0), counts.sum())


@pytest.mark.parametrize(("counts", "expected"), [(HAIR, HAIR_V), (SEX, SEX_V)])
def test_v_test_is_that_of_factominer_catdes(counts, expected):
    np.testing.assert_allclose(scores(counts), expected, atol=5e-10)


@pytest.mark.parametrize("times", [10**3, 10**6, 10**8])
def test_v_test_is_finite_and_grows_as_the_root_of_the_customers(times):
    found = scores(HAIR * times)
    assert np.isfinite(found).all()
    # to the first order the log of a tail grows with n, so the score with its root; blond and blue of 592: 9.81
    assert found[1, 3] == pytest.approx(9.855 * np.sqrt(times), rel=2e-3)


@pytest.mark.parametrize(("seen", "level", "size", "total"), [(11, 30, 20, 100), (90, 919, 300, 2216), (1, 1, 10, 50),
                                                              (0, 40, 60, 1000), (520, 1000, 1000, 2000)])  # fmt: skip
def test_the_tail_is_that_of_scipy_with_half_of_the_count_itself(seen, level, size, total):
    from scipy.special import ndtr

    draw = hypergeom(total, level, size)
    half = draw.pmf(seen) / 2
    tail = min(draw.sf(seen) + half, draw.cdf(seen - 1) + half)
    found = v_test(
        np.array([[seen]], float), np.array([[size]], float), np.array([level], float), total
    ).item()
    assert ndtr(-abs(found)) == pytest.approx(tail, rel=1e-9)
    assert np.sign(found) == np.sign(seen * total - size * level)


def test_other_counts_are_compared_by_their_standard_deviation():
    total, level, size, seen = 100.5, 30.25, 20.5, 11.75
    share = level / total
    variance = size * (total - size) / (total - 1) * share * (1 - share)
    found = v_test(np.array([[seen]]), np.array([[size]]), np.array([level]), total).item()
    assert found == pytest.approx((seen - size * share) / np.sqrt(variance), rel=1e-12)


def test_the_approximation_is_close_where_customers_are_many():
    exact, other = scores(HAIR * 1000), scores(HAIR * 1000.5)
    is_near = np.abs(exact) < 25
    assert is_near.sum() == 4
    np.testing.assert_allclose(exact[is_near], other[is_near], rtol=0.02)


def test_what_cannot_vary_scores_nothing():
    assert scores(np.array([[5.0, 0.0], [7.0, 0.0]])).tolist() == [[0, 0], [0, 0]]
    assert scores(np.array([[5.0, 2.0], [0.0, 0.0]])).tolist() == [[0, 0], [0, 0]]
