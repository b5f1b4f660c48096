"""Of a large table how values spread is known from a part of it: how near that is, and what stays exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry import sampling
from segmentry.datasets import sample_households
from segmentry.errors import DataError
from segmentry.patterns import PatternTable
from segmentry.profile.moments import moments_of
from segmentry.spread import with_spread

ROWS, PART = 40_000, 10_000
TABLE = sample_households(rows=ROWS, seed=8)


@pytest.fixture(scope="module")
def whole() -> PatternTable:
    return sg.collect(TABLE, "households")


@pytest.fixture
def in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tables of more than `PART` rows be large."""
    monkeypatch.setattr(sampling, "MAX_ROWS", PART)


@pytest.fixture
def parted(in_part: None) -> PatternTable:
    return sg.collect(TABLE, "households")


def test_counts_and_sums_are_those_of_all_customers(whole, parted) -> None:
    assert (whole.spread_share, parted.spread_share) == (1.0, PART / ROWS)
    for name in ("codes", "counts", "n_values", "sums"):
        np.testing.assert_array_equal(getattr(parted, name), getattr(whole, name))
    assert parted.cleaning == whole.cleaning
    assert parted.made_by == whole.made_by


def test_squares_and_cubes_of_flags_are_exact(whole, parted) -> None:
    flags = [o.role == "flags" for o in whole.outcomes]
    assert sum(flags) == 6
    for name in ("squares", "cubes"):
        np.testing.assert_array_equal(getattr(parted, name)[:, flags], getattr(whole, name)[:, flags])
        assert not np.allclose(getattr(parted, name), getattr(whole, name))


def test_variances_of_segments_err_as_those_of_a_sample_do(whole, parted) -> None:
    labels = np.asarray(whole.codes[:, 0], np.intp)
    for j, outcome in enumerate(whole.outcomes):
        exact, found = (moments_of(table, labels, 5, j) for table in (whole, parted))
        np.testing.assert_array_equal(found.mean, exact.mean)
        if outcome.role == "flags":
            continue
        values = TABLE[outcome.name].to_numpy(np.float64)
        kurtosis = ((values - values.mean()) ** 4).mean() / values.var() ** 2
        error = np.sqrt((kurtosis - 1) / (exact.n * PART / ROWS))  # of the variance of that many customers
        assert (np.abs(found.variance / exact.variance - 1) < 4 * error).all()
        assert np.sign(found.third[-1]) == np.sign(exact.third[-1])


def test_a_sample_of_everybody_is_the_table_itself(whole) -> None:
    bare = replace(whole, squares=whole.sums, cubes=whole.sums, origins=0 * whole.origins, folds=None)
    again = with_spread(bare, whole, 1.0)
    for name in ("squares", "cubes", "origins"):
        np.testing.assert_array_equal(getattr(again, name), getattr(whole, name))
    assert again.folds is whole.folds


def test_patterns_without_a_sampled_customer_spread_as_all_do(whole) -> None:
    wine = next(j for j, o in enumerate(whole.outcomes) if o.name == "MntWines")
    rare = np.flatnonzero(whole.counts >= 2)[:3]
    sampled = whole.take(np.setdiff1d(np.arange(whole.n_patterns), rare))
    found = with_spread(whole, sampled, 0.5)
    n, mean = whole.n_values[:, wine], whole.sums[:, wine] / np.maximum(whole.n_values[:, wine], 1)
    inside = found.squares[:, wine] - n * (mean - whole.origins[wine]) ** 2
    variance = inside[rare] / (n[rare] - 1)
    exact = whole.squares[:, wine] - n * (mean - whole.origins[wine]) ** 2
    kept = np.setdiff1d(np.arange(whole.n_patterns), rare)
    np.testing.assert_allclose(variance, exact[kept].sum() / np.maximum(n[kept] - 1, 0).sum(), rtol=1e-9)


def test_halves_hold_the_sampled_customers_alone(parted) -> None:
    number = TABLE["ID"].to_numpy() % sampling.PRIME * 1_583_458_089 % sampling.PRIME
    n_sampled = int((number < round(PART / ROWS * sampling.PRIME)).sum())
    assert parted.folds is not None
    assert parted.folds.counts.sum() <= n_sampled
    assert parted.folds.counts.sum() == pytest.approx(parted.n_customers * parted.spread_share, rel=0.05)
    assert (parted.folds.counts.sum(axis=1) <= parted.counts).all()


def test_a_run_finds_the_same_rates_and_means(in_part, monkeypatch: pytest.MonkeyPatch) -> None:
    parted = sg.run(TABLE, "households", segments=4)
    monkeypatch.setattr(sampling, "MAX_ROWS", ROWS)
    exact = sg.run(TABLE, "households", segments=4)
    named = ["segment", "outcome", "n", "value", "total", "share_of_total"]
    pd.testing.assert_frame_equal(parted.outcomes[named], exact.outcomes[named])
    said = [note.text for note in parted.notes if note.kind == "sample"]
    assert len(said) == 1
    assert "how values spread about their means" in said[0]
    assert "0.25 of the customers" in said[0]
    profit = exact.targeting["expected_profit"].to_numpy()
    np.testing.assert_allclose(parted.targeting["expected_profit"].to_numpy(), profit, equal_nan=True)


def test_held_out_figures_are_those_of_as_many_customers_as_the_halves_have(parted, whole) -> None:
    from segmentry.profile.comparison import comparison_table

    labels = np.asarray(whole.codes[:, 0], np.intp)
    shown = [comparison_table(table, labels, 5).set_index(["outcome", "cut"]) for table in (whole, parted)]
    assert (shown[1]["n"] == np.rint(shown[0]["n"] * PART / ROWS)).all()
    explained = [s["explained"].xs("segments", level="cut") for s in shown]
    np.testing.assert_allclose(explained[0], explained[1], atol=0.03)


def test_a_wrong_flag_outside_the_sample_is_refused(in_part) -> None:
    number = TABLE["ID"].to_numpy() % sampling.PRIME * 1_583_458_089 % sampling.PRIME
    outside = TABLE.index[number > 0.9 * sampling.PRIME][0]
    table = TABLE.copy()
    table.loc[outside, "Response"] = 2
    with pytest.raises(DataError, match=r"Response: has values other than 0/1.*2 \(1\)"):
        sg.collect(table, "households")


@pytest.mark.parametrize("ends", [[np.inf], [np.inf, -np.inf]])
def test_infinite_values_outside_the_sample_are_refused(in_part, ends: list[float]) -> None:
    number = TABLE["ID"].to_numpy() % sampling.PRIME * 1_583_458_089 % sampling.PRIME
    table = TABLE.astype({"MntWines": "float64"})
    same = table.groupby(["Education", "Marital_Status", "Kidhome", "Teenhome"]).ngroup()
    outside = table.index[(number > 0.9 * sampling.PRIME) & (same == same.mode()[0])][: len(ends)]
    table.loc[outside, ["Income", "Year_Birth"]] = (50_000, 1970)
    table.loc[outside, "MntWines"] = ends
    with pytest.raises(DataError, match="MntWines: has infinite values"):
        sg.collect(table, "households")


def test_tables_with_and_without_all_their_customers_add_up(parted, whole, tmp_path) -> None:
    both = whole.merge(parted)
    assert both.spread_share == pytest.approx((1 + PART / ROWS) / 2)
    np.testing.assert_array_equal(both.sums, 2 * whole.sums)
    parted.save(tmp_path / "patterns.parquet")
    assert sg.PatternTable.load(tmp_path / "patterns.parquet").spread_share == PART / ROWS


def test_survey_weights_take_every_customer(in_part) -> None:
    weighted = TABLE.assign(w=1.5)
    recipe = sg.Recipe.load("households")
    source = recipe.source.model_copy(update={"weight": "w"})
    assert sg.collect(weighted, recipe.model_copy(update={"source": source})).spread_share == 1.0
