"""PostgreSQL and Spark give the pattern table, and the assignments, that DuckDB gives, on awkward data."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segmentry.collecting import collect_patterns
from segmentry.engine import open_engine
from segmentry.patterns import PatternTable, _about
from segmentry.pipeline.segmenting import run
from segmentry.recipe import Recipe

N = 400
RECIPE = Recipe.from_toml(r"""
[source]
id = "id"

[[clean]]
step = "known"
drop_missing = ["small", "Select"]
why = "it's /* not */ known"

[[clean]]
step = "kept"
keep = "price / kids < 40 OR kids IS NULL OR kids = 0"

[[clean]]
step = "respelled"
replace = { column = "home town", values = [["Málaga", "it's"], ["\\", "C:\\new"]] }

[features.small]
column = "small"
quantiles = 3

[features.price]
column = "price"
edges = [0.1, 19.99, 20]
closed = "right"

[features.ratio]
column = "ratio"
edges = [-1.5, 0, 0.3]
missing = "level"

[features.town]
column = "home town"
groups = { Quoted = ["it's", 'say "x"', "C:\\new"], Odd = ["", " ", "${x}", "$1 %s", "日本"] }
rest = "Elsewhere"

[features."a name of a feature that is longer than all that PostgreSQL keeps, one"]
column = "Select"
levels = ["a", "A", "é", "É"]
rest = "other"

[features."a name of a feature that is longer than all that PostgreSQL keeps, two"]
column = 'quo"ted`'
yes_no = true

[features.flag]
column = "flag"
yes_no = true
missing = "level"

[features.flag_levels]
column = "flag"
missing = "level"

[features.answer]
column = "answer"
yes_no = true
unseen = "missing"

[features.day]
column = "day"
levels = ["2024-02-29", "1899-12-31"]
rest = "another day"

[features.year]
sql = "YEAR(day)"

[features.number]
sql = "TRY_CAST(answer AS DOUBLE)"
edges = [0, 1, 100]

[features.half]
sql = "kids / 2"
edges = [0.5, 1]

[features.mixed]
sql = '''(kids > 1 AND NOT flag) OR "home town" LIKE '%''s' OR ratio BETWEEN 0 AND 1'''
yes_no = true

[outcomes.amounts]
role = "amounts"
columns = ["spent", "score"]

[outcomes.counts]
role = "counts"
columns = ["visits", "big"]

[outcomes.flags]
role = "flags"
exposure = "contacted"
columns = ["won", "Answer yes"]
""")


def awkward_table() -> pa.Table:
    random = np.random.default_rng(8)

    def some(values: list[Any], type_: pa.DataType) -> pa.Array:
        return pa.array([values[i] for i in random.integers(0, len(values), N)], type_)

    price = [None, *(Decimal(int(n)) / 100 for n in (10, 11, 1999, 2000, 2001, 12345678901, -5))]
    towns = [
        None,
        "Málaga",
        "it's",
        'say "x"',
        "\\",
        "C:\\new",
        "",
        " ",
        "${x}",
        "$1 %s",
        "日本",
        "x; DROP TABLE t; --",
    ]
    answers = [
        "yes",
        " No ",
        "Y",
        "1",
        "0",
        "",
        None,
        " 12.5 ",
        "1e2",
        ".5",
        "1_000",
        "inf",
        "NaN",
        "1d",
        "0x1",
        "-7",
        "x",
    ]
    days = [None, *(dt.date(*d) for d in ((2024, 2, 29), (1899, 12, 31), (2030, 1, 1)))]
    columns = {
        "id": pa.array(random.permutation(N), pa.int64()),
        "small": some([1, 2, 3, 5, 8, None], pa.int16()),
        "kids": some([0, 1, 2, 3, None], pa.int32()),
        "big": some([2**52, -(2**40), 7, None], pa.int64()),
        "price": some(price, pa.decimal128(12, 2)),
        "ratio": some([None, float("nan"), -1.5, -0.0, 0.0, 0.1 + 0.2, 0.3, 1e300, -7.25], pa.float64()),
        "home town": some(towns, pa.string()),
        "Select": some(["a", "A", "é", "É", "b", None, ""], pa.string()),
        'quo"ted`': some(["yes", "no"], pa.string()),
        "flag": some([True, False, None], pa.bool_()),
        "answer": some(answers, pa.string()),
        "Answer yes": some(["yes", "N", None], pa.string()),
        "day": some(days, pa.date32()),
        "contacted": some([True, False, None], pa.bool_()),
        "spent": some(price, pa.decimal128(12, 2)),
        "score": some([None, float("nan"), 0.1, 1e6, -7.3, 0.7], pa.float64()),
        "visits": some([0, 3, 9, None], pa.int8()),
        "won": some([True, False, None], pa.bool_()),
    }
    return pa.table(columns)


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return awkward_table()


@pytest.fixture(scope="module")
def in_postgres(postgres_url: str, table: pa.Table) -> str:
    from adbc_driver_postgresql import dbapi

    name = 'it\'s "awkward"'
    with dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        quoted = '"' + name.replace('"', '""') + '"'
        types = ["bigint", "smallint", "integer", "bigint", "numeric(12, 2)", "double precision", "text", "varchar(9)",
                 "char(7)", "boolean", "text", "answer", "date", "boolean", "numeric", "double precision", "smallint", "boolean"]  # fmt: skip
        cursor.execute("CREATE TYPE answer AS ENUM ('yes', 'N')")
        definitions = ", ".join(
            '"{}" {}'.format(column.replace('"', '""'), type_)
            for column, type_ in zip(table.column_names, types, strict=True)
        )
        cursor.execute(f"CREATE TABLE {quoted} ({definitions})")
        cursor.adbc_ingest("given", table, mode="create", temporary=True)
        casts = ", ".join(
            f'"{c.replace(chr(34), chr(34) * 2)}"::{t}'
            for c, t in zip(table.column_names, types, strict=True)
        )
        cursor.execute(f"INSERT INTO {quoted} SELECT {casts} FROM given")  # noqa: S608
        connection.commit()
    return f"{postgres_url}?table=it%27s%20%22awkward%22"


@pytest.fixture(scope="module")
def in_spark(spark: Any, table: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("spark")
    pq.write_table(table[:150], folder / "a.parquet")
    pq.write_table(table[150:], folder / "b.parquet")
    return f"spark:{folder}/*.parquet"


def patterns_of(data: Any, recipe: Recipe = RECIPE) -> PatternTable:
    engine = open_engine(data)
    try:
        return collect_patterns(engine, recipe).patterns
    finally:
        engine.close()


def assert_same(found: PatternTable, expected: PatternTable) -> None:
    assert found.features == expected.features
    assert found.outcomes == expected.outcomes
    assert found.cleaning == expected.cleaning
    np.testing.assert_array_equal(found.codes, expected.codes)
    np.testing.assert_array_equal(found.counts, expected.counts)
    np.testing.assert_array_equal(found.n_values, expected.n_values)
    exact = [j for j, outcome in enumerate(expected.outcomes) if outcome.name != "score"]
    np.testing.assert_array_equal(found.sums[:, exact], expected.sums[:, exact])
    np.testing.assert_allclose(found.sums, expected.sums, rtol=1e-9)
    np.testing.assert_allclose(_about(found, expected.origins).squares, expected.squares, rtol=1e-9)
    np.testing.assert_array_equal(found.folds.counts, expected.folds.counts)
    np.testing.assert_allclose(found.folds.sums, expected.folds.sums, rtol=1e-9)


@pytest.mark.parametrize("engine", ["in_postgres", "in_spark"])
def test_pattern_table_equals_duckdbs(request, table, engine):
    expected = patterns_of(table)
    assert expected.n_patterns > 150
    assert {s.what for s in expected.cleaning.steps if s.n_rows} == {
        "dropped",
        "changed",
        "missing",
        "unexposed",
        "unseen",
    }
    assert_same(patterns_of(request.getfixturevalue(engine)), expected)


@pytest.mark.parametrize("engine", ["in_postgres", "in_spark"])
def test_folds_of_text_ids_equal_duckdbs(request, table, engine):
    """The text has letters outside ASCII, is empty, or missing; that an id comes up twice does not matter here."""
    source = RECIPE.source.model_copy(update={"id": "home town"})
    recipe = RECIPE.model_copy(update={"source": source, "clean": RECIPE.clean[:1]})
    expected = patterns_of(table, recipe)
    assert expected.folds.counts.sum(axis=0).min() > 50
    assert_same(patterns_of(request.getfixturevalue(engine), recipe), expected)


@pytest.mark.parametrize("engine", ["in_postgres", "in_spark"])
def test_assignments_equal_duckdbs(request, table, engine, tmp_path):
    data = request.getfixturevalue(engine)
    assignments = []
    for name, given in (("duckdb", table), ("engine", data)):
        run(given, RECIPE, segments=3, seed=1, out=tmp_path / name)
        assignments.append(pq.read_table(tmp_path / name / "assignments.parquet"))
    assert assignments[0].num_rows > 100
    assert assignments[0].equals(assignments[1].cast(assignments[0].schema))
    assert sorted(p.name for p in (tmp_path / "engine").iterdir()) == sorted(
        p.name for p in (tmp_path / "duckdb").iterdir()
    )


def test_queries_of_a_run_are_in_the_engines_dialect(in_postgres, tmp_path):
    run(in_postgres, RECIPE, segments=2, out=tmp_path)
    queries = Path(tmp_path / "queries.sql").read_text(encoding="utf-8")
    assert "DOUBLE PRECISION" in queries
    assert 'FROM "it\'s ""awkward"""' in queries
