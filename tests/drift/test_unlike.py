"""Customers of a new kind, and segments that are going: few, but more than chance, and named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentry.cluster import LatentClass
from segmentry.disclosure.customers import shown_population
from segmentry.drift.measuring import measure_drift
from segmentry.drift.unlike import compare_unlike
from segmentry.patterns import Cleaning, FeatureLevels, PatternTable, as_codes
from segmentry.profiling import SegmentedPatterns, population_of
from segmentry.profiling.population import Population
from segmentry.scoring import fitted_population, score_patterns

FEATURES = tuple(FeatureLevels(f"f{j}", f"F{j}", ("a", "b", "c")) for j in range(5))
SHARES = np.array([0.57, 0.4, 0.03])
TYPICAL = np.array([[0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [2, 2, 2, 0, 0]])


def codes_of(rng, n, shares=SHARES, odd=0.0):
    """Three classes with typical levels; a share `odd` of a kind of their own."""
    codes = TYPICAL[rng.choice(3, n, p=shares)]
    codes = np.where(rng.random(codes.shape) < 0.25, rng.integers(0, 3, codes.shape), codes)
    return np.where(rng.random((n, 1)) < odd, [0, 1, 2, 1, 2], codes)


def table_of(codes):
    patterns, counts = np.unique(codes, axis=0, return_counts=True)
    return PatternTable(features=FEATURES, codes=as_codes(patterns), counts=counts)


@pytest.fixture(scope="module")
def fitted():
    table = table_of(codes_of(np.random.default_rng(0), 20_000))
    model = LatentClass(3, random_state=0, n_init=5, handle_unknown="missing")
    model.fit(table.codes, sample_weight=table.counts)
    return model, fitted_population(model, placed(model, table))


def placed(model, table):
    return SegmentedPatterns(table, score_patterns(model, table.codes)[0], 3)


def drift_of(fitted, codes):
    model, old = fitted
    table = table_of(codes)
    new = population_of(placed(model, table), model.misfit(table.codes), worst=old.worst, limits=old.limits)
    return measure_drift(old, new, FEATURES, (), ["one", "two", "three"])


@pytest.mark.parametrize("seed", range(5))
def test_three_in_a_hundred_of_a_new_kind_are_named(fitted, seed):
    found = drift_of(fitted, codes_of(np.random.default_rng([1, seed]), 20_000, odd=0.03))
    assert found.verdict.kind == "shifting"
    assert "unlike" in {f.about for f in found.verdict.findings}
    assert 0.015 < found.unlike.excess < 0.05
    assert found.to_dict()["unlike"]["new"] == found.unlike.new


def test_a_segment_that_is_gone_is_named_although_it_was_small(fitted):
    found = drift_of(fitted, codes_of(np.random.default_rng(2), 20_000, shares=np.array([0.59, 0.41, 0.0])))
    assert found.segments.total_variation.value < 0.05
    assert [f.about for f in found.verdict.findings] == ["segments"]
    assert found.verdict.findings[0].text.startswith("Segment 3 is going")


@pytest.mark.parametrize("n", [500, 20_000])
def test_the_same_customers_are_as_unlike_as_before(fitted, n):
    kinds = [drift_of(fitted, codes_of(np.random.default_rng([3, s]), n)).verdict.kind for s in range(30)]
    assert kinds.count("stable") >= 28


def test_one_in_a_hundred_of_a_new_kind_is_too_few_to_matter(fitted):
    found = drift_of(fitted, codes_of(np.random.default_rng(4), 20_000, odd=0.01))
    assert found.unlike.p_adjusted < 0.02
    assert found.verdict.kind == "stable"


def test_a_model_of_few_customers_says_nothing_of_new_kinds(fitted):
    _, old = fitted
    assert compare_unlike(old, old).p_value > 0.5
    assert compare_unlike(replace(old, n_parameters=old.n_customers // 50), old) is None


def test_populations_are_saved_with_the_limits_and_read_without(fitted):
    _, old = fitted
    read = Population.from_dict(old.to_dict())
    assert (read.beyond == old.beyond).all()
    assert (read.limits == old.limits).all()
    earlier = {name: value for name, value in old.to_dict().items() if name not in ("limits", "beyond")}
    assert compare_unlike(Population.from_dict(earlier), old) is None


def test_few_customers_beyond_a_limit_are_not_told(fitted):
    _, old = fitted
    few = replace(old, beyond=np.array([*old.beyond[:-1], 3.0]))
    withheld = pd.DataFrame({"segment": [], "outcome": []})
    assert np.isnan(shown_population(few, Cleaning(0), withheld, (), 5).beyond).all()
    assert (shown_population(old, Cleaning(0), withheld, (), 5).beyond == old.beyond).all()
