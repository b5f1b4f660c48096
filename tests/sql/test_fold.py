"""The fold of a customer: one formula of whole numbers, in Python and in the dialects that run here."""

from __future__ import annotations

import sqlite3

import duckdb
import numpy as np
import pytest
from sqlglot import exp

from segmentry.recipe import Recipe
from segmentry.sql import ColumnKind, Relation, SourceTable
from segmentry.sql.fold import FOLDS, MULTIPLIER, PRIME, fold_of_id

RECIPE = Recipe.from_toml('[source]\nid = "id"\n[features.a]\ncolumn = "a"\n')


def fold_sql(kind: ColumnKind, dialect: str) -> str:
    table = SourceTable(Relation(exp.to_table("t")), {"id": kind})
    return fold_of_id(RECIPE, table).sql(dialect)


def fold(value: int | str | None) -> int:
    """The formula of the documentation."""
    if value is None:
        return 0
    if isinstance(value, str):
        value = sum(ord(c) * 1031**i for i, c in enumerate(reversed(value[-4:])))
        assert value < 2**63
    return abs(abs(value) % PRIME * MULTIPLIER % PRIME % FOLDS)


def in_duckdb(values: list, kind: ColumnKind, sql_type: str) -> list[int]:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t (i INTEGER, id {sql_type})")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(i, v) for i, v in enumerate(values)])
        found = connection.execute(f"SELECT {fold_sql(kind, 'duckdb')} FROM t ORDER BY i").fetchall()  # noqa: S608
    return [row[0] for row in found]


def in_sqlite(values: list, kind: ColumnKind, sql_type: str) -> list[int]:
    connection = sqlite3.connect(":memory:")
    connection.create_function("ASCII", 1, lambda text: ord(text[0]))  # SQLite calls it unicode
    connection.execute(f"CREATE TABLE t (i INTEGER, id {sql_type})")
    connection.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(values)))
    found = connection.execute(f"SELECT {fold_sql(kind, 'sqlite')} FROM t ORDER BY i").fetchall()  # noqa: S608
    connection.close()
    return [row[0] for row in found]


@pytest.mark.parametrize("run", [in_duckdb, in_sqlite])
def test_whole_numbers_have_the_fold_of_the_formula(run) -> None:
    values = [None, 0, 1, 2, 5524, 11191, -7, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63) + 1]
    assert run(values, "integer", "BIGINT") == [fold(v) for v in values]


@pytest.mark.parametrize("run", [in_duckdb, in_sqlite])
def test_texts_have_the_fold_of_the_formula(run) -> None:
    values = [None, "", "a", "ab", "C0001234", "C0001235", "Ünïcode-é", "x" * 300]
    assert run(values, "text", "VARCHAR") == [fold(v) for v in values]


def test_any_whole_number() -> None:
    values = np.random.default_rng(3).integers(-(2**63) + 1, 2**63 - 1, 300).tolist()
    assert in_duckdb(values, "integer", "BIGINT") == [fold(v) for v in values]


def test_numbers_wider_than_64_bits() -> None:
    values = [2**100 + 1, -(2**90)]
    assert in_duckdb(values, "integer", "HUGEINT") == [fold(v) for v in values]


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 7, 10, 100, 1000, 65_536])
@pytest.mark.parametrize("n", [1_000, 20_000])
def test_running_numbers_are_halved_whatever_their_step(step: int, n: int) -> None:
    """Every residue class of the ids is halved, so that what an id's digits mean does not part the folds."""
    for start in (0, 1, 1_000_003):
        folds = np.array([fold(i) for i in range(start, start + n * step, step)])
        assert abs(folds.mean() - 0.5) < 2 / np.sqrt(n)


def test_texts_that_differ_in_their_last_characters_are_halved() -> None:
    for form in ("C{:06d}", "{:08x}", "{:04d}-DE"):
        folds = np.array([fold(form.format(i)) for i in range(10_000)])
        assert abs(folds.mean() - 0.5) < 0.05


@pytest.mark.parametrize("kind", ["float", "decimal", "boolean", "other"])
def test_ids_that_are_neither_whole_numbers_nor_text_have_no_fold(kind: ColumnKind) -> None:
    table = SourceTable(Relation(exp.to_table("t")), {"id": kind})
    assert fold_of_id(RECIPE, table) is None
    without = Recipe.from_toml('[features.a]\ncolumn = "a"\n')
    assert fold_of_id(without, table) is None
