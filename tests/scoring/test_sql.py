"""The SQL that assigns, executed on every engine at hand, equals Python on every pattern and on ugly rows."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import segmentry as sg
from mariadb import MariaDB
from segmentry.recipe import Recipe
from segmentry.scoring import formula_of, place_patterns
from segmentry.scoring.placing import write_reasons
from segmentry.scoring.statement import EXECUTED, RELATED, WRITTEN

GOLDEN = Path(__file__).parent / "golden"
METHODS = ("latent-class", "k-modes", "k-means")
SMALL = Recipe.from_toml("""
title = "Small"

[source]
id = "id"

[[clean]]
step = "adults"
keep = "age >= 18 OR age IS NULL"
why = "no children"

[[clean]]
step = "respelled"
replace = { column = "town", values = [["Ville", "City"]] }

[features.age]
column = "age"
edges = [40]
closed = "right"
missing = "level"

[features.town]
column = "town"
groups = { Urban = ["City", "O'Town"], Rural = ["Farm"] }
unseen = "missing"

[features.active]
sql = "visits / 2 > 1"
yes_no = true

[features.income]
column = "income"
edges = [1000.5]
""")


def small_rows() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    n = 400
    town = rng.choice(["City", "Ville", "O'Town", "Farm"], n, p=[0.3, 0.1, 0.2, 0.4])
    age = rng.integers(18, 80, n).astype(float) - 10 * (town == "Farm")
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "age": np.where(rng.random(n) < 0.1, np.nan, age),
            "town": town,
            "visits": rng.integers(0, 6, n),
            "income": np.where(town == "Farm", 500.0, 1500.0) + 1000 * rng.random(n) - 500,
        }
    )


def ugly_rows() -> pd.DataFrame:
    """Rows with what was never seen: other spellings, case, spaces, missing values, ends of ranges."""
    rows = []
    for town in ("City", "city", "City ", "Ville", "O'Town", "Farm", "", "Moon", None):
        rows += [(town, age, visits, income)
                 for age in (17.0, 18.0, 40.0, 40.5, None)
                 for visits in (2, 3, None)
                 for income in (1000.4, 1000.5, None)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["town", "age", "visits", "income"])
    table.insert(0, "id", np.arange(len(table)))
    return table.astype({"visits": "Int64", "age": "Float64", "income": "Float64"})


JOINED = SMALL.with_(model={"joined": [["town", "income"]]})


@pytest.fixture(scope="module")
def small(make: Any) -> dict[str, sg.Segmentation]:
    rows = small_rows()
    return {
        "latent-class": make(rows, SMALL, "latent-class", 3),
        "k-modes": make(rows, SMALL, "k-modes", 3),
        "k-means": make(rows.dropna(), SMALL, "k-means", 3),
        "joined": make(rows, JOINED, "latent-class", 3),
    }


@pytest.mark.parametrize("form", ["arithmetic", "ranked", "lookup"])
def test_joined_features_are_looked_up_together(small: dict[str, sg.Segmentation], form: Any) -> None:
    result = small["joined"]
    assert len(formula_of(result).pairs) == 1
    found = result.verify(form=form)
    assert found.is_equal, str(found)
    codes = np.array([[0, 0, 0, 1], [0, 0, 0, -1], [0, -1, 0, 1], [0, -2, 0, 1]])
    placed = place_patterns(formula_of(result), codes)
    posterior = result.core.predict_proba(np.where(codes < -1, -1, codes))
    assert np.allclose(placed.certainty, posterior.max(axis=1), atol=1e-12)
    assert not np.allclose(posterior[0], place_apart(result, codes[:1]), atol=0.01)


def place_apart(result: sg.Segmentation, codes: Any) -> Any:
    """Probabilities of the classes where no features are joined."""
    shares = np.array(result.core.class_prior_)
    for j, levels in enumerate(result.core.categories_):
        shares = shares * result.core.response_proba_[j][:, list(levels).index(codes[0, j])]
    return shares / shares.sum()


@pytest.mark.parametrize("form", ["arithmetic", "ranked", "lookup"])
@pytest.mark.parametrize("method", METHODS)
def test_sql_equals_python_on_every_combination_of_levels(
    households: dict[str, sg.Segmentation], small: dict[str, sg.Segmentation], method: str, form: Any
) -> None:
    for result, n_patterns in ((households[method], 7 * 6 * 6 * 6 * 4), (small[method], None)):
        found = result.verify(form=form)
        assert found.is_equal, str(found)
        assert found.is_whole_grid
        assert n_patterns in (None, found.n_patterns)
        assert str(found).startswith(f"{found.n_patterns:,} of {found.n_patterns:,} patterns equal")


def test_a_wrong_formula_is_found(
    households: dict[str, sg.Segmentation], monkeypatch: pytest.MonkeyPatch
) -> None:
    from segmentry.scoring import verification

    result = households["k-modes"]
    wrong = formula_of(households["latent-class"])
    query = verification.assignment_query
    monkeypatch.setattr(
        verification, "assignment_query", lambda start, _, *a, **k: query(start, wrong, *a, **k)
    )
    found = result.verify()
    assert not found.is_equal
    assert "Python (" in found.differing[0]


@pytest.mark.parametrize("method", METHODS)
def test_python_places_training_patterns_as_the_estimator(
    households: dict[str, sg.Segmentation], method: str
) -> None:
    result = households[method]
    assert result.patterns is not None
    placed = place_patterns(formula_of(result), result.patterns.codes)
    assert np.array_equal(placed.segment, result.core.predict(result.patterns.codes))
    if method == "latent-class":
        posterior = np.sort(result.core.predict_proba(result.patterns.codes), axis=1)
        assert np.allclose(placed.certainty, posterior[:, -1], atol=1e-12)
        assert (placed.segment != placed.second).all()
    unfit = result.patterns.counts[~placed.fits].sum() / result.patterns.n_customers
    assert 0 <= unfit <= 0.01


# ---- executed on other engines, on the same ugly rows


def expected(result: sg.Segmentation) -> list[tuple[Any, ...]]:
    with pytest.warns(sg.SegmentryWarning, match="`drift` says what moved"):
        frame = result.assign(ugly_rows()).sort_values("id")
    return rows_of(frame[["id", "segment", "certainty", "second_segment", "reason", "fits"]].values.tolist())


def rows_of(rows: list[Any]) -> list[tuple[Any, ...]]:
    return [
        (int(i), int(s), pytest.approx(float(c), abs=1e-9), int(t), r, bool(f)) for i, s, c, t, r, f in rows
    ]


def plain(rows: list[Any]) -> list[tuple[Any, ...]]:
    return [
        (int(i), int(s), float(c), int(t), r, bool(f))
        for i, s, c, t, r, f in sorted(rows, key=lambda x: x[0])
    ]


def records() -> list[tuple[Any, ...]]:
    frame = ugly_rows()
    return [tuple(None if pd.isna(v) else v for v in row) for row in frame.astype(object).values.tolist()]


COLUMNS = "id integer, town varchar(20), age double precision, visits integer, income double precision"


@pytest.mark.parametrize("form", ["arithmetic", "ranked", "lookup"])
@pytest.mark.parametrize("method", [*METHODS, "joined"])
def test_sqlite_equals_python(small: dict[str, sg.Segmentation], method: str, form: Any) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"create table customers ({COLUMNS})")
    connection.executemany("insert into customers values (?, ?, ?, ?, ?)", records())
    text = small[method].to_sql("sqlite", form=form, reason=True)
    rows = [(i, s, c, t, r, f) for i, s, c, t, r, f in connection.execute(reordered(text)).fetchall()]
    connection.close()
    assert plain(rows) == expected(small[method])


def reordered(text: str) -> str:
    return f"select id, segment, certainty, second_segment, reason, fits from ({text.rstrip().rstrip(';')}) as scored"  # noqa: S608


@pytest.mark.parametrize("form", ["arithmetic", "ranked", "lookup"])
def test_duckdb_equals_python(small: dict[str, sg.Segmentation], form: Any) -> None:
    import duckdb

    for result in small.values():
        with duckdb.connect() as connection:
            connection.register("customers", ugly_rows())
            rows = connection.execute(reordered(result.to_sql("duckdb", form=form, reason=True))).fetchall()
        assert plain(rows) == expected(result)


def test_postgresql_equals_python(small: dict[str, sg.Segmentation], postgres_url: str) -> None:
    dbapi = pytest.importorskip("adbc_driver_postgresql.dbapi")
    with dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        cursor.execute(f"create temporary table customers ({COLUMNS})")  # hides a table of other tests
        for row in records():
            values = ", ".join("null" if v is None else "'" + str(v).replace("'", "''") + "'" for v in row)
            cursor.execute(f"insert into customers values ({values})")  # noqa: S608
        for result in small.values():
            for form in ("arithmetic", "ranked", "lookup"):
                cursor.execute(reordered(result.to_sql("postgres", form=form, reason=True)))  # type: ignore[arg-type]
                assert plain(cursor.fetchall()) == expected(result)


def test_mariadb_equals_python(small: dict[str, sg.Segmentation], mariadb: MariaDB) -> None:
    mariadb.fill("ugly", pa.Table.from_pandas(ugly_rows(), preserve_index=False))
    for result in small.values():
        for form in ("arithmetic", "lookup"):
            text = result.to_sql("mariadb", table="ugly", form=form, reason=True)  # type: ignore[arg-type]
            rows = [(i, s, c, t, r, int(f or 0)) for i, s, c, t, r, f in mariadb(reordered(text))]
            assert sorted(plain(rows)) == expected(result)


def test_clickhouse_equals_python(small: dict[str, sg.Segmentation]) -> None:
    import chdb

    rows = pa.Table.from_pandas(ugly_rows(), preserve_index=False)
    assert len(rows) > 400
    connection = chdb.connect(":memory:")
    connection.query(
        "CREATE TABLE customers (id Int64, town LowCardinality(Nullable(String)), age Nullable(Decimal(5, 1)), "
        "visits Nullable(UInt8), income Nullable(Float64)) ENGINE = MergeTree ORDER BY id"
    )
    connection.query(
        "INSERT INTO customers (id, town, age, visits, income) SELECT id, town, age, visits, income FROM Python(rows)"
    )
    for result in small.values():
        for form in ("arithmetic", "lookup"):
            text = reordered(result.to_sql("clickhouse", form=form, reason=True))  # type: ignore[arg-type]
            found = connection.query(text, "ArrowTable")
            assert plain(list(zip(*(c.to_pylist() for c in found.columns), strict=True))) == expected(result)
    connection.close()


def test_spark_equals_python(small: dict[str, sg.Segmentation], spark: Any) -> None:
    spark.createDataFrame(
        records(), "id int, town string, age double, visits int, income double"
    ).createOrReplaceTempView("customers")
    for result in small.values():
        for form in ("arithmetic", "ranked", "lookup"):
            rows = spark.sql(reordered(result.to_sql("spark", form=form, reason=True))).collect()  # type: ignore[arg-type]
            assert plain([tuple(row) for row in rows]) == expected(result)


# ---- dialects that are written, and read by a person


def _recipe(*features: dict[str, Any]) -> Recipe:
    return Recipe.from_dict({"source": {"id": "id"}, "features": list(features)})


_AGE, _TOWN, _, _INCOME = (f.model_dump(exclude_defaults=True) for f in SMALL.features)
TINY = _recipe(_AGE, _TOWN)
UNEVEN = _recipe({**_AGE, "edges": [30, 50]}, _TOWN)
"""Of two features with two levels each either could part the customers, at the same cost."""
KNOWN = _recipe(_AGE, _TOWN, _INCOME)
"""Two classes of two features have no one best answer (Goodman 1974); of three features they have."""
VARIANTS: dict[str, tuple[Recipe, str, dict[str, Any]]] = {
    "": (SMALL, "k-modes", {}),
    "_likelihood": (KNOWN, "latent-class", {"reason": True}),
    "_joined": (SMALL.with_(model={"joined": [["age", "income"]]}), "latent-class", {"reason": True}),
    "_squared": (UNEVEN, "k-means", {}),
    "_lookup": (TINY, "k-modes", {"form": "lookup", "reason": True}),
}


@pytest.fixture(scope="module")
def variants(make: Any) -> dict[str, tuple[sg.Segmentation, dict[str, Any]]]:
    """A model each; its numbers to three digits, which the end of a fit on another machine does not reach."""
    from dataclasses import replace

    def rounded(result: sg.Segmentation) -> sg.Segmentation:
        for name in ("class_prior_", "response_proba_", "joined_proba_", "centers_"):
            value = getattr(result.core, name, None)
            if isinstance(value, list):
                setattr(result.core, name, [np.round(part, 3) for part in value])
            elif value is not None:
                setattr(result.core, name, np.round(value, 3))
        return replace(result, limit=round(result.limit or 0.0, 3))

    rows = small_rows()
    known = rows[rows["town"] != "Ville"].dropna()
    return {
        name: (rounded(make(known if method == "k-means" else rows, recipe, method, 2)), how)
        for name, (recipe, method, how) in VARIANTS.items()
    }


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("dialect", [*EXECUTED, *RELATED, *WRITTEN])
def test_golden_files(
    dialect: str, variant: str, variants: dict[str, tuple[sg.Segmentation, dict[str, Any]]]
) -> None:
    result, how = variants[variant]
    text = result.to_sql(dialect, table="crm.customers", **how)
    path = GOLDEN / f"{dialect}{variant}.sql"
    if os.environ.get("SEGMENTRY_REWRITE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
    assert ("executed nowhere" in text) == (dialect in WRITTEN)
    assert max(len(line) for line in text.splitlines()) < 600


@pytest.mark.parametrize("dialect", [*WRITTEN, *RELATED])
@pytest.mark.parametrize(
    "sql", ["TRY_CAST(town AS DOUBLE)", "hash(town)", "town LIKE 'C%'", "year(town)", "town::DATE", "age % 2"]
)
def test_what_has_no_tested_form_is_refused_by_name(
    dialect: str, sql: str, small: dict[str, sg.Segmentation]
) -> None:
    from dataclasses import replace

    result = small["k-modes"]
    features = tuple(
        f.model_copy(update={"sql": f"({sql}) IS NULL"}) if f.name == "active" else f for f in SMALL.features
    )
    changed = replace(result, recipe=result.recipe.model_copy(update={"features": features}))
    with pytest.raises(
        sg.RecipeError, match=f"features.active.sql: .* has no tested form in the dialect '{dialect}'"
    ):
        changed.to_sql(dialect)


@pytest.mark.parametrize(
    ("word", "dialect"),
    [("mariadb", "mysql"), ("Databricks", "spark"), ("athena", "trino"), ("sqlserver", "tsql")],
)
def test_databases_are_known_by_their_own_names(
    small: dict[str, sg.Segmentation], word: str, dialect: str
) -> None:
    assert small["k-modes"].to_sql(word) == small["k-modes"].to_sql(dialect)


def test_unknown_names_are_refused(small: dict[str, sg.Segmentation]) -> None:
    with pytest.raises(sg.DataError, match="dialect 'postgre': did you mean 'postgres'"):
        small["k-modes"].to_sql("postgre")
    with pytest.raises(sg.DataError, match="form 'table': must be 'arithmetic', 'ranked' or 'lookup'"):
        small["k-modes"].to_sql(form="table")  # type: ignore[arg-type]
    with pytest.raises(sg.DataError, match="table 'a..b': must be a name"):
        small["k-modes"].to_sql(table="a..b")


def test_a_refused_value_gets_no_segment(make: Any) -> None:
    import duckdb

    recipe = SMALL.with_(
        features=[f.model_dump(exclude_defaults=True) | {"unseen": "error"} if f.name == "town" else f.model_dump(exclude_defaults=True)
                  for f in SMALL.features]
    )  # fmt: skip
    result = make(small_rows(), recipe, "latent-class", 2)
    assert result.verify().is_equal
    with duckdb.connect() as connection:
        connection.register("customers", ugly_rows())
        inner = result.to_sql().rstrip().rstrip(";")
        rows = connection.execute(
            f"select town, segment, certainty, fits from ({inner}) join customers using (id)"  # noqa: S608
        ).fetchall()
    moon = [row for row in rows if row[0] == "Moon"]
    assert {row[1:] for row in moon} == {(None, None, False)}
    with pytest.raises(sg.DataError, match="in no level"):
        result.assign(ugly_rows())


# ---- as a Python function, and as a dbt model


@pytest.mark.parametrize("method", METHODS)
def test_the_python_function_equals_predictions_on_all_patterns(
    households: dict[str, sg.Segmentation], method: str
) -> None:
    import itertools

    result = households[method]
    namespace: dict[str, Any] = {}
    exec(compile(result.to_python(), "segments", "exec"), namespace)  # noqa: S102
    values = [
        [0, 25_000, 59_999.9, 60_000, 80_000, None],
        [1900, 1953, 1966, 1981, None],
        ["basic", "graduation", "2n cycle", "phd", "none", None],
        ["single", "together", "married", "widow", "none", None],
        [False, True, None],
    ]
    codes = [[0, 1, 2, 3, 4, -1], [0, 1, 2, 3, -1], [0, 1, 2, 3, -2, -1], [0, 1, 2, 3, -2, -1], [0, 1, -1]]
    patterns = np.array(list(itertools.product(*codes)))
    placed = place_patterns(formula_of(result), patterns)
    for i, arguments in enumerate(itertools.product(*values)):
        found = namespace["assign"](*arguments)
        assert (found["segment"], found["second_segment"], found["fits"]) == (
            placed.segment[i] + 1, placed.second[i] + 1, placed.fits[i],
        )  # fmt: skip
        assert found["certainty"] == pytest.approx(placed.certainty[i], abs=1e-9)


def test_the_python_function_looks_joined_features_up_together(small: dict[str, sg.Segmentation]) -> None:
    import itertools

    result = small["joined"]
    namespace: dict[str, Any] = {}
    exec(compile(result.to_python(), "segments", "exec"), namespace)  # noqa: S102
    ages, towns, active, incomes = (
        (20, 60, None),
        ("City", "Farm", "Moon", None),
        (0, 1),
        (500.0, 1500.0, None),
    )
    codes = [(0, 1, 2), (0, 1, -2, -1), (0, 1), (0, 1, -1)]
    patterns = np.array(list(itertools.product(*codes)))
    placed = place_patterns(formula_of(result), patterns)
    texts = write_reasons(formula_of(result), placed, patterns)
    for i, arguments in enumerate(itertools.product(ages, towns, active, incomes)):
        found = namespace["assign"](*arguments)
        assert (found["segment"], found["second_segment"], found["reason"], found["fits"]) == (
            placed.segment[i] + 1, placed.second[i] + 1, texts[i], placed.fits[i],
        )  # fmt: skip
        assert found["certainty"] == pytest.approx(placed.certainty[i], abs=1e-9)


def test_a_model_without_what_sql_needs_says_so(households: dict[str, sg.Segmentation]) -> None:
    from dataclasses import replace

    result = households["k-modes"]
    with pytest.raises(sg.ModelError, match="does not know the types"):
        replace(result, kinds={}).to_sql()
    with pytest.raises(sg.ModelError, match="segments that were given have no model"):
        replace(result, core=None).to_sql()
    nameless = result.recipe.model_copy(
        update={"source": result.recipe.source.model_copy(update={"id": None})}
    )
    with pytest.raises(sg.ModelError, match="names no id column"):
        replace(result, recipe=nameless).to_sql()
