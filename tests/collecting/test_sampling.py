"""Which rows are read again for quartiles and histograms: all of small tables, the same part of large ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segmentry.collecting.collection import collect_patterns
from segmentry.collecting.histograms import count_raw_values
from segmentry.collecting.pattern_segments import register_segments
from segmentry.collecting.sampling import MAX_ROWS, take_sample
from segmentry.collecting.value_counts import segment_value_counts
from segmentry.datasets import sample_households
from segmentry.engine import Engine, open_engine
from segmentry.profiling import SegmentedPatterns, outcome_notes, outcome_table, quartile_table, strata_table
from segmentry.recipe import Recipe
from segmentry.recipe.timing import outcome_timing
from segmentry.sql.fold import MULTIPLIER, PRIME

ROWS = 20_000
TABLE = sample_households(rows=ROWS, seed=6)
RECIPE = Recipe.load("households")


class HandsOut:
    """An engine that keeps no results: the rows are taken by the query that needs them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> object:
        if name == "keep":
            raise AttributeError(name)
        return getattr(self._engine, name)


@pytest.fixture(params=["keeps", "hands out"])
def engine(request: pytest.FixtureRequest):
    opened = open_engine(TABLE)
    yield opened if request.param == "keeps" else HandsOut(opened)
    opened.close()


def taken(share: float) -> pd.DataFrame:
    """The formula of the documentation, in numpy."""
    number = TABLE["ID"].to_numpy() % PRIME * MULTIPLIER % PRIME
    return TABLE[number < round(share * PRIME)]


def test_a_table_of_up_to_a_million_rows_is_read_whole(engine) -> None:
    collected = collect_patterns(engine, RECIPE)
    assert ROWS < MAX_ROWS
    assert take_sample(engine, collected.matched, collected.patterns.cleaning).share == 1.0


def test_a_table_without_an_id_is_read_whole(engine) -> None:
    source = RECIPE.source.model_copy(update={"id": None})
    collected = collect_patterns(engine, RECIPE.model_copy(update={"source": source}))
    assert take_sample(engine, collected.matched, collected.patterns.cleaning, max_rows=5_000).share == 1.0


@pytest.mark.parametrize(("form", "share"), [("{}@shop.example", 1.0), ("C{:05}", 0.25)])
def test_ids_that_end_alike_take_no_sample(form: str, share: float, request: pytest.FixtureRequest) -> None:
    opened = open_engine(TABLE.assign(ID=TABLE["ID"].map(form.format)))
    request.addfinalizer(opened.close)
    collected = collect_patterns(opened, RECIPE)
    found = take_sample(opened, collected.matched, collected.patterns.cleaning, max_rows=5_000)
    assert found.share == share


def test_quartiles_are_those_of_the_rows_that_the_hash_takes(engine) -> None:
    collected = collect_patterns(engine, RECIPE)
    found = take_sample(engine, collected.matched, collected.patterns.cleaning, max_rows=5_000)
    assert found.share == 0.25
    labels = np.zeros(collected.patterns.n_patterns, dtype=np.intp)
    table = quartile_table(segment_value_counts(engine, collected, found, labels), 1).set_index("outcome")
    rows = taken(0.25)
    assert 4_700 < len(rows) < 5_300
    wine = rows["MntWines"]
    assert table.loc["MntWines", "quartiles"] == "sample"
    assert table.loc["MntWines", "any_share"] == pytest.approx((wine > 0).mean())
    names = ["lower_quartile", "median", "upper_quartile"]
    assert table.loc["MntWines", names].tolist() == wine.quantile([0.25, 0.5, 0.75]).tolist()


def test_histograms_count_the_rows_that_the_hash_takes(engine) -> None:
    collected = collect_patterns(engine, RECIPE)
    found = take_sample(engine, collected.matched, collected.patterns.cleaning, max_rows=5_000)
    labels = np.zeros(collected.patterns.n_patterns, dtype=np.intp)
    register_segments(engine, collected, labels, np.ones(len(labels)))
    counted = count_raw_values(engine, found.matched)
    assert counted[counted["feature"] == "income"]["count"].sum() == len(taken(0.25))


def test_a_note_says_that_it_is_a_sample(engine) -> None:
    collected = collect_patterns(engine, RECIPE)
    labels = np.zeros(collected.patterns.n_patterns, dtype=np.intp)
    counts = segment_value_counts(
        engine,
        collected,
        take_sample(engine, collected.matched, collected.patterns.cleaning, max_rows=5_000),
        labels,
    )
    segmented = SegmentedPatterns(collected.patterns, labels, 1)
    outcomes = outcome_table(segmented, timing=outcome_timing(RECIPE))
    strata = strata_table(segmented, outcomes, ())
    names = {o.name: o.label for o in collected.patterns.outcomes}
    notes = outcome_notes(outcomes, strata, counts, names, {})
    said = [note.text for note in notes if note.kind == "sample"]
    assert len(said) == 1
    assert "25\u00a0% of the customers" in said[0]
