"""Every expression that recipes may use has DuckDB's value on every engine; any other is refused there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from sqlglot import exp

from segmentry.engine import from_adbc, open_engine
from segmentry.engine.base import Engine
from segmentry.errors import RecipeError
from segmentry.recipe import Recipe
from segmentry.sql import Query
from segmentry.sql.expressions import expression, relation
from segmentry.sql.portable import render_sql

TESTED = [
    # arithmetic: divisions are of floating-point numbers, and missing where the divisor is 0
    "a + b", "a - b", "a * b", "-a", "a / b", "b / a", "a / 2 / 3", "d / a", "d / 3", "x / d", "(a + b) / (a - b)", "a % 3", "a % b",
    "ABS(b)", "FLOOR(x)", "CEIL(x)", "FLOOR(d)", "FLOOR(a / 2)", "CEIL(d)", "GREATEST(a, b)", "LEAST(a, b, 3)", "d * 2", "d + a", "x * a",
    # truth
    "a > b AND NOT f", "a > b OR f", "f IS NULL", "f IS NOT NULL", "a IS NOT DISTINCT FROM b", "a IS DISTINCT FROM b",
    "a IN (1, 2)", "a NOT IN (1, 2)", "x BETWEEN 0 AND 1.5", "d <= 1.25", "d = 1.25", "x < 0.3", "x <= 0.3", "a <> b", "f IS TRUE",
    "f = TRUE",
    "CASE WHEN a > b THEN 'more' WHEN a = b THEN 'same' END", "CASE a WHEN 1 THEN 'one' ELSE 'other' END", "IF(a > 2, 1, 0)",
    "COALESCE(a, b, 0)", "IFNULL(a, -1)", "NULLIF(a, 1)", "CAST(a > b AS INTEGER)", "CAST(a IS NULL AS INTEGER) + 1",
    # text
    "LOWER(t)", "UPPER(t)", "TRIM(t)", "LENGTH(t)", "SUBSTRING(t, 2, 3)", "SUBSTRING(t, 2)", "t || '-' || t", "t LIKE '_o%'",
    "t LIKE '%''%'", "t NOT LIKE 'W%'", "t = ''", "t IN ('it''s', '${t}', '\\', 'C:\\new')", "t > 'a'",
    "REPLACE(t, 'o', '0')", "REPLACE(t, '\\', '')", "REPLACE(t, 'W', 'ww')", "REPLACE(n, '.', '')",
    # numbers in text
    "TRY_CAST(n AS DOUBLE)", "TRY_CAST(n AS DOUBLE) > 1", "TRY_CAST(t AS DOUBLE) / 2", "CAST(a AS DOUBLE) / 3", "TRY_CAST(a AS DOUBLE)",
    "TRY_CAST(REPLACE(REPLACE(n, '.', ''), '_', '.') AS DOUBLE)",
    # dates
    "YEAR(day)", "MONTH(day)", "DAY(day)", "EXTRACT(year FROM day)", "DATE_DIFF('day', day, DATE '2024-03-01')", "day < DATE '2000-01-01'",
    "day = '2024-02-29'::DATE", "2024 - YEAR(day)",
    # dates in text
    "YEAR(TRY_CAST(iso AS DATE))", "TRY_CAST(iso AS DATE) < DATE '2024-01-01'", "TRY_CAST(day AS DATE) = day", "MONTH(TRY_CAST(t AS DATE))",
    "YEAR(TRY_STRPTIME(w, '%m/%d/%Y'))", "DAY(TRY_STRPTIME(w, '%d/%m/%Y'))", "MONTH(TRY_STRPTIME(w, '%d/%m/%Y %H:%M'))",
]  # fmt: skip
REFUSED = [
    "HASH(a)", "STRFTIME(day, '%Y')", "TRY_CAST(n AS INTEGER)", "CAST(x AS INTEGER)", "CAST(x AS VARCHAR)", "ROUND(x, 1)",
    "a // b", "t LIKE 'a\\_b'", "t SIMILAR TO 'a'", "REGEXP_MATCHES(t, 'a')", "DATE_DIFF('month', day, day)", "TRIM(t, 'x')",
    "day + INTERVAL 3 DAY", "SUBSTRING(t, -1)", "LIST_CONTAINS([1, 2], a)", "CURRENT_DATE > day", "LN(a)",
    "TRY_STRPTIME(w, '%b %d %Y')", "TRY_STRPTIME(w, t)", "STRPTIME(w, '%d/%m/%Y')", "TRY(a / b)", "DATE_PART('year', day)", "t COLLATE NOCASE = 'a'", "a & 1",
    "REPLACE(t, '', 'x')", "REPLACE(t, n, 'x')", "REPLACE(t, 'a', n)",
]  # fmt: skip
TABLE = pa.table(
    {
        "row": pa.array(range(8), pa.int32()),
        "a": pa.array([1, 2, 3, -7, 0, None, 5, 2], pa.int32()),
        "b": pa.array([2, 2, 0, 2, 0, 4, None, -3], pa.int64()),
        "x": [0.1 + 0.2, -1.5, 0.3, None, 2.5, -0.0, 1e300, 0.7],
        "d": pa.array([Decimal(v) if v else None for v in ("1.25", "0.10", "-3.99", "", "0.00", "19.99", "7.00", "2.50")], pa.decimal128(10, 2)),
        "f": [True, False, None, True, False, True, None, False],
        "t": ["Word", "", None, " it's", "${t}", "\\", "C:\\new", "日本 yo"],
        "iso": ["2024-02-29", "2023-02-29", None, " 2024-12-31 ", "2024-1-5", "", "0000-01-01", "2001-09-10 10:00"],
        "w": ["2/29/2024", "29/02/2024", None, "31/12/2024 8:59", "12/31/2024", "", "1/1/24", "05/06/2001"],
        "n": ["12", " 1.5 ", "1e2", "1_000", "inf", "", None, "1d"],
        "day": [dt.date(2024, 2, 29), dt.date(1899, 12, 31), None, *[dt.date(2001, 9, i) for i in range(9, 14)]],
    }
)  # fmt: skip


@pytest.fixture(scope="module")
def postgres(postgres_url: str) -> Any:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgres_url) as connection:
        with connection.cursor() as cursor:
            cursor.execute(
                'CREATE TEMP TABLE expressions ("row" int, a int, b bigint, x float8, d numeric(10, 2), f boolean, t text, iso text, w text, n text, day date)'
            )
            cursor.adbc_ingest("given", TABLE, mode="create", temporary=True)
            cursor.execute(
                'INSERT INTO expressions SELECT "row", a, b, x, d::numeric, f, t, iso, w, n, day FROM given'
            )
        yield from_adbc(connection, "expressions")


@pytest.fixture(scope="module")
def on_spark(spark: Any) -> Engine:
    return open_engine(spark.createDataFrame(TABLE).coalesce(1))


@pytest.fixture(scope="module")
def on_clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    import chdb

    folder = tmp_path_factory.mktemp("chdb")
    connection = chdb.connect(str(folder))
    given = TABLE
    names = ", ".join(f'"{name}"' for name in given.column_names)
    types = "row Int32, a Nullable(Int32), b Nullable(Int64), x Nullable(Float64), d Nullable(Decimal(10, 2)), f Nullable(Bool), t Nullable(String), iso Nullable(String), w Nullable(String), n Nullable(String), day Nullable(Date32)"
    connection.query(f"CREATE TABLE expressions ({types}) ENGINE = MergeTree ORDER BY row")
    connection.query(f"INSERT INTO expressions SELECT {names} FROM Python(given)")  # noqa: S608
    connection.close()
    engine = open_engine(f"chdb://{folder}?table=expressions")
    yield engine
    engine.close()


def values(engine: Engine) -> list[list[Any]]:
    """Values of every tested expression, in the order of the rows: one query."""
    parts = [exp.alias_(expression(text, (f"e{i}",)), f"e{i}", quoted=True) for i, text in enumerate(TESTED)]
    query = exp.select(*parts).from_(engine.tables["data"].copy()).order_by(exp.column("row", quoted=True))
    found = engine.query(Query("Tested expressions", query))
    return [found.column(i).to_pylist() for i in range(found.num_columns)]


QUERIES = [
    "SELECT f, COUNT(*) AS n, COUNT(a) AS k, SUM(a) AS s, AVG(a) AS m, AVG(d) AS md, MIN(x) AS low, MAX(t) AS high FROM data GROUP BY f",
    "SELECT f, SUM(d) AS s FROM data WHERE a > 0 GROUP BY f HAVING COUNT(*) > 1",
    "SELECT p.a, q.b AS c FROM data AS p JOIN data AS q ON p.a = q.b",
    'SELECT p."row", q.n FROM data AS p LEFT JOIN (SELECT f, COUNT(DISTINCT t) AS n FROM data GROUP BY f) AS q ON p.f = q.f',
    'WITH few AS (SELECT "row", a / 2 AS half FROM data WHERE b IS NOT NULL) SELECT data.t, few.half FROM data JOIN few USING ("row")',
    "SELECT a FROM data UNION ALL SELECT b FROM data UNION ALL SELECT NULL FROM data",
    "SELECT DISTINCT f FROM data",
]


def rows(engine: Engine, sql: str) -> list[Any]:
    """The rows of a recipe's own query, sorted."""
    recipe = Recipe.from_dict({"source": {"sql": sql}, "features": [{"name": "a", "column": "a"}]})
    table = engine.query(Query("Rows", relation(recipe, dict(engine.tables)).select_all()))
    numbers = [
        [float(v) if isinstance(v, (int, float, Decimal)) and v is not None else v for v in row.values()]
        for row in table.to_pylist()
    ]
    return sorted(numbers, key=repr)


@pytest.mark.parametrize("engine", ["postgres", "on_clickhouse", "on_spark"])
def test_rows_of_queries_are_duckdbs(request, engine):
    here, there = open_engine(TABLE), request.getfixturevalue(engine)
    wrong = [sql for sql in QUERIES if rows(here, sql) != rows(there, sql)]
    assert all(rows(here, sql) for sql in QUERIES)
    here.close()
    assert wrong == []


def same(one: Any, other: Any) -> bool:
    if isinstance(one, (int, float, Decimal)) and not isinstance(one, bool) and other is not None:
        return float(one) == pytest.approx(float(other), rel=1e-15)
    return type(one) is type(other) and one == other


@pytest.mark.parametrize("engine", ["postgres", "on_clickhouse", "on_spark"])
def test_values_are_duckdbs(request, engine):
    here = open_engine(TABLE)
    expected = values(here)
    here.close()
    found = values(request.getfixturevalue(engine))
    wrong = {
        text: (f, e) for text, f, e in zip(TESTED, found, expected, strict=True) if not all(map(same, e, f))
    }
    assert wrong == {}


def test_divisions_by_zero_are_missing_in_duckdb_too():
    here = open_engine(TABLE)
    expected = dict(zip(TESTED, values(here), strict=True))
    here.close()
    assert expected["a / b"] == [0.5, 1.0, None, -3.5, None, None, None, 2 / -3]
    assert expected["TRY_CAST(n AS DOUBLE)"] == [12.0, 1.5, 100.0, None, None, None, None, None]


@pytest.mark.parametrize("dialect", ["postgres", "spark", "clickhouse"])
@pytest.mark.parametrize("text", REFUSED)
def test_others_are_refused_by_name(dialect, text):
    query = exp.select(exp.alias_(expression(text, ("features", "odd", "sql")), "odd")).from_("data")
    with pytest.raises(
        RecipeError, match=rf"^features\.odd\.sql: .* has no tested form in the dialect '{dialect}'"
    ):
        render_sql(query, dialect)


@pytest.mark.parametrize("dialect", ["oracle", "nonsense"])
def test_other_dialects_are_refused(dialect):
    with pytest.raises(RecipeError, match="queries are tested on duckdb, postgres, spark, clickhouse alone"):
        render_sql(exp.select("a").from_("data"), dialect)


@pytest.mark.parametrize("dialect", ["postgres", "spark", "clickhouse"])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT *, ROW_NUMBER() OVER (ORDER BY a) AS n FROM data",
        "SELECT * EXCLUDE (a) FROM data",
        "SELECT * FROM data ORDER BY a LIMIT 3",
        "FROM data SELECT COLUMNS('a')",
    ],
)
def test_queries_of_recipes_are_held_to_the_list(dialect, sql):
    recipe = Recipe.from_dict({"source": {"sql": sql}, "features": [{"name": "a", "column": "a"}]})
    with pytest.raises(RecipeError, match=r"^source\.sql: .* has no tested form"):
        render_sql(relation(recipe, {"data": exp.to_table("t")}).select_all(), dialect)
