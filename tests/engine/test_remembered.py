"""An engine that remembers runs no query twice, and forgets what was read from a table once its name stands for another one."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest
from sqlglot import exp

from segmentry.engine.duckdb import DuckDBEngine
from segmentry.engine.remembered import MOST_BYTES
from segmentry.sql import Query
from segmentry.system.progress import UnwantedError


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[DuckDBEngine]:
    made = DuckDBEngine("numbers")
    made.add_object("data", pa.table({"n": [1, 2, 3]}))
    made.remember()
    yield made
    made.close()


@pytest.fixture
def asked(engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that DuckDB is asked from now on."""
    texts: list[str] = []
    arrow, rows = engine._arrow, engine._rows
    monkeypatch.setattr(engine, "_arrow", lambda text: (texts.append(text), arrow(text))[1])
    monkeypatch.setattr(engine, "_rows", lambda text: (texts.append(text), rows(text))[1])
    return texts


def sum_of(table: str) -> Query:
    return Query("Sum", exp.select("sum(n) AS total").from_(exp.to_table(table)))


def rows_of(table: str) -> Query:
    return Query("Rows", exp.select("*").from_(exp.to_table(table)))


def total(engine: DuckDBEngine, table: str) -> int:
    return int(engine.query(sum_of(table)).column("total")[0].as_py())


def test_a_query_that_is_asked_again_is_not_run_and_is_in_the_log_as_it_ran(
    engine: DuckDBEngine, asked: list[str]
) -> None:
    assert [total(engine, "data"), total(engine, "data")] == [6, 6]
    assert len(asked) == 1
    assert engine.log[0] == engine.log[1]


def test_what_was_read_from_a_table_is_forgotten_when_its_name_stands_for_another(
    engine: DuckDBEngine, asked: list[str]
) -> None:
    engine.register("segments", pa.table({"n": [1]}))
    engine.materialize("kept", rows_of("segments"))
    engine.materialize("of_kept", rows_of("kept"))
    assert [total(engine, name) for name in ("data", "segments", "kept", "of_kept")] == [6, 1, 1, 1]
    engine.register("segments", pa.table({"n": [10]}))
    engine.materialize("kept", rows_of("segments"))
    engine.materialize("of_kept", rows_of("kept"))
    del asked[:]
    assert [total(engine, name) for name in ("data", "segments", "kept", "of_kept")] == [6, 10, 10, 10]
    assert len(asked) == 3


def test_a_table_that_is_made_again_of_the_same_rows_is_not_made(
    engine: DuckDBEngine, asked: list[str]
) -> None:
    for _ in range(2):
        engine.materialize("kept", rows_of("data"))
    assert len(asked) == 1
    engine.materialize("kept", Query("Others", exp.select("n + 1 AS n").from_(exp.to_table("data"))))
    assert total(engine, "kept") == 9
    engine.materialize("kept", rows_of("data"))
    assert total(engine, "kept") == 6
    assert [q.purpose for q in engine.log] == ["Rows", "Rows", "Others", "Sum", "Rows", "Sum"]


def test_a_large_result_is_not_kept(engine: DuckDBEngine, asked: list[str]) -> None:
    n = MOST_BYTES // 8 + 1
    many = Query("Many", exp.select("range AS n").from_(exp.func("range", exp.convert(n))))
    assert [engine.query(many).num_rows for _ in range(2)] == [n, n]
    assert len(asked) == 2


def test_after_an_interrupt_nothing_is_asked_until_it_is_resumed(engine: DuckDBEngine) -> None:
    engine.interrupt()
    with pytest.raises(UnwantedError):
        total(engine, "data")
    with pytest.raises(UnwantedError):
        engine.materialize("kept", rows_of("data"))
    engine.resume()
    assert total(engine, "data") == 6


def test_a_table_that_is_not_registered_for_an_interrupt_is_no_table_that_cannot_be_read(
    engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.interrupt()
    monkeypatch.setattr(engine, "_registers", lambda *_: False)
    with pytest.raises(UnwantedError):
        engine.register("segments", pa.table({"n": [1]}))
