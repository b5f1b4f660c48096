"""Customers without an id are told by their row, where rows have an order; elsewhere it is said why they are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

import segmentry as sg
from commands import segmentry
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households
from segmentry.errors import ModelError

WITHOUT_ID = HOUSEHOLDS.model_copy(
    update={"source": HOUSEHOLDS.source.model_copy(update={"id": None}), "clean": ()}
)
ROWS = sample_households(rows=300, seed=3)


@pytest.fixture(scope="module")
def result() -> sg.Segmentation:
    return sg.run(sample_households(rows=500), WITHOUT_ID, segments=3, analyses=0)


@pytest.fixture(scope="module")
def by_id(result: sg.Segmentation) -> pd.DataFrame:
    """Assignments by the same model with the id, in the order of the rows."""
    known = replace(result, recipe=result.recipe.model_copy(update={"source": HOUSEHOLDS.source}), kinds={})
    return known.assign(ROWS).set_index("ID").loc[ROWS["ID"]].reset_index(drop=True)


def expected(by_id: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([pd.DataFrame({"row": np.arange(1, 301)}), by_id], axis=1)


@pytest.mark.parametrize("form", ["pandas", "polars", "csv", "parquet"])
def test_the_number_of_a_row_stands_for_an_id(form: str, result, by_id, tmp_path: Path) -> None:
    data = {"pandas": ROWS, "polars": pl.from_pandas(ROWS)}.get(form, tmp_path / f"new.{form}")
    if form == "csv":
        ROWS.to_csv(data, index=False)
    elif form == "parquet":
        ROWS.to_parquet(data)
    found = result.assign(data)
    found = found.to_pandas() if form == "polars" else found
    pd.testing.assert_frame_equal(found, expected(by_id), check_dtype=False)


def test_a_run_writes_the_numbers_and_counts_rows_that_are_dropped(tmp_path: Path) -> None:
    rows = ROWS.assign(Income=ROWS["Income"].mask(ROWS.index % 10 == 0))
    recipe = WITHOUT_ID.with_(clean=[{"step": "known", "drop_missing": ["Income"]}])
    sg.run(rows, recipe, segments=2, analyses=0, out=tmp_path)
    found = pq.read_table(tmp_path / "assignments.parquet").to_pandas()
    assert list(found.columns) == ["row", "segment", "certainty"]
    assert found["row"].tolist() == (np.flatnonzero(rows["Income"].notna()) + 1).tolist()


def test_numbers_follow_the_file_also_where_it_is_read_in_parts(result, tmp_path: Path) -> None:
    many = pd.concat([ROWS] * 900, ignore_index=True)
    many.to_parquet(tmp_path / "many.parquet", row_group_size=30_000)
    found = result.assign(tmp_path / "many.parquet").sort_values("row", ignore_index=True)
    assert found["row"].tolist() == list(range(1, len(many) + 1))
    first = result.assign(ROWS)["segment"].to_numpy()
    assert (found["segment"].to_numpy().reshape(900, 300) == first).all()


def test_a_column_called_row_keeps_its_name(result) -> None:
    found = result.assign(ROWS.assign(Row="mine"))
    assert found.columns[0] == "row_"


def test_rows_of_several_files_and_of_databases_are_not_numbered(result, tmp_path: Path) -> None:
    for name in "ab":
        ROWS.to_parquet(tmp_path / f"{name}.parquet")
    with duckdb.connect(tmp_path / "shop.duckdb") as connection:
        connection.register("given", ROWS)
        connection.execute("CREATE TABLE customers AS FROM given")
    for data in (f"{tmp_path}/*.parquet", f"duckdb:///{tmp_path}/shop.duckdb?table=customers"):
        with pytest.raises(
            sg.ModelError, match="the recipe names no id column, and rows of .* have no number"
        ):
            result.assign(data)


def test_a_table_of_scores_needs_an_id(result, tmp_path: Path) -> None:
    sg.score(result, ROWS, tmp_path / "scores.csv")
    assert (tmp_path / "scores.csv").read_text("utf-8").startswith('"row","segment",')
    for more in ({}, {"history": True}):
        with pytest.raises(sg.ModelError, match="names no id column"):
            sg.score(result, ROWS, f"duckdb:///{tmp_path}/s.duckdb?table=scores", **more)


def test_the_command_says_how_customers_are_told(tmp_path: Path, monkeypatch, few_null_tables) -> None:
    monkeypatch.chdir(tmp_path)
    ROWS.to_csv("new.csv", index=False)
    ROWS.to_parquet("a.parquet")
    ROWS.to_parquet("b.parquet")
    Path("r.toml").write_text(WITHOUT_ID.to_toml(), "utf-8")
    more = ("--recipe", "r.toml", "--segments", "2", "--analyses", "0")
    one = segmentry("run", "new.csv", *more, "--out", "one")
    many = segmentry("run", "*.parquet", *more, "--out", "many")
    assert "customers are told by their row in DATA, counted from 1" in one.stdout
    assert "No assignments.parquet: the recipe names no id column" in many.stdout
    assert not Path("many/assignments.parquet").exists()


@pytest.mark.parametrize("name", ["segment", "Certainty"])
def test_an_id_with_the_name_of_a_column_of_the_result_is_refused_before_any_fit(name: str) -> None:
    rows = sample_households(rows=200).rename(columns={"ID": name})
    recipe = HOUSEHOLDS.model_copy(update={"source": HOUSEHOLDS.source.model_copy(update={"id": name})})
    with pytest.raises(ModelError, match=f"'{name}' is also a column of the result"):
        sg.run(rows, recipe, segments=2)
