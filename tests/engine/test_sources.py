"""The same customers from every kind of source give the same pattern table."""

import gc
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet
from sqlglot import exp

import segmentry as sg
from segmentry.collecting.collection import collect_patterns
from segmentry.engine import ReadOptions, delimited, open_engine
from segmentry.patterns import PatternTable
from segmentry.recipe import Recipe

N = 60
RECIPE = Recipe.from_toml("""
[features.age]
column = "age"
edges = [30, 50]

[features.town]
column = "home town"
groups = { South = ["Málaga", "Cádiz"], North = ["León"] }
rest = "Elsewhere"

[features.loyal]
column = "loyal"
yes_no = true

[outcomes.spend]
role = "amounts"
columns = ["spend"]

[outcomes.visits]
role = "counts"
columns = ["visits"]
""")


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "id": np.arange(N),
            "age": random.integers(20, 70, N),
            "home town": random.choice(["Málaga", "Cádiz", "León", 'La "Línea"', "a;b, c"], N),
            "loyal": random.random(N) < 0.5,
            "spend": random.integers(0, 4_000, N) / 4,
            "visits": random.integers(0, 9, N),
        }
    )
    frame.loc[3, "home town"] = None
    frame.loc[5, "spend"] = None
    return frame


@pytest.fixture(scope="module")
def expected(customers) -> PatternTable:
    return table_of(customers)


def table_of(data, **options) -> PatternTable:
    engine = open_engine(data, options=ReadOptions(**options))
    try:
        return collect_patterns(engine, RECIPE).patterns
    finally:
        engine.close()


def assert_same(table: PatternTable, expected: PatternTable) -> None:
    assert table.features == expected.features
    np.testing.assert_array_equal(table.codes, expected.codes)
    np.testing.assert_array_equal(table.counts, expected.counts)
    np.testing.assert_array_equal(table.n_values, expected.n_values)
    np.testing.assert_array_equal(table.sums, expected.sums)
    np.testing.assert_allclose(table.squares, expected.squares, rtol=1e-9)
    assert table.cleaning == expected.cleaning


def test_the_expected_table_is_pandas_own_count(customers, expected):
    assert expected.n_customers == N
    known = customers.dropna(subset="spend")
    assert expected.n_values[:, 0].sum() == len(known)
    assert expected.sums.sum(axis=0).tolist() == [known["spend"].sum(), customers["visits"].sum()]
    young_south = (customers["age"] < 30) & customers["home town"].isin(["Málaga", "Cádiz"])
    in_table = (expected.codes[:, 0] == 0) & (expected.codes[:, 1] == 0)
    assert expected.counts[in_table].sum() == young_south.sum() > 0
    assert expected.counts[expected.codes[:, 1] == -1].sum() == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_delimited_files_are_detected(tmp_path, customers, expected, delimiter, encoding):
    path = tmp_path / "customers.csv"
    customers.to_csv(path, sep=delimiter, encoding=encoding, index=False)
    assert_same(table_of(str(path)), expected)
    assert_same(table_of(path), expected)


@pytest.mark.parametrize("encoding", ["latin-1", "latin1", "ISO-8859-1", "utf-8", "UTF8", "utf-16"])
def test_delimited_files_as_the_recipe_says(tmp_path, customers, expected, encoding):
    path = tmp_path / "customers.txt"
    customers.to_csv(path, sep=";", encoding=encoding, index=False)
    assert_same(table_of(path, delimiter=";", encoding=encoding, header=True), expected)


def test_compressed_delimited_files(tmp_path, customers, expected):
    path = tmp_path / "customers.csv.gz"
    customers.to_csv(path, index=False)
    assert_same(table_of(path), expected)


def test_file_without_header(tmp_path, customers):
    path = tmp_path / "customers.csv"
    customers[["age", "spend"]].to_csv(path, index=False, header=False)
    recipe = Recipe.from_toml('[features.age]\ncolumn = "column0"\nedges = [30]')
    engine = open_engine(path, options=ReadOptions(header=False))
    patterns = collect_patterns(engine, recipe).patterns
    engine.close()
    assert patterns.counts.tolist() == [(customers["age"] < 30).sum(), (customers["age"] >= 30).sum()]


def test_parquet_file_folder_and_glob(tmp_path, customers, expected):
    customers.to_parquet(tmp_path / "all.parquet")
    assert_same(table_of(tmp_path / "all.parquet"), expected)
    parts = tmp_path / "parts"
    (parts / "deeper").mkdir(parents=True)
    customers[:25].to_parquet(parts / "a.parquet")
    customers[25:].to_parquet(parts / "deeper" / "b.parquet")
    assert_same(table_of(parts), expected)
    assert_same(table_of(str(parts / "**" / "*.parquet")), expected)


def test_not_a_number_in_parquet_is_missing(tmp_path):
    """Its statistics leave not-a-number out, from which DuckDB concludes that there is none."""
    table = pa.table({"spend": [1.0, np.nan, 3.0, None, np.nan, 2.0]})
    parquet.write_table(table, tmp_path / "spend.parquet")
    found = sg.audit(tmp_path / "spend.parquet").column("spend")
    assert (found.n_missing, found.mean, found.maximum) == (3, 2.0, 3)


def test_glob_of_delimited_files(tmp_path, customers, expected):
    customers[:25].to_csv(tmp_path / "a.csv", index=False)
    customers[25:].to_csv(tmp_path / "b.csv", index=False)
    assert_same(table_of(str(tmp_path / "*.csv")), expected)


def test_file_whose_name_looks_like_a_glob(tmp_path, customers, expected):
    path = tmp_path / "customers[1] it's.csv"
    customers.to_csv(path, index=False)
    customers[:5].to_csv(tmp_path / "customers1 it's.csv", index=False)
    assert_same(table_of(path), expected)


def test_json_lines(tmp_path, customers, expected):
    path = tmp_path / "customers.jsonl"
    customers.to_json(path, orient="records", lines=True)
    assert_same(table_of(path), expected)


def test_table_of_a_duckdb_file(tmp_path, customers, expected):
    path = tmp_path / "shop 1.duckdb"
    write_table(path, customers)
    assert_same(table_of(f"duckdb:///{path}?table=customers"), expected)
    assert_same(table_of(f"duckdb:///{str(path).replace(' ', '%20')}?table=customers"), expected)


def test_no_lock_is_left_on_a_duckdb_file(tmp_path, customers, expected):
    path = tmp_path / "shop.duckdb"
    write_table(path, customers)
    table_of(f"duckdb:///{path}?table=customers")
    with pytest.raises(ValueError, match="there is no table") as caught:
        table_of(f"duckdb:///{path}?table=nobody")
    with duckdb.connect(str(path)) as again:
        assert again.execute("DELETE FROM customers").fetchall() == [(N,)]
    assert caught.value is not None


def write_table(path: Path, customers: pd.DataFrame) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.register("given", customers)
        connection.execute("CREATE TABLE customers AS FROM given")


def test_tables_in_memory(customers, expected):
    assert_same(table_of(pl.from_pandas(customers)), expected)
    assert_same(table_of(pa.Table.from_pandas(customers)), expected)


def test_pandas_types_make_no_difference(customers, expected):
    assert_same(table_of(customers.convert_dtypes()), expected)
    assert_same(table_of(customers.astype({"home town": "category"})), expected)
    assert_same(table_of(customers.astype({"home town": object, "age": float, "visits": "int8"})), expected)


@pytest.mark.parametrize("towns", [["x", "y", "x", None], [None, 'La "Línea"', "y", None]])
def test_categories_with_missing_values_are_levels(tmp_path, towns):
    recipe = Recipe.from_toml('[features.town]\ncolumn = "town"')
    frame = pd.DataFrame({"town": towns})
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.register("given", frame)
        connection.execute("CREATE TYPE towns AS ENUM (SELECT town FROM given WHERE town IS NOT NULL)")
        connection.execute("CREATE TABLE customers AS SELECT town::towns AS town FROM given")
    url = f"duckdb:///{tmp_path / 'shop.duckdb'}?table=customers"
    tables = []
    for data in (frame, frame.astype("category"), pl.DataFrame(frame).cast(pl.Categorical), url):
        engine = open_engine(data)
        tables.append(collect_patterns(engine, recipe).patterns)
        engine.close()
    assert tables[0].codes[:, 0].tolist() == [-1, 0, 1]
    assert tables[0].counts.tolist() == [towns.count(v) for v in (None, *tables[0].features[0].levels)]
    for table in tables[1:]:
        assert table.counts.tolist() == tables[0].counts.tolist()
        assert table.features == tables[0].features


def test_a_small_text_file_is_read_once_and_a_large_one_by_each_query(
    tmp_path, customers, expected, monkeypatch
):
    customers.to_csv(tmp_path / "t.csv", index=False)
    reads = {}
    for most in (64_000_000, 1_000):
        monkeypatch.setattr(delimited, "_SMALL", most)
        engine = open_engine(tmp_path / "t.csv")
        same = [collect_patterns(engine, RECIPE).patterns for _ in range(2)]
        reads[most] = sum("READ_CSV" in asked.sql.upper() for asked in engine.log)
        assert [table.counts.tolist() for table in same] == 2 * [expected.counts.tolist()]
        engine.close()
    assert reads[64_000_000] == 1 < reads[1_000]


def test_rows_that_are_kept_are_those_of_the_file_whatever_a_recipe_calls_its_own(tmp_path):
    (tmp_path / "t.csv").write_text("age\n" + "30\n" * 40 + "60\n" * 20)
    recipe = Recipe.from_toml("""[source]
sql = "WITH kept_data AS (SELECT age FROM data WHERE age > 50) SELECT d.age FROM data d"
[features.age]
column = "age"
edges = [50]
""")
    assert sg.collect(tmp_path / "t.csv", recipe).counts.tolist() == [40, 20]


def test_a_file_with_uneven_lines_is_not_kept(tmp_path):
    (tmp_path / "t.csv").write_text("age,town\n" + "30,Rome\n" * 40 + "31,Rome,2,3\n" + "32,Oslo\n" * 40)
    engine = open_engine(tmp_path / "t.csv")
    assert not engine.log
    assert engine.tables["data"].find(exp.ReadCSV)
    engine.close()
    with pytest.raises(sg.DataError, match="read as one column"):
        sg.collect(tmp_path / "t.csv", RECIPE)


def test_an_engine_that_nobody_closes_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "own"))
    (tmp_path / "own").mkdir()
    (tmp_path / "t.csv").write_text("age\n1\n")
    engine = open_engine(tmp_path / "t.csv")
    assert list((tmp_path / "own").iterdir())
    del engine
    gc.collect()
    assert not list((tmp_path / "own").iterdir())
