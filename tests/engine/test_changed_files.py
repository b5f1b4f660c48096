"""Delimited files whose bytes were changed: read with every row, or refused in a sentence without a customer's row."""

from __future__ import annotations

import csv
import gzip
import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlglot import exp

from mutations import n_mutations, refusals
from segmentry.collecting.collection import collect_sums
from segmentry.engine import Engine
from segmentry.engine.duckdb import DuckDBEngine
from segmentry.engine.opening import open_engine
from segmentry.errors import SegmentryError
from segmentry.patterns.checking import check_table
from segmentry.recipe import Recipe
from segmentry.sql import Query


def town(i: int) -> str:
    """A town; the one that no message may show is far from the names."""
    return '"Köln, Süd"' if i % 3 == 0 and i > 20 else "Bonn"


WHOLE, COLLECTED = (0.5, 1.0) if n_mutations(0) == 0 else (0.02, 0.2)
"""Shares of the files that are opened as commands open them, and whose patterns are collected; the others are counted alone."""
NAMES = "id,age,town,since,spent\n"
ROWS = [f"{i},{20 + i % 50},{town(i)},2020-01-{1 + i % 28:02},{i * 1.5}" for i in range(60)]
TEXT = NAMES + "\n".join(ROWS) + "\n"
FILES = {
    "utf-8": TEXT.encode(), "latin-1": TEXT.encode("latin-1"), "utf-16": TEXT.encode("utf-16"), "crlf": TEXT.replace("\n", "\r\n").encode(),
    "semicolons": TEXT.replace('"', "").replace(", S", " S").replace(",", ";").encode(), "mark": b"\xef\xbb\xbf" + TEXT.encode(), "title": b"Customers\n" + TEXT.encode(),
}  # fmt: skip
PIECES = [
    b"\0", b"\xff", b"\xfe\xff", b"\r", b"\n", b"\r\n", b"\n\n\n", b'"', b'""', b"'", b",", b",,,,", b";", b"\t", b"|", b"\\", b"\x1a", b"\xe2\x80\xa8",
    b"-", b"NULL", b"NaN", b"inf", b"1e999", b"9" * 40, b"0x10", b"9999-12-31", b"31.12.2020", b"=1+1", b"#", b"\x1f\x8b", b"PK\x03\x04", b"x" * 3_000, b"\xc3",
]  # fmt: skip
VALUES = [
    "", " ", "x", "a\nb", 'say "x"', "it's", "a,b", "a;b;c", "a\tb", "\\", "#", "NULL", "-", "1e5", "1.234,5", "2020-13-45", "true", "é" * 50,
]  # fmt: skip
RECIPE = Recipe.from_dict({
    "features": {"age": {"column": "age", "quantiles": 3, "unseen": "missing"}, "town": {"column": "town", "levels": ["Bonn"], "rest": "Other"}},
    "outcomes": {"spent": {"role": "amounts", "columns": ["spent"]}},
})  # fmt: skip


def changed_bytes(data: bytes, draw: random.Random) -> bytes:
    made = bytearray(data)
    for _ in range(draw.choice([1, 1, 2, 5])):
        start = draw.choice([draw.randrange(len(made) + 1), draw.randrange(min(60, len(made) + 1))])
        end = start + draw.choice([0, 0, 1, 1, 3, 40])
        made[start:end] = draw.choice(
            [b"", bytes([draw.randrange(256)]), draw.choice(PIECES), draw.choice(PIECES), made[start:end] * 2]
        )
    return bytes(made[: draw.randrange(1, len(made))] if draw.random() < 0.05 and made else made)


def check_hidden(said: str) -> None:
    assert "Köln" not in said, said


@pytest.fixture(scope="module")
def shared() -> Iterator[DuckDBEngine]:
    """An engine that reads one file after the other: to open one costs ten times what a small file does."""
    engine = DuckDBEngine("t.csv")
    yield engine
    engine.close()


def opened(file: Path, shared: DuckDBEngine, *, is_whole: bool) -> Engine:
    """An engine that reads the file, as every command opens it, or the one that is shared."""
    if is_whole:
        return open_engine(str(file))
    shared.log.clear()
    shared.notes.clear()
    shared.add_file("data", str(file))
    return shared


def read(engine: Engine, *, collects: bool) -> None:
    """Count the rows, and collect the patterns where the columns are still those of the recipe."""
    query = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(engine.tables["data"].copy())
    n = engine.query(Query("rows", query)).to_pylist()[0]["n"]
    if not collects:
        return
    patterns = collect_sums(engine, RECIPE).patterns
    assert patterns.n_customers <= n
    check_table(patterns)


def test_changed_bytes_are_read_or_refused_in_a_sentence(tmp_path: Path, shared: DuckDBEngine) -> None:
    def change(draw: random.Random) -> tuple[Callable[[], object], str]:
        kind = draw.choice(list(FILES))
        data = changed_bytes(FILES[kind], draw)
        is_packed = draw.random() < 0.1
        file = tmp_path / f"t{draw.randrange(10**9)}.csv{'.gz' if is_packed else ''}"
        is_whole, collects = draw.random() < WHOLE, draw.random() < COLLECTED

        def use() -> None:
            file.write_bytes(changed_bytes(gzip.compress(data), draw) if is_packed else data)
            try:
                engine = opened(file, shared, is_whole=is_whole)
                try:
                    read(engine, collects=collects)
                finally:
                    if engine is not shared:
                        engine.close()
            except SegmentryError as error:
                check_hidden(str(error))
                raise
            finally:
                file.unlink()

        return use, kind

    refused = refusals(60, change)
    assert any(refused)
    assert not all(refused)


def test_no_row_of_a_readable_file_is_lost_in_silence(tmp_path: Path, shared: DuckDBEngine) -> None:
    """Fields are changed, the structure is not: what Python's csv module reads as a row is one."""

    def change(draw: random.Random) -> tuple[Callable[[], object], str]:
        rows = [line.split(",") for line in TEXT.replace('"Köln, Süd"', "Köln").splitlines()]
        for _ in range(draw.choice([1, 3, 30])):
            rows[draw.randrange(1, len(rows))][draw.randrange(1, 5)] = draw.choice(VALUES)
        stream = io.StringIO()
        csv.writer(stream, lineterminator=draw.choice(["\n", "\r\n"])).writerows(rows)

        def use() -> None:
            file = tmp_path / f"t{draw.randrange(10**9)}.csv"
            file.write_text(stream.getvalue(), encoding="utf-8", newline="")
            engine = opened(file, shared, is_whole=False)
            found = engine.query(Query("rows", exp.select("*").from_(engine.tables["data"].copy())))
            file.unlink()
            assert found.num_rows == len(rows) - 1
            assert found.column_names == rows[0]
            assert found.column("id").cast("string").to_pylist() == [row[0] for row in rows[1:]]

        return use, "fields"

    assert not all(refusals(60, change))
