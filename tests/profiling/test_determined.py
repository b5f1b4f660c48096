"""Outcomes that features determine, or nearly, are found; others are not, however much they depend on the features."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.profiling.determined import ALL_FEATURES, determined_outcomes
from segmentry.report.facts import facts_of

pytestmark = pytest.mark.usefixtures("few_null_tables")


def profiled(columns, outcomes, features=("income", "visits")):
    frame = pd.DataFrame({"id": np.arange(len(columns["income"])), **columns})
    defined = {
        "income": {"column": "income", "edges": [20, 40, 80]},
        "visits": {"column": "visits", "edges": [2, 5]},
    }
    recipe = {
        "source": {"id": "id"},
        "features": {name: defined[name] for name in features},
        "outcomes": [{"name": role, "role": role, "columns": names} for role, names in outcomes.items()],
    }
    return sg.profile(frame, sg.Recipe.from_dict(recipe), "segment")


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(4)
    n = 3_000
    income, visits = rng.lognormal(3.7, 0.7, n), rng.poisson(3, n)
    columns = {
        "income": income,
        "visits": visits,
        "segment": (income > 30).astype(int) + (visits > 3),
        "gross": 1.3 * income,
        "falls": 1e4 - income**2,
        "noisy": income * rng.lognormal(0, 0.1, n),
        "both": np.digitize(income, [20, 40, 80]) + 1.2 * np.digitize(visits, [2, 5]),
        "related": income * rng.lognormal(0, 1.0, n),
        "unrelated": rng.lognormal(0, 1, n),
        "is_rich": (income > 50).astype(int),
        "clicks": (rng.random(n) < 1 / (1 + np.exp(3 - income / 20))).astype(int),
    }
    amounts = ["gross", "falls", "noisy", "both", "related", "unrelated"]
    return profiled(columns, {"amounts": amounts, "flags": ["is_rich", "clicks"]})


def test_copies_are_named_whatever_they_are_computed_by(found):
    by = found.outcomes.groupby("outcome")["determined_by"].first()
    assert by[["gross", "falls", "noisy", "is_rich"]].tolist() == ["income"] * 4
    assert by["both"] == ALL_FEATURES
    assert by[["related", "unrelated", "clicks"]].tolist() == [""] * 3


def test_what_is_determined_is_described_and_not_tested(found):
    rows = found.outcomes
    is_determined = rows["determined_by"] != ""
    assert rows.loc[is_determined, ["p_value", "p_adjusted"]].isna().all(axis=None)
    assert rows.loc[is_determined, "value"].notna().all()
    assert rows.loc[~is_determined, "p_adjusted"].notna().all()
    assert found.n_comparisons == (~is_determined).sum()
    assert (found.strata.loc[found.strata["outcome"] == "gross", "finding"] == "").all()


def test_notes_name_the_feature_and_the_outcomes(found):
    notes = {n.outcomes: n.text for n in found.notes if n.kind == "determined"}
    (by_income,) = (text for names, text in notes.items() if "gross" in names)
    assert by_income.startswith("gross, falls, noisy, is_rich: determined, or nearly, by Income, ")
    assert "the features together" in notes["both",]
    for text in found.insights.texts:
        assert not any("gross" in sentence for sentence in text.sentences)


def test_without_counts_of_values_a_copy_of_the_levels_is_found(found):
    assert determined_outcomes(found.patterns)["both"] == ALL_FEATURES
    assert "unrelated" not in determined_outcomes(found.patterns)


def test_the_report_says_what_determines_the_headline_and_compares_no_cut_on_it():
    rng = np.random.default_rng(5)
    n = 600
    gift = rng.choice([0, 5, 15], n)
    frame = pd.DataFrame(
        {
            "id": range(n),
            "gift": gift,
            "visits": rng.poisson(3, n),
            "gave": gift > 0,
            "spend": rng.lognormal(3, 0.5, n),
        }
    )
    recipe = {
        "headline": "gave",
        "source": {"id": "id"},
        "features": {
            "gift": {"column": "gift", "edges": [1, 10]},
            "visits": {"column": "visits", "edges": [2, 5]},
        },
        "outcomes": {
            "gave": {"role": "flags", "columns": ["gave"]},
            "spend": {"role": "amounts", "columns": ["spend"]},
        },
        "model": {"method": "latent-class", "segments": 2},
    }
    result = sg.run(frame, sg.Recipe.from_dict(recipe))
    facts = facts_of(result)
    headline = facts.segments[0].headline
    assert (headline.determined_by, headline.is_different) == ("Gift", False)
    steps = " ".join(facts.next_steps)
    assert "gave is determined, or nearly, by Gift" in steps
    assert "they say nothing of it" not in steps
    assert set(result.insights.comparison["outcome"]) == {"spend", "mean of all outcomes"}
