"""Every pattern that rows can have, as rows in each database: its SQL places them as Python does.

The rows of a grid have every combination of levels, missing values and values in no level. What a recipe drops must be
absent, what it calls an error without a segment.
"""

from __future__ import annotations

import itertools
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import segmentry as sg
from commands import segmentry
from mariadb import MariaDB
from nasty import NASTY
from segmentry.recipe import Recipe
from segmentry.scoring import formula_of, kit, place_patterns
from segmentry.scoring.kit import verification_kit
from segmentry.scoring.placing import write_reasons
from segmentry.scoring.statement import EXECUTED, RELATED, SHORT, WRITTEN

METHODS = ("latent-class", "k-modes", "k-means")
Raw = dict[str, list[tuple[int, Any]]]

POLICIES = Recipe.from_toml("""
title = "Policies"
[source]
id = "id"

[features.age]
column = "age"
edges = [30, 45, 60]
weight = 2.5

[features.size]
column = "size"
groups = { S = ["s"], M = ["m", "M"], L = ["l"] }
scale = "ordinal"
weight = 0.3
unseen = "missing"
missing = "level"

[features.town]
column = "home town"
levels = ["City", "O'Town"]
rest = "Elsewhere"
missing = "drop"

[features.active]
column = "active"
yes_no = true
missing = "error"

[features.colour]
column = "colour"
groups = { Warm = ["red", "or"], Cold = ["blue"] }
unseen = "error"
distance = "rank"

[features.spend]
column = "spend"
edges = [9.99]
closed = "right"
missing = "level"
""")
# per feature: the code of a level, -1 missing, -2 in no level; and a value that has it
RAW: Raw = {
    "age": [(0, 29.999), (1, 30.0), (2, 59.0), (3, 60.0), (-1, None)],
    "size": [(0, "s"), (1, "M"), (2, "l"), (3, None), (-2, "xl")],
    "home town": [(0, "City"), (1, "O'Town"), (2, "farm"), (-1, None)],
    "active": [(0, False), (1, True), (-1, None)],
    "colour": [(0, "or"), (1, "blue"), (-2, "pink"), (-1, None)],
    "spend": [(0, 9.99), (1, 10.0), (2, None)],
}
# ten features, the whole grid just below 100,000 patterns
WIDE = Recipe.from_dict(
    {
        "source": {"id": "id"},
        "features": [{"name": f"f{j}", "column": f"f{j}", "edges": [1], "missing": "level"} for j in range(9)]
        + [{"name": "f9", "column": "f9", "edges": [1, 2]}],
    }
)
WIDE_RAW: Raw = {f"f{j}": [(0, 0.0), (1, 1.0), (2, None)] for j in range(9)} | {
    "f9": [(0, 0.0), (1, 1.5), (2, 2.0), (-1, None)]
}


@dataclass(frozen=True)
class Grid:
    """Rows and their codes."""

    rows: pa.Table
    codes: npt.NDArray[np.int32]


def grid(raw: Raw) -> Grid:
    pairs = list(itertools.product(*raw.values()))
    codes = np.asarray([[code for code, _ in row] for row in pairs], np.int32)
    columns = {name: pa.array([row[j][1] for row in pairs]) for j, name in enumerate(raw)}
    return Grid(pa.table({"id": pa.array(range(len(pairs)), pa.int64()), **columns}), codes)


def some(whole: Grid, each: int) -> Grid:
    """Take each so-manieth row of a grid."""
    chosen = np.arange(0, len(whole.codes), each)
    ids = pa.array(range(len(chosen)), pa.int64())
    return Grid(whole.rows.take(chosen).set_column(0, "id", ids), whole.codes[chosen])


def trained(make: Any, recipe: Recipe, raw: Raw, method: str, k: int) -> sg.Segmentation:
    """A segmentation of rows in which two features go together, without what the recipe refuses."""
    rng = np.random.default_rng(1)
    n = 600
    hidden = rng.integers(0, 2, n)
    columns: dict[str, Any] = {"id": np.arange(n)}
    for name, pairs in raw.items():
        known = [value for code, value in pairs if code >= 0]
        likely = np.where(hidden == 1, 0, len(known) - 1)
        chosen = np.where(rng.random(n) < 0.6, likely, rng.integers(0, len(known), n))
        columns[name] = pa.array([known[i] for i in chosen])
    return make(pa.table(columns), recipe, method, k)


@pytest.fixture(scope="module")
def policies(make: Any) -> dict[str, sg.Segmentation]:
    fitted = {method: trained(make, POLICIES, RAW, method, 3) for method in METHODS}
    return fitted | {"one segment": trained(make, POLICIES, RAW, "latent-class", 1)}


@pytest.fixture(scope="module")
def wide(make: Any) -> dict[str, sg.Segmentation]:
    return {m: trained(make, WIDE, WIDE_RAW, m, 4) for m in ("latent-class", "k-modes")}


def assert_equal(result: sg.Segmentation, given: Grid, found: list[tuple[Any, ...]]) -> None:
    """Compare rows of id, segment, certainty, second segment, reason (or nothing) and fits with Python's."""
    formula = formula_of(result)
    drops = [j for j, f in enumerate(result.recipe.features) if f.missing == "drop"]
    kept = np.flatnonzero(~(given.codes[:, drops] == -1).any(axis=1))
    placed = place_patterns(formula, given.codes[kept])
    ids, segment, certainty, second, reason, fits = zip(*sorted(found), strict=True)
    assert list(ids) == kept.tolist()
    numbers = [0 if s is None else int(s) for s in segment]
    np.testing.assert_array_equal(numbers, placed.segment + 1)
    np.testing.assert_array_equal([0 if s is None else int(s) for s in second], placed.second + 1)
    np.testing.assert_array_equal(np.asarray(fits, bool), placed.fits)
    np.testing.assert_allclose(
        np.asarray([np.nan if c is None else float(c) for c in certainty]),
        placed.certainty,
        rtol=0,
        atol=1e-9,
    )
    has_segment = placed.segment >= 0
    if reason[0] is not None:
        texts = write_reasons(formula, placed, given.codes[kept])
        assert [t for t, has in zip(reason, has_segment, strict=True) if has] == [
            t for t, has in zip(texts, has_segment, strict=True) if has
        ]


def reordered(text: str, *, reason: bool = True) -> str:
    named = "reason" if reason else "NULL AS reason"
    return f"SELECT id, segment, certainty, second_segment, {named}, fits FROM ({text.rstrip().rstrip(';')}) AS scored"  # noqa: S608


Execute = Callable[[pa.Table, list[str]], list[list[tuple[Any, ...]]]]


def in_duckdb(rows: pa.Table, texts: list[str]) -> list[list[tuple[Any, ...]]]:
    import duckdb

    with duckdb.connect() as connection:
        connection.register("customers", rows)
        return [connection.execute(text).fetchall() for text in texts]


def in_sqlite(rows: pa.Table, texts: list[str]) -> list[list[tuple[Any, ...]]]:
    types = {"string": "TEXT", "double": "REAL", "bool": "BOOLEAN", "int64": "INTEGER"}
    columns = ", ".join(f'"{f.name}" {types[str(f.type)]}' for f in rows.schema)
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE customers ({columns})")
    values = list(zip(*(column.to_pylist() for column in rows.columns), strict=True))
    places = ", ".join("?" for _ in rows.column_names)
    connection.executemany(f"INSERT INTO customers VALUES ({places})", values)  # noqa: S608
    found = [connection.execute(text).fetchall() for text in texts]
    connection.close()
    return found


def in_clickhouse(rows: pa.Table, texts: list[str]) -> list[list[tuple[Any, ...]]]:
    import chdb

    types = {"string": "String", "double": "Float64", "bool": "Bool", "int64": "Int64"}
    columns = ", ".join(f"`{f.name}` Nullable({types[str(f.type)]})" for f in rows.schema)
    connection = chdb.connect(":memory:")
    connection.query(f"CREATE TABLE customers ({columns}) ENGINE = Memory")
    connection.query("INSERT INTO customers SELECT * FROM Python(rows)")
    tables = [connection.query(text, "ArrowTable") for text in texts]
    connection.close()
    return [list(zip(*(c.to_pylist() for c in t.columns), strict=True)) for t in tables]


def in_postgres(
    url: str, rows: pa.Table, texts: list[str], settings: tuple[str, ...] = ()
) -> list[list[tuple[Any, ...]]]:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(url) as connection, connection.cursor() as cursor:
        for setting in settings:
            cursor.execute(f"SET {setting}")
        cursor.adbc_ingest("customers", rows, mode="create", temporary=True)
        found = []
        for text in texts:
            cursor.execute(text)
            found.append(cursor.fetchall())
        return found


def in_mariadb(server: MariaDB, rows: pa.Table, texts: list[str]) -> list[list[tuple[Any, ...]]]:
    server.fill("customers", rows)
    found = [server(text) for text in texts]
    return [[(int(i or 0), s, c, t, r, bool(int(f or 0))) for i, s, c, t, r, f in part] for part in found]


def in_spark(session: Any, rows: pa.Table, texts: list[str]) -> list[list[tuple[Any, ...]]]:
    with tempfile.TemporaryDirectory() as folder:
        pq.write_table(rows, f"{folder}/rows.parquet")  # rows in memory would be scored by the planner
        session.read.parquet(f"{folder}/rows.parquet").createOrReplaceTempView("customers")
        tables = [session.sql(text).toArrow() for text in texts]
        session.catalog.dropTempView("customers")
    return [list(zip(*(column.to_pylist() for column in t.columns), strict=True)) for t in tables]


IN_PROCESS = {"duckdb": in_duckdb, "sqlite": in_sqlite, "clickhouse": in_clickhouse}
LIKE_REDSHIFT = ("standard_conforming_strings = off", "backslash_quote = on", "escape_string_warning = off")
"""A backslash in a text is an escape there."""
SERVED = {
    "postgres": ("postgres_url", in_postgres),
    "redshift": ("postgres_url", partial(in_postgres, settings=LIKE_REDSHIFT)),
    "mysql": ("mariadb", in_mariadb),
    "spark": ("spark", in_spark),
}


OF_FEW = ("redshift", "mysql", "clickhouse")


@pytest.fixture(params=[*IN_PROCESS, *SERVED])
def database(request: pytest.FixtureRequest) -> tuple[str, Execute]:
    if request.param in IN_PROCESS:
        return request.param, IN_PROCESS[request.param]
    name, execute = SERVED[request.param]
    return request.param, partial(execute, request.getfixturevalue(name))


def test_every_row_of_a_grid_is_placed_as_in_python(
    database: tuple[str, Execute], policies: dict[str, sg.Segmentation]
) -> None:
    """All methods, both forms, with and without reason, every policy of missing and unseen values."""
    dialect, execute = database
    given = grid(RAW)
    asked = [
        (result, {"form": form, "reason": reason})
        for name, result in policies.items()
        for form in ("arithmetic", "ranked", *([] if dialect in SHORT else ["lookup"]))
        for reason in ((True, False) if name == "k-modes" else (True,))
    ]
    texts = [reordered(r.to_sql(dialect, **how), reason=how["reason"]) for r, how in asked]  # type: ignore[arg-type]
    assert len(given.codes) == 5 * 5 * 4 * 3 * 4 * 3
    for (result, _), found in zip(asked, execute(given.rows, texts), strict=True):
        assert_equal(result, given, found)


@pytest.mark.parametrize("database", OF_FEW, indirect=True)
def test_tables_of_patterns_are_placed_as_in_python(database: tuple[str, Execute], make: Any) -> None:
    """Where the table of patterns has to be short, few features have few enough patterns."""
    dialect, execute = database
    few = {name: RAW[name] for name in ("size", "home town", "active", "colour")}
    recipe = POLICIES.with_(features=[f for f in POLICIES.to_dict()["features"] if f["column"] in few])
    given = grid(few)
    results = [trained(make, recipe, few, method, 3) for method in METHODS]
    texts = [reordered(result.to_sql(dialect, form="lookup", reason=True)) for result in results]
    for result, found in zip(results, execute(given.rows, texts), strict=True):
        assert_equal(result, given, found)


def test_a_grid_of_nearly_100_000_patterns_is_placed_as_in_python(
    database: tuple[str, Execute], wide: dict[str, sg.Segmentation]
) -> None:
    """The whole grid in DuckDB; elsewhere a row in thirteen."""
    dialect, execute = database
    given = grid(WIDE_RAW)
    assert 75_000 < len(given.codes) < 100_000
    given = given if dialect == "duckdb" else some(given, 13)
    texts = [reordered(result.to_sql(dialect), reason=False) for result in wide.values()]
    for result, found in zip(wide.values(), execute(given.rows, texts), strict=True):
        assert_equal(result, given, found)


@pytest.mark.parametrize("database", ["redshift", "mysql", "clickhouse", "duckdb"], indirect=True)
def test_eight_segments_with_their_reasons_need_no_more_than_the_sums(
    database: tuple[str, Execute], make: Any
) -> None:
    """Written into each other, the steps of the arithmetic form would be a statement of gigabytes."""
    dialect, execute = database
    result = trained(make, WIDE, WIDE_RAW, "latent-class", 8)
    given = some(grid(WIDE_RAW), 7_777)
    text = reordered(result.to_sql(dialect, form="ranked", reason=True))
    assert_equal(result, given, execute(given.rows, [text])[0])
    assert len(text) < 100_000


def test_texts_that_databases_read_as_something_else_are_levels(
    database: tuple[str, Execute], make: Any
) -> None:
    """Quotes, backslashes, variables of a shell or of Jinja, other letters and cases, spaces at the end, an empty text."""
    dialect, execute = database
    texts = [t for t in (*NASTY, "City", "city", "City ", "CITY\u0301", "") if len(t) <= 60]
    kept = [t for t in texts if t.strip() not in ("null", "NULL", "a\rb", "a\r\nb")]
    rng = np.random.default_rng(2)
    towns = [kept[i] for i in np.r_[np.arange(len(kept)), rng.integers(0, len(kept), 400)]]
    ages = np.where(np.asarray([kept.index(t) % 2 for t in towns]), 10.0, 80.0) + rng.normal(
        0, 30, len(towns)
    )
    recipe = Recipe.from_dict({"source": {"id": "id"}, "features": [
        {"name": "age", "column": "age", "edges": [20, 45, 60]},
        {"name": "town", "column": "town", "levels": kept[::2], "rest": "O'Rest\\"},
    ]})  # fmt: skip
    table = pa.table(
        {"id": pa.array(range(len(towns)), pa.int64()), "age": pa.array(ages), "town": pa.array(towns)}
    )
    result = make(table, recipe, "k-modes", 3)
    place = {t: code for code, t in enumerate(kept[::2])}
    first = [int(np.searchsorted([20, 45, 60], age, side="right")) for age in ages]
    codes = np.asarray([(a, place.get(t, len(place))) for a, t in zip(first, towns, strict=True)], np.int32)
    forms = ("arithmetic", "lookup") if dialect not in SHORT else ("arithmetic",)
    written = [reordered(result.to_sql(dialect, form=form, reason=True)) for form in forms]  # type: ignore[arg-type]
    for found in execute(table, written):
        assert_equal(result, Grid(table, codes), found)


def test_a_verification_kit_finds_no_pattern_but_those_that_are_assigned_otherwise(
    database: tuple[str, Execute],
    policies: dict[str, sg.Segmentation],
    wide: dict[str, sg.Segmentation],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One kit has as many patterns as there can be, the others fewer: all rows of the grid are placed above."""
    dialect, execute = database
    rows = grid(RAW).rows.slice(0, 1)  # a kit reads no table
    models = [*policies.values(), wide["latent-class"]]
    with monkeypatch.context() as fewer:
        fewer.setattr(kit, "MAX_PATTERNS", 200)
        kits = [verification_kit(result, dialect).rstrip().rstrip(";") for result in models[1:]]
    kits.append(verification_kit(models[0], dialect).rstrip().rstrip(";"))
    monkeypatch.setattr(kit, "place_patterns", lambda formula, codes: wrongly(place_patterns(formula, codes)))
    kits.append(verification_kit(policies["k-modes"], dialect).rstrip().rstrip(";"))
    six = "SELECT pattern, segment, certainty, second_segment, NULL AS reason, fits FROM"
    found = execute(rows, [f"{six} ({text}) AS kit" for text in kits])
    assert [len(part) for part in found] == [0] * len(models) + [3]


def wrongly(placed: Any) -> Any:
    """What Python assigns, with a segment, a certainty and a fit that are others."""
    segment, certainty, fits = placed.segment.copy(), placed.certainty.copy(), placed.fits.copy()
    kept = np.flatnonzero(segment >= 0)[[3, 40, 80]]
    segment[kept[0]] = (segment[kept[0]] + 1) % 3
    certainty[kept[1]] += 1e-6
    fits[kept[2]] = not fits[kept[2]]
    return replace(placed, segment=segment, certainty=certainty, fits=fits)


def test_a_kit_is_written_in_every_dialect_and_by_the_command(
    policies: dict[str, sg.Segmentation], tmp_path: Path
) -> None:
    for dialect in (*EXECUTED, *RELATED, *WRITTEN):
        text = verification_kit(policies["k-modes"], dialect)
        n_patterns = "200" if dialect == "clickhouse" else "1,000"
        assert text.startswith("-- Verification of Policies: 3 segments by k-modes.\n")
        assert f"\n-- {n_patterns} patterns (of all combinations" in text
    model, out = policies["k-modes"].save(tmp_path / "segmentation.json"), tmp_path / "kit.sql"
    for _ in range(2):  # its own file is replaced
        segmentry("sql", model, "--kit", "--dialect", "snowflake", "--out", out)
    assert out.read_text() == verification_kit(policies["k-modes"], "snowflake")
