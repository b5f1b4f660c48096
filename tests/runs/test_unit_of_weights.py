"""Survey weights say how customers count beside each other: in which unit they come changes nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from recipes import few_segments
from segmentry.datasets import sample_households

pytestmark = pytest.mark.usefixtures("few_null_tables")

UNITS = {"mean of 1": 1.0, "customers of the whole country": 25_000.0, "shares": 1e-6}


def run_in(units: list[str], **settings: str) -> dict[str, sg.Segmentation]:
    rows = sample_households(rows=1_200, seed=3)
    weights = np.random.default_rng(0).lognormal(0, 0.7, len(rows))
    weights /= weights.mean()
    plain = few_segments(sg.Recipe.load("households"), most=5)
    recipe = plain.model_copy(update={"source": plain.source.model_copy(update={"weight": "w"})})
    return {unit: sg.run(rows.assign(w=weights * UNITS[unit]), recipe, **settings) for unit in units}


@pytest.fixture(scope="module")
def results() -> dict[str, sg.Segmentation]:
    return run_in(list(UNITS))


@pytest.mark.parametrize("unit", list(UNITS)[1:])
def test_segments_choice_and_verdict_are_the_same(results: dict[str, sg.Segmentation], unit: str) -> None:
    one, other = results["mean of 1"], results[unit]
    assert (one.choice.k, one.verdict, one.choice.reason) == (
        other.choice.k,
        other.verdict,
        other.choice.reason,
    )
    np.testing.assert_array_equal(one.labels, other.labels)
    pd.testing.assert_frame_equal(one.selection, other.selection, rtol=1e-6)


@pytest.mark.parametrize("unit", list(UNITS)[1:])
@pytest.mark.parametrize("table", ["features", "outcomes", "targeting", "strata"])
def test_every_table_says_the_same(results: dict[str, sg.Segmentation], unit: str, table: str) -> None:
    one, other = getattr(results["mean of 1"], table), getattr(results[unit], table)
    totals = [column for column in one.columns if column in {"count", "total"}]  # these are in that unit
    pd.testing.assert_frame_equal(one.drop(columns=totals), other.drop(columns=totals), rtol=1e-6)


@pytest.mark.parametrize("method", ["k-modes", "k-means"])
def test_other_methods_find_the_same(method: str) -> None:
    one, other = run_in(list(UNITS)[:2], method=method).values()
    assert (one.choice.k, one.verdict) == (other.choice.k, other.verdict)
    np.testing.assert_array_equal(one.labels, other.labels)
    pd.testing.assert_frame_equal(
        one.selection, other.selection, rtol=1e-4
    )  # rounding may lead to another optimum


def test_criteria_count_on_the_effective_number(results: dict[str, sg.Segmentation]) -> None:
    """The log-likelihood of one class is that of as many customers, not of as many rows."""
    result = results["mean of 1"]
    effective = result.patterns.n_effective
    assert effective < 0.8 * result.n_customers
    weights = result.patterns.effective_weight
    assert weights.sum() == pytest.approx(effective)
    shares = [
        result.patterns.level_counts(j) / result.patterns.sample_weight.sum()
        for j in range(len(result.patterns.features))
    ]
    expected = sum(effective * (s[s > 0] * np.log(s[s > 0])).sum() for s in shares)
    assert result.selection["log_likelihood"].iloc[0] == pytest.approx(expected, rel=1e-6)
