"""Of a large table the halves are those of a part of its customers, and everything else that of all."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.collecting import sampling
from segmentry.collecting.collection import Fine, add_halves, collect_patterns, collect_sums
from segmentry.datasets import sample_households
from segmentry.engine import open_engine
from segmentry.errors import DataError
from segmentry.patterns import PatternTable
from segmentry.profiling import SegmentedPatterns
from segmentry.profiling.simple_cuts import comparison_table
from segmentry.recipe import CleanStep
from segmentry.sql.fold import MULTIPLIER, PRIME

pytestmark = pytest.mark.usefixtures("few_null_tables")

ROWS, PART = 40_000, 10_000
TABLE = sample_households(rows=ROWS, seed=8)
HASH = TABLE["ID"].to_numpy() % PRIME * MULTIPLIER % PRIME
RECIPE = HOUSEHOLDS


@pytest.fixture(scope="module")
def whole() -> PatternTable:
    return sg.collect(TABLE, RECIPE)


@pytest.fixture
def in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tables of more than `PART` rows be large."""
    monkeypatch.setattr(sampling, "MAX_ROWS", PART)


@pytest.fixture
def parted(in_part: None) -> PatternTable:
    return sg.collect(TABLE, RECIPE)


def test_all_but_the_halves_is_that_of_all_customers(whole, parted) -> None:
    assert (whole.fold_share, parted.fold_share) == (1.0, pytest.approx(PART / ROWS, rel=0.03))
    for name in (f.name for f in fields(PatternTable) if f.name not in ("folds", "fold_share")):
        if name in ("squares", "cubes"):  # added in another order
            np.testing.assert_allclose(getattr(parted, name), getattr(whole, name), rtol=1e-12)
        else:
            np.testing.assert_equal(getattr(parted, name), getattr(whole, name))


def test_halves_are_those_of_the_sampled_customers(parted, in_part, monkeypatch: pytest.MonkeyPatch) -> None:
    n_kept = parted.n_customers
    sampled = TABLE[round(PART / n_kept * PRIME) > HASH]
    monkeypatch.setattr(sampling, "MAX_ROWS", ROWS)
    alone = sg.collect(sampled, RECIPE)
    assert parted.folds is not None
    assert alone.folds is not None
    assert parted.fold_share == alone.n_customers / n_kept
    for name, values in alone.folds.arrays().items():
        if name != "squares":  # those are about other origins
            np.testing.assert_allclose(getattr(parted.folds, name).sum(axis=0), values.sum(axis=0))
    squares = alone.folds.about(alone.origins, parted.origins).squares
    np.testing.assert_allclose(parted.folds.squares.sum(axis=0), squares.sum(axis=0))
    assert (parted.folds.counts.sum(axis=1) <= parted.counts).all()


@pytest.mark.parametrize("ids", ["numbers", "replaced numbers", "text", "fine levels"])
def test_one_scan_tells_the_halves_of_the_rows_that_a_run_reads_again(in_part, ids: str) -> None:
    table = TABLE.assign(ID=TABLE["ID"].map("C{:05}".format)) if ids == "text" else TABLE
    values = tuple((int(i), int(i) + 1) for i in TABLE["ID"][:200:2])
    swapped = CleanStep.model_validate({"step": "swapped", "replace": {"column": "ID", "values": values}})
    clean = (*RECIPE.clean, swapped) if ids.startswith("replaced") else RECIPE.clean
    recipe = RECIPE.model_copy(update={"clean": clean})
    fine = Fine(("income",)) if ids == "fine levels" else None
    engine = open_engine(table)
    once = collect_patterns(engine, recipe, fine=fine)
    read = [query.sql for query in engine.log]
    again = add_halves(engine, collect_sums(engine, recipe, fine=fine))
    engine.close()
    outcome = [sql for sql in read if "MntWines" in sql]
    is_read_again = ids in ("text", "fine levels")
    assert len(outcome) == (4 if is_read_again else 2)  # rough means, all rows; the sample, its halves
    assert once.ids is None or "MntWines" not in once.ids.matched.table.columns
    assert once.patterns.fold_share == again.patterns.fold_share < 1
    for name, values in again.patterns.folds.arrays().items():
        np.testing.assert_allclose(getattr(once.patterns.folds, name), values, rtol=1e-12)


def test_a_run_finds_the_same_but_for_held_out_checks(in_part, monkeypatch: pytest.MonkeyPatch) -> None:
    parted = sg.run(TABLE, RECIPE, segments=4)
    monkeypatch.setattr(sampling, "MAX_ROWS", ROWS)
    exact = sg.run(TABLE, RECIPE, segments=4)
    of_sample = ["any_share", "lower_quartile", "median", "upper_quartile", "quartiles"]
    pd.testing.assert_frame_equal(
        parted.outcomes.drop(columns=of_sample), exact.outcomes.drop(columns=of_sample)
    )
    pd.testing.assert_frame_equal(parted.targeting, exact.targeting)
    said = [note.text for note in parted.notes if note.kind == "sample"]
    assert [text.split(" are those of a sample: 25\u00a0% of the customers")[0] for text in said] == [
        "Quartiles, shares of customers with any and held-out checks",
        "Histograms",
    ]
    assert not [note for note in exact.notes if note.kind == "sample"]


def test_held_out_figures_say_how_many_customers_they_are_of(parted, whole) -> None:
    labels = np.asarray(whole.codes[:, 0], np.intp)
    shown = [
        comparison_table(SegmentedPatterns(table, labels, 5)).set_index(["outcome", "cut"])
        for table in (whole, parted)
    ]
    np.testing.assert_allclose(shown[1]["n"], shown[0]["n"] * parted.fold_share, atol=0.5)
    explained = [s["explained"].xs("segments", level="cut") for s in shown]
    np.testing.assert_allclose(explained[0], explained[1], atol=0.03)


def test_halves_of_different_shares_add_up_in_proportion(whole, parted, tmp_path) -> None:
    both = whole.merge(parted)
    assert both.fold_share == parted.fold_share
    assert both.folds.counts.sum() == pytest.approx(both.n_customers * both.fold_share, rel=1e-9)
    twice = parted.merge(parted)
    np.testing.assert_array_equal(twice.folds.sums, 2 * parted.folds.sums)
    assert whole.merge(replace(parted, folds=None)).fold_share == 1.0
    parted.save(tmp_path / "patterns.parquet")
    assert sg.PatternTable.load(tmp_path / "patterns.parquet").fold_share == parted.fold_share


@pytest.mark.parametrize("column", [["Response", 2]])
def test_what_cannot_be_right_outside_the_sample_is_refused(in_part, column: list[object]) -> None:
    table = TABLE.astype({"MntWines": "float64"})
    table.loc[table.index[HASH > 0.9 * PRIME][0], column[0]] = column[1]
    with pytest.raises(DataError, match=f"{column[0]}: has values other than 0/1.*2 .1."):
        sg.collect(table, RECIPE)


@pytest.mark.parametrize("ends", [[-1.0], [-1.0, -2.0]])
def test_infinite_values_are_refused_even_where_their_sum_is_none(ends: list[float]) -> None:
    table = TABLE.head(100).astype({"MntWines": "float64"})
    same = ["Income", "Year_Birth", "Education", "Marital_Status", "Kidhome", "Teenhome"]
    table.loc[table.index[: len(ends)], same] = table.loc[table.index[0], same].to_list()
    table.loc[table.index[: len(ends)], "MntWines"] = ends
    infinite = "CASE MntWines WHEN -1 THEN CAST('inf' AS DOUBLE) WHEN -2 THEN CAST('-inf' AS DOUBLE) ELSE MntWines END"
    source = {"sql": f"SELECT * REPLACE ({infinite} AS MntWines) FROM data"}  # noqa: S608
    recipe = RECIPE.model_copy(update={"source": RECIPE.source.model_copy(update=source)})
    with pytest.raises(DataError, match="MntWines: has infinite values"):
        sg.collect(table, recipe)


def test_survey_weights_and_ids_that_end_alike_take_no_sample(in_part) -> None:
    source = RECIPE.source.model_copy(update={"weight": "w"})
    weighted = sg.collect(TABLE.assign(w=1.5), RECIPE.model_copy(update={"source": source}))
    assert (weighted.fold_share, weighted.folds is None) == (1.0, False)
    mails = sg.collect(TABLE.assign(ID=TABLE["ID"].map("{}@shop.example".format)), RECIPE)
    assert (mails.fold_share, mails.folds) == (1.0, None)


def test_customers_without_an_id_are_not_left_out_by_a_sample(in_part) -> None:
    """Guests have no number: a sample of the others would have richer customers, say."""
    without = TABLE.assign(
        ID=TABLE["ID"].where(TABLE["MntWines"] < TABLE["MntWines"].quantile(0.6)).astype("Int64")
    )
    engine = open_engine(without)
    found = add_halves(engine, collect_sums(engine, RECIPE))
    engine.close()
    assert (found.sample.share, found.sample.is_fair, found.patterns.folds) == (1.0, False, None)


def test_a_large_table_of_which_cleaning_keeps_few_is_read_whole(in_part) -> None:
    odd = TABLE.assign(Income=TABLE["Income"].where(TABLE.index < 500))
    table = sg.collect(odd, RECIPE)
    assert table.n_customers < 600
    assert table.fold_share == 1.0
    assert table.folds.counts.sum() == table.n_customers


def test_rows_are_counted_after_cleaning(in_part) -> None:
    odd = TABLE.assign(Income=TABLE["Income"].where(TABLE.index < 16_000))
    table = sg.collect(odd, RECIPE)
    assert table.folds.counts.sum() == pytest.approx(PART, rel=0.05)


def test_a_table_with_the_name_of_a_sample_is_not_hidden(in_part, tmp_path) -> None:
    import duckdb

    with duckdb.connect(str(tmp_path / "shop.duckdb")) as shop:
        shop.register("rows", TABLE)
        shop.execute("CREATE TABLE sampled_rows AS SELECT * FROM rows")
        shop.execute("CREATE TABLE segmentry_sample_2 AS SELECT * FROM rows")
    for name in ("sampled_rows", "segmentry_sample_2"):
        result = sg.run(
            f"duckdb:///{tmp_path}/shop.duckdb?table={name}", RECIPE, segments=2, out=tmp_path / name
        )
        assert (
            pd.read_parquet(tmp_path / name / "assignments.parquet").shape[0] == result.n_customers > 39_000
        )
