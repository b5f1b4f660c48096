"""The same population is called stable; planted shifts are found. `python -m benchmarks.drift` has the table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.datasets import sample_households


@pytest.mark.parametrize("n_customers", [500, 2_000, 10_000, 1_000_000])
def test_the_same_population_is_stable_in_95_of_100_draws(model, draw, n_customers):
    kinds = [model.drift(draw(n_customers, seed)).verdict.kind for seed in range(200)]
    assert kinds.count("stable") >= 190


@pytest.mark.parametrize("n_customers", [2_000, 10_000])
def test_other_shares_of_the_segments_are_found(model, draw, n_customers):
    table = model.patterns
    chance = table.counts * np.where(model.labels == 1, 1.6, 1.0)
    found = [model.drift(draw(n_customers, seed, chance)) for seed in range(20)]
    assert sum("segments" in {f.about for f in d.verdict.findings} for d in found) >= 19
    assert {d.verdict.kind for d in found} == {"shifting"}


def test_another_share_of_a_level_is_found(model, draw):
    table = model.patterns
    at = [f.name for f in table.features].index("marital_status")
    chance = table.counts * np.where(np.asarray(table.codes[:, at]) == 0, 2.0, 1.0)
    found = [model.drift(draw(2_000, seed, chance)) for seed in range(20)]
    label = table.features[at].label
    assert all(any(label in f.text for f in d.verdict.findings) for d in found)


def test_changed_dependence_with_equal_margins_is_a_refit(model):
    """Six of ten customers get every feature from somebody else: shares of levels stay as they are."""
    kinds = []
    for seed in range(4):
        rows = sample_households(rows=3_000, seed=100 + seed)
        rng = np.random.default_rng(seed)
        mixed = rng.random(len(rows)) < 0.6
        for columns in (
            ["Income"],
            ["Year_Birth"],
            ["Education"],
            ["Marital_Status"],
            ["Kidhome", "Teenhome"],
        ):
            part = rows.loc[mixed, columns].to_numpy()
            rows.loc[mixed, columns] = part[rng.permutation(len(part))]
        found = model.drift(rows)
        assert found.verdict.findings[0].about == "fit"
        assert all(s.total_variation.value < 0.05 for s in found.features)
        kinds.append(found.verdict.kind)
    assert set(kinds) == {"refit"}


@pytest.mark.parametrize(("share", "kind"), [(0.002, "stable"), (0.03, "shifting"), (0.1, "refit")])
def test_new_levels_are_found_by_how_many_have_them(model, share, kind):
    rows = sample_households(rows=10_000, seed=5)
    rows.loc[rows.index[: int(share * len(rows))], "Education"] = "Kindergarten"
    found = model.drift(rows)
    assert found.verdict.kind == kind
    unseen = [u for u in found.left_out if u.name != "rows"]
    assert [u.n_new for u in unseen] == [int(share * len(rows))]


def test_a_difference_too_small_to_matter_is_stable_however_many_customers(model):
    """Exact shares of the old population, one segment 3 % more frequent, ten million customers."""
    old = model.patterns
    more = np.round(old.counts * 2_500 * np.where(model.labels == 0, 1.03, 1.0)).astype(np.int64)
    grown = replace(old, counts=more, cleaning=replace(old.cleaning, n_rows=int(more.sum()), steps=()))
    found = model.drift(grown.without_outcomes())
    assert found.new.n_customers > 10_000_000
    assert found.verdict.kind == "stable"


def test_rows_that_cleaning_drops_are_found(model):
    rows = sample_households(rows=4_000, seed=8)
    rows.loc[np.random.default_rng(0).random(len(rows)) < 0.12, "Income"] = np.nan
    found = model.drift(rows)
    assert found.verdict.kind == "shifting"
    assert found.verdict.findings[0].about == "rows"
    assert isinstance(found.levels, pd.DataFrame)


def test_drift_is_the_same_from_rows_and_from_their_pattern_table(model):
    rows = sample_households(rows=2_000, seed=3)
    one, other = model.drift(rows), model.drift(sg.collect(rows, model.recipe))
    assert one.to_dict() | {"source": ""} == other.to_dict() | {"source": ""}
