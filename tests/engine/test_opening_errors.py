import gc
import os
import re
import sqlite3
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import numpy as np
import pandas as pd
import pytest

from segmentry.collecting.collection import collect_patterns
from segmentry.engine import ReadOptions, from_adbc, on_engine, open_engine
from segmentry.engine.duckdb import DuckDBEngine
from segmentry.engine.opening import server_table
from segmentry.errors import DataError, RecipeError
from segmentry.recipe import Recipe

AGE = '[features.age]\ncolumn = "age"\nedges = [30]\n'


def collected(data, recipe=AGE, folder=None):
    recipe = Recipe.from_toml(recipe, folder=folder)
    source = recipe.source
    options = ReadOptions(source.delimiter, source.encoding, source.header)
    engine = open_engine(data, options=options, tables=source.tables)
    try:
        return collect_patterns(engine, recipe).patterns
    finally:
        engine.close()


def test_missing_file_hints_at_the_nearest(tmp_path):
    (tmp_path / "customers.csv").write_text("age\n1\n")
    (tmp_path / "latin.csv").write_text("age\n1\n")
    with pytest.raises(DataError, match=r"nothing\*\.csv: matches no file$"):
        open_engine(tmp_path / "nothing*.csv")
    with pytest.raises(DataError, match=r"custmers\.csv: no such file; did you mean 'customers\.csv'\?"):
        collected(tmp_path / "custmers.csv")
    with pytest.raises(DataError, match=r"\*\.parquet: matches no file"):
        collected(str(tmp_path / "*.parquet"))
    with pytest.raises(DataError, match=r"has no .parquet files"):
        collected(tmp_path)
    with pytest.raises(DataError, match=r"no such file; there is no folder '.*nowhere' either"):
        collected(tmp_path / "nowhere" / "customers.csv")


def test_empty_file(tmp_path):
    (tmp_path / "a.csv").write_text("")
    with pytest.raises(DataError, match=r"a\.csv: the file is empty"):
        collected(tmp_path / "a.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_header_without_rows(tmp_path, encoding):
    (tmp_path / "a.csv").write_text("age,town\n", encoding=encoding)
    recipe = '[features.town]\ncolumn = "town"\ngroups = { A = ["a"] }'
    with pytest.raises(DataError, match=r"a\.csv: the table has no rows"):
        collected(tmp_path / "a.csv", recipe)
    with pytest.raises(DataError, match=r"the table has no rows"):
        collected(pd.DataFrame({"age": pd.Series([], dtype=float)}))


def test_one_row_without_header(tmp_path):
    (tmp_path / "a.csv").write_text("41,x\n")
    recipe = '[source]\nheader = false\n[features.age]\ncolumn = "column0"\nedges = [30]'
    assert collected(tmp_path / "a.csv", recipe).codes.tolist() == [[1]]


def test_unknown_kind_of_file(tmp_path):
    (tmp_path / "a.docx").write_text("x")
    with pytest.raises(DataError, match=r"a\.docx: cannot read this kind of file; known: \.csv, "):
        collected(tmp_path / "a.docx")


def test_file_that_is_not_what_its_name_says(tmp_path):
    (tmp_path / "a.parquet").write_text("age\n1\n")
    with pytest.raises(DataError, match=r"a\.parquet: .*([Pp]arquet|magic)") as caught:
        collected(tmp_path / "a.parquet")
    assert "\n" not in str(caught.value)


def test_wrong_encoding_in_the_recipe(tmp_path):
    (tmp_path / "a.csv").write_text("age,town\n1,Málaga\n", encoding="latin-1")
    with pytest.raises(DataError, match=r"a\.csv: "):
        collected(tmp_path / "a.csv", '[source]\nencoding = "utf-8"\n' + AGE)
    with pytest.raises(DataError, match="encoding 'klingon': there is no such encoding"):
        collected(tmp_path / "a.csv", '[source]\nencoding = "klingon"\n' + AGE)


def test_urls(tmp_path):
    with pytest.raises(
        DataError,
        match=r"oracle://: no engine for this; known: duckdb://, sqlite://, excel://, postgresql://, clickhouse://, chdb://, snowflake://, bigquery://, databricks://, spark:, or a path",
    ):
        collected("oracle://host/db?table=x")
    path = tmp_path / "shop.duckdb"
    with pytest.raises(DataError, match=r"shop\.duckdb: no such file"):
        collected(f"duckdb:///{path}?table=x")
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE customers AS SELECT 1 AS age")
    with pytest.raises(DataError, match=r"there is no table 'custmers'; did you mean 'customers'\?"):
        collected(f"duckdb:///{path}?table=custmers")
    with pytest.raises(DataError, match=r"which table\? write duckdb:///.*shop\.duckdb\?table=NAME"):
        collected(f"duckdb:///{path}")
    with pytest.raises(DataError, match=r"which table of it\? write duckdb:///"):
        collected(path)
    (tmp_path / "no.duckdb").write_text("not a database at all" * 100)
    with pytest.raises(DataError, match=r"no\.duckdb: "):
        collected(f"duckdb:///{tmp_path / 'no.duckdb'}?table=x")


@pytest.mark.parametrize("engine", ["spark", "duckdb", "postgres"])
def test_a_url_needs_no_engine(engine):
    with pytest.raises(
        DataError, match=rf"--engine {engine}: postgresql:// already says which engine .* leave --engine out"
    ):
        on_engine("postgresql://ana@db.example/shop?table=customers", engine)


def test_a_path_may_look_like_a_broken_url():
    assert on_engine("s3a://b[1/x.parquet", "spark") == "spark:s3a://b[1/x.parquet"


def test_a_further_table_that_a_given_engine_lacks_is_named_without_its_password():
    given = DuckDBEngine("mine")
    with pytest.raises(DataError, match="engine that is given; make it with tables=") as failed:
        open_engine(given, tables={"labels": "postgresql://ana:s3cret@db/shop?table=t"})
    assert "s3cret" not in str(failed.value)


@pytest.mark.parametrize("data", [None, 3, [1, 2], {"age": [1]}])
def test_objects_that_are_no_tables(data):
    name = type(data).__name__
    with pytest.raises(DataError, match=f"cannot read a {name}; give a path, .* or Arrow table"):
        collected(data)


@pytest.mark.parametrize("connection", [None, "postgresql://ana@db.example/shop", duckdb.connect()])
def test_connections_that_are_none_of_adbc(connection):
    kind = type(connection)
    found = rf"from_adbc: a {kind.__module__}\.{kind.__qualname__} is no ADBC connection; open one with adbc_driver_"
    with pytest.raises(DataError, match=found):
        from_adbc(connection, "customers")


# Joins ----------------------------------------------------------------------------------------------

JOIN = """
[source]
sql = "SELECT * FROM data JOIN groups USING (id) WHERE age > 20"
tables = { groups = "groups.csv" }

[features.group]
column = "group"
"""


@pytest.fixture
def folder(tmp_path):
    people = pd.DataFrame({"id": [1, 2, 3, 4], "age": [10, 30, 40, 50]})
    people.to_csv(tmp_path / "people.csv", index=False)
    groups = pd.DataFrame({"id": [1, 2, 3, 9], "group": ["a", "b", "b", "c"]})
    groups.to_csv(tmp_path / "groups.csv", index=False)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute(f"CREATE TABLE data AS FROM '{tmp_path / 'people.csv'}'")
    return tmp_path


def test_query_joins_a_second_file(folder):
    sources = [
        folder / "people.csv",
        pd.read_csv(folder / "people.csv"),
        f"duckdb:///{folder / 'shop.duckdb'}?table=data",
    ]
    for data in sources:
        table = collected(data, JOIN, folder)
        assert table.features[0].levels == ("b",)
        assert table.counts.tolist() == [2]
        assert table.cleaning.n_rows == 2


def test_query_may_have_tables_with_any_name_and_own_ctes(folder):
    recipe = JOIN.replace("tables = { groups", 'tables = { "my; groups"').replace(
        "SELECT * FROM data JOIN groups",
        'WITH more AS (FROM \\"my; groups\\") SELECT * FROM data JOIN more',
    )
    assert collected(folder / "people.csv", recipe, folder).counts.tolist() == [2]


def test_columns_called_as_the_queries_are(folder):
    """Names that the compiled SQL uses for itself may be columns, features and tables of the user."""
    frame = pd.DataFrame(
        {
            "data": [1, 1, 2],
            "source": [1, 1, 2],
            "encoded": ["a", "a", "b"],
            "survey_weight": [1.0, 2.0, 3.0],
            "dropped_by": [0, 0, 1],
            "customers": [5, 6, 7],
            "data_level": [1, 2, 3],
            "customers_value": [1, 2, 3],
        }
    )
    recipe = """
    [source]
    weight = "survey_weight"
    sql = "SELECT * FROM data"
    [[clean]]
    step = "encoded"
    keep = "dropped_by < 1"
    [features.data]
    column = "data"
    edges = [2]
    [features.dropped_by]
    column = "encoded"
    [outcomes.o]
    role = "amounts"
    columns = ["customers", "customers_value", "data_level"]
    """
    table = collected(frame, recipe)
    assert table.counts.tolist() == [2]
    assert table.weights.tolist() == [3.0]
    assert table.sums.tolist() == [[5 + 12, 1 + 4, 1 + 4]]
    assert table.cleaning.n_dropped == 1


def test_query_with_an_unknown_table(folder):
    recipe = JOIN.replace("JOIN groups", "JOIN grups")
    with pytest.raises(RecipeError, match=r"source\.sql: unknown table 'grups'; did you mean 'groups'\?"):
        collected(folder / "people.csv", recipe, folder)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("DROP TABLE data", "source.sql: must be one SELECT"),
        ("SELECT 1; SELECT 2", "source.sql: one piece of SQL is needed; got 2"),
        ("SELECT FROM WHERE", "source.sql: not valid SQL"),
        ("", "source.sql: "),
    ],
)
def test_query_that_is_no_select(folder, sql, message):
    recipe = AGE + f'[source]\nsql = "{sql}"'
    with pytest.raises(RecipeError, match=re.escape(message)):
        collected(folder / "people.csv", recipe)


def test_missing_second_file_closes_the_first(folder):
    (folder / "groups.csv").unlink()
    url = f"duckdb:///{folder / 'shop.duckdb'}?table=data"
    with pytest.raises(DataError, match=r"groups\.csv: no such file") as caught:
        collected(url, JOIN, folder)
    with duckdb.connect(str(folder / "shop.duckdb")) as again:
        again.execute("DROP TABLE data")
    assert caught.value is not None


def test_numpy_array_has_numbered_columns():
    recipe = '[features.first]\ncolumn = "column0"\nedges = [5]'
    assert collected(np.array([[1.0, 9.0], [2.0, 8.0]]), recipe).features[0].name == "first"


def test_sums_beyond_128_bits_name_the_column(tmp_path):
    path = tmp_path / "wide.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT (2::HUGEINT << 124) - 1 + range AS big, range AS age FROM range(9)"
        )
    recipe = AGE + '[outcomes.big]\nrole = "amounts"\ncolumns = ["big"]\n'
    with pytest.raises(
        DataError, match=r"column 'big': whole numbers too large to be added up .*CAST\(… AS DOUBLE\)"
    ):
        collected(f"duckdb:///{path}?table=t", recipe)


@pytest.mark.parametrize("scheme", ["s3", "gs", "abfss", "https"])
def test_addresses_of_object_stores_say_what_to_do(scheme):
    with pytest.raises(
        DataError,
        match=rf"{scheme}://: object stores are not read .*; copy or mount the files .* --engine spark",
    ):
        open_engine(f"{scheme}://bucket/customers.parquet")


@pytest.mark.parametrize("scheme", ["trino", "mariadb", "redshift"])
def test_warehouses_without_an_engine_say_which_dialect_scores_there(scheme):
    with pytest.raises(DataError, match=rf"{scheme}://: no engine for this; .* in the dialect '{scheme}'"):
        open_engine(f"{scheme}://account/shop?table=customers")


@pytest.mark.parametrize(
    "url", ["postgresql:///shop", "postgresql:///shop?host=%2Frun%2Fsocket", "postgresql:///?service=crm"]
)
def test_a_server_that_the_environment_names_keeps_its_slashes(url):
    mark = "&" if "?" in url else "?"
    assert server_table(f"{url}{mark}table=customers")[:2] == (url, "customers")


def test_a_server_that_the_environment_names_is_read(postgres_url, monkeypatch):
    parts = urlsplit(postgres_url)
    for name, value in (
        ("HOST", parts.hostname),
        ("PORT", parts.port),
        ("USER", parts.username),
        ("PASSWORD", parts.password),
    ):
        monkeypatch.setenv(f"PG{name}", str(value))
    engine = open_engine(f"postgresql://{parts.path}?table=pg_catalog.pg_class")
    engine.close()
    assert engine.dialect == "postgres"


@pytest.mark.parametrize("data", ["{}/t.csv", "sqlite:///{}/t.sqlite?table=t"], ids=["file", "URL"])
def test_a_folder_that_may_not_be_looked_into_is_said(data):
    with tempfile.TemporaryDirectory() as folder:
        closed = Path(folder) / "closed"
        closed.mkdir()
        (closed / "t.csv").write_text("a,b\n1,x\n2,y\n")
        with sqlite3.connect(closed / "t.sqlite") as made:
            made.execute("CREATE TABLE t AS SELECT 1 AS a")
        made.close()
        open_engine(data.format(closed)).close()  # another user may not look into every library either
        gc.collect()  # engines of earlier tests remove their folders as the user who made them
        Path(folder).chmod(0o755)
        closed.chmod(0)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65_534)  # the superuser may look everywhere
        try:
            with pytest.raises(DataError, match="Permission denied"):
                open_engine(data.format(closed))
        finally:
            if user == 0:
                os.seteuid(user)
            closed.chmod(0o700)


def test_a_name_that_no_file_can_have_is_said():
    with pytest.raises(DataError, match="cannot be read: File name too long"):
        open_engine("x" * 300 + ".csv")


def test_a_mistyped_name_beside_a_link_that_leads_nowhere_open_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "customers.csv").write_text("a\n1\n")
    (tmp_path / "closed.csv").write_text("a\n1\n")
    is_file = Path.is_file

    def refused(path: Path) -> bool:
        if path.name == "closed.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refused)
    with pytest.raises(DataError, match=r"no such file; did you mean 'customers\.csv'"):
        open_engine(str(tmp_path / "custmers.csv"))
