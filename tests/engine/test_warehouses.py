"""Warehouses through stand-ins: their SQL is executed on DuckDB or Spark, with the types that their drivers hand over."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

import segmentry as sg
from segmentry.datasets import sample_households
from segmentry.engine import open_engine, reading_notes, warehouses
from segmentry.errors import UnavailableError
from segmentry.recipe import Recipe
from segmentry.runs.score import score

HOUSEHOLDS = sample_households(rows=600, seed=4)
pytestmark = pytest.mark.usefixtures("few_null_tables", "no_own_pictures")
NAMES = {
    "snowflake": "adbc_driver_snowflake.dbapi",
    "bigquery": "adbc_driver_bigquery.dbapi",
    "databricks": "databricks.sql",
}
URLS = {
    "snowflake": "snowflake://ana:p%21w@acme-eu/SHOP/PUBLIC?warehouse=W&table=awkward",
    "bigquery": "bigquery://acme-project/shop?table=awkward",
    "databricks": "databricks://token:p%21w@acme.example/sql/1.0/warehouses/ab?table=awkward",
}
GIVEN: dict[str, dict[str, Any]] = {
    "snowflake": {"db_kwargs": {"adbc.snowflake.sql.account": "acme-eu", "adbc.snowflake.sql.db": "SHOP", "adbc.snowflake.sql.schema": "PUBLIC",
                                "adbc.snowflake.sql.warehouse": "W", "username": "ana", "password": "p!w"}},
    "bigquery": {"db_kwargs": {"adbc.bigquery.sql.project_id": "acme-project", "adbc.bigquery.sql.dataset_id": "shop"}},
    "databricks": {"server_hostname": "acme.example", "http_path": "/sql/1.0/warehouses/ab", "access_token": "p!w"},
}  # fmt: skip
PLAIN = Recipe.from_toml(r"""
[source]
id = "id"
[[clean]]
step = "known"
drop_missing = ["small"]
[[clean]]
step = "respelled"
replace = { column = "home town", values = [["Málaga", "it's"], ["\\", "C:\\new"]] }
[features.price]
column = "price"
edges = [0.1, 19.99, 20]
[features.ratio]
column = "ratio"
edges = [-1.5, 0, 0.3]
missing = "level"
[features.town]
column = "home town"
groups = { Quoted = ["it's", 'say "x"', "C:\\new"], Odd = ["", " ", "${x}", "日本"] }
rest = "Elsewhere"
[features.flag]
column = "flag"
yes_no = true
missing = "level"
[features.half]
sql = "kids / 2"
edges = [0.5, 1]
[outcomes.amounts]
role = "amounts"
columns = ["spent", "score"]
[outcomes.flags]
role = "flags"
columns = ["won"]
""")


class Refused(Exception):  # noqa: N818 - as a driver's error
    """What a stand-in raises."""


class OnDuckDB:
    """A connection and its own cursor, as ADBC's are; from Snowflake whole numbers come as decimals, names without quotes in capitals."""

    def __init__(self, dialect: str, tables: dict[str, Any]) -> None:
        self.dialect, self.asked = dialect, list[str]()
        self._connection = duckdb.connect()
        for name, rows in tables.items():
            self._connection.register(f"given_{name}", rows)
            self._connection.execute(f'CREATE TABLE "{name}" AS FROM given_{name}')

    def cursor(self) -> OnDuckDB:
        return self

    def __enter__(self) -> OnDuckDB:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def close(self) -> None:
        self._connection.close()

    def execute(self, text: str) -> None:
        self.asked.append(text)
        if text.startswith("ALTER SESSION"):
            return
        tree = normalize_identifiers(sqlglot.parse_one(text, read=self.dialect), dialect=self.dialect)
        try:
            self._found = self._connection.sql(tree.sql("duckdb")).to_arrow_table()
        except duckdb.Error as error:
            raise Refused(str(error)) from None

    def fetch_record_batch(self) -> Any:
        if self.dialect == "snowflake":
            for i, field in enumerate(self._found.schema):
                if pa.types.is_integer(field.type):
                    whole = self._found.column(i).cast(pa.decimal128(38, 0))
                    self._found = self._found.set_column(i, field.name, whole)
        return self._found.to_reader(max_chunksize=100)


class OnSpark(OnDuckDB):
    """The same on Spark, with the cursor of Databricks' connector."""

    def __init__(self, session: Any) -> None:
        self.asked, self._session = [], session

    def __getattribute__(self, name: str) -> Any:
        if name == "fetch_record_batch":
            raise AttributeError(name)
        return super().__getattribute__(name)

    def close(self) -> None:
        return None

    def execute(self, text: str) -> None:
        self.asked.append(text)
        self._found = self._session.sql(text).toArrow()

    def fetchmany_arrow(self, n: int) -> Any:
        found, self._found = self._found[:n], self._found[n:]
        return found


@pytest.fixture
def standing_in(
    monkeypatch: pytest.MonkeyPatch, table: pa.Table, request: pytest.FixtureRequest
) -> Callable[[str], dict[str, Any]]:
    """Put a stand-in in the place of a driver; what it is given and asked is in the answer."""

    def place(kind: str) -> dict[str, Any]:
        heard: dict[str, Any] = {}
        rows = {"awkward": table, "households": HOUSEHOLDS}

        def connect(**arguments: Any) -> Any:
            heard["given"] = arguments
            if kind == "databricks":
                session = request.getfixturevalue("spark")
                for name, given in rows.items():
                    session.createDataFrame(given).createOrReplaceTempView(name)
                heard["connection"] = OnSpark(session)
            else:
                heard["connection"] = OnDuckDB(kind, rows)
            return heard["connection"]

        monkeypatch.setitem(sys.modules, NAMES[kind], SimpleNamespace(connect=connect, Error=Refused))
        return heard

    return place


KINDS = pytest.mark.parametrize("kind", ["snowflake", "bigquery", pytest.param("databricks", id="in_spark")])


@KINDS
def test_pattern_table_and_assignments_equal_duckdbs(
    standing_in: Callable[[str], dict[str, Any]], table: pa.Table, kind: str, tmp_path: Path
) -> None:
    heard = standing_in(kind)
    expected, found = (sg.collect(data, PLAIN) for data in (table, URLS[kind]))
    assert heard["given"] == GIVEN[kind]
    assert heard["connection"].asked[0].endswith("'UTC'") or kind == "bigquery"
    assert found.features == expected.features
    assert found.cleaning == expected.cleaning
    for part in ("codes", "counts", "n_values"):
        np.testing.assert_array_equal(getattr(found, part), getattr(expected, part))
    np.testing.assert_allclose(found.sums, expected.sums, rtol=1e-9)
    np.testing.assert_array_equal(found.folds.counts, expected.folds.counts)
    for name, data in (("here", table), ("there", URLS[kind])):
        sg.run(data, PLAIN, segments=3, seed=1, analyses=0, out=tmp_path / name)
    here, there = (pq.read_table(tmp_path / name / "assignments.parquet") for name in ("here", "there"))
    assert there.cast(here.schema).equals(here)
    assert (
        "p!w"
        not in (tmp_path / "there" / "segmentation.json").read_text()
        + (tmp_path / "there" / "queries.sql").read_text()
    )


@pytest.fixture(scope="module")
def model() -> sg.Segmentation:
    return sg.run(HOUSEHOLDS, "households", segments=3, analyses=0)


@KINDS
def test_scores_and_drift_equal_duckdbs(
    standing_in: Callable[[str], dict[str, Any]], model: sg.Segmentation, kind: str, tmp_path: Path
) -> None:
    standing_in(kind)
    url = URLS[kind].replace("awkward", "households")
    for name, data in (("here", HOUSEHOLDS), ("there", url)):
        score(model, data, tmp_path / f"{name}.parquet")
    here, there = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("here", "there"))
    pd.testing.assert_frame_equal(there, here, check_dtype=False)
    expected, found = (model.drift(data) for data in (HOUSEHOLDS, url))
    np.testing.assert_array_equal(found.new.segments, expected.new.segments)


@KINDS
def test_infinite_numbers_are_missing_and_counted(
    standing_in: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(
        sys.modules[__name__],
        "HOUSEHOLDS",
        pd.DataFrame({"a": [1.0, np.inf, -np.inf, np.inf], "b": [1, 2, 3, 4]}),
    )
    standing_in(kind)
    engine = open_engine(URLS[kind].replace("awkward", "households"))
    assert [(note.column, note.rows) for note in reading_notes(engine)] == [("a", 3)]
    engine.close()


@pytest.mark.parametrize(
    ("kind", "feature", "message"),
    [
        ("bigquery", {"column": "ratio", "quantiles": 3}, "no tested form in the dialect 'bigquery'"),
        ("snowflake", {"sql": "YEAR(day)"}, "no tested form in the dialect 'snowflake'"),
    ],
)
def test_what_was_never_tried_there_is_refused(
    standing_in: Callable[[str], dict[str, Any]], kind: str, feature: dict[str, Any], message: str
) -> None:
    standing_in(kind)
    recipe = Recipe.from_dict({"features": [{"name": "a", **feature}]})
    with pytest.raises(sg.RecipeError, match=message):
        sg.collect(URLS[kind], recipe)


@pytest.mark.parametrize("kind", NAMES)
def test_mistakes_are_one_line_without_the_password(
    standing_in: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    url = URLS[kind]
    with pytest.raises(sg.DataError, match=r"which table\? write .*\?table=NAME"):
        open_engine(url.partition("?")[0])
    if kind != "databricks":
        standing_in(kind)
        with pytest.raises(sg.DataError, match="custmers") as caught:
            open_engine(url.replace("awkward", "custmers"))
        assert "\n" not in str(caught.value)

    def refuse(**_: Any) -> None:
        raise RuntimeError("[Driver] dial tcp: connection refused\nfor p!w")

    monkeypatch.setitem(sys.modules, NAMES[kind], SimpleNamespace(connect=refuse, Error=RuntimeError))
    with pytest.raises(UnavailableError, match=f"^{kind}://: dial tcp: connection refused") as caught:
        open_engine(url)
    assert "p!w" not in str(caught.value) or kind == "bigquery"
    monkeypatch.setitem(sys.modules, NAMES[kind], None)
    with pytest.raises(sg.DataError, match=rf"pip install 'segmentry\[{kind}\]'"):
        open_engine(url)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "100038 (22018): Numeric value 'Ada O''Hara' is not recognized",
            "Numeric value … is not recognized",
        ),
        ("Date 'Ada' is not recognized", "Date … is not recognized"),
        ("INVALID_ARGUMENT: Bad int64 value: Ada 36", "Bad int64 value: …"),
        (
            "[CAST_INVALID_INPUT] The value 'Ada' of the type \"STRING\" cannot be cast",
            "The value … of the type",
        ),
        ("100096 (22018): Can't parse 'Ada Byron' as date with format 'YYYY'", "Cannot parse …"),
        ("Date 'Ada not found' is not recognized", "Date … is not recognized"),
        ("int64 overflow: 9223372036854775807 + 12345", "int64 overflow: …"),
        ('Could not cast literal "Ada" to type INT64 at [1:8]', "Could not cast literal … to type INT64"),
        (
            "Failed to parse input string; format element '%Y': Ada",
            "Failed to parse input string; format element …",
        ),
        ("googleapi: Error 400: Bad int64 value: Ada, invalidQuery", "Bad int64 value: …"),
        ("googleapi: Error 400: Bad int64 value: Ada not found, invalidQuery", "Bad int64 value: …"),
        ("Cannot cast 'Ada' to INT64", "Cannot cast … to INT64"),
        ("Text '12 Ada' could not be parsed at index 0", "Text … could not be parsed"),
        ("[CAST_OVERFLOW] The value 12345L cannot be cast. SQLSTATE: 22003", "The value … cannot be cast"),
        ("Object 'SHOP.CUSTOMERS' does not exist", "Object 'SHOP.CUSTOMERS' does not exist"),
        (
            "INVALID_ARGUMENT: [Snowflake] 002003 (42S02): SQL compilation error: Object 'SHOP.VALUE' does not exist. Vendor code: 2003. SQLSTATE: 42S02",
            "SQL compilation error: Object 'SHOP.VALUE' does not exist",
        ),
        (
            "Unrecognized name: Incme; Did you mean Income? at [1:8]",
            "Unrecognized name: Incme; Did you mean Income?",
        ),
        ("Not found: Table p:shop.custmers was not found", "Table p:shop.custmers was not found"),
    ],
)
def test_errors_quote_names_and_no_values(message: str, said: str) -> None:
    found = warehouses._in_one_line(Exception(message))
    assert said in found
    assert not re.search(r"Ada|12345|\b2203|922", found)


def test_more_patterns_than_a_query_holds_are_refused(
    standing_in: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    standing_in("snowflake")
    monkeypatch.setattr(warehouses.WarehouseEngine, "most_inline", 5)
    with pytest.raises(
        sg.DataError, match=r"patterns are too many to be handed to it in a query; 5 are the most"
    ):
        sg.run(URLS["snowflake"], PLAIN, segments=2, analyses=0)


def test_a_table_may_be_named_with_its_schema_and_database(
    standing_in: Callable[[str], dict[str, Any]],
) -> None:
    heard = standing_in("snowflake")
    engine = open_engine(URLS["snowflake"].replace("awkward", "memory.main.awkward"))
    assert '"memory"."main"."awkward"' in heard["connection"].asked[1]
    assert engine.columns(engine.tables["data"].this)["id"] == "integer"
    engine.close()
