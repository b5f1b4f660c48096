"""Calls as nobody means them: every command with wrong places, wrong files, wrong numbers. `test_odd_calls` runs them."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

Call = tuple[str, ...]

LONG = "x" * 300
RECIPE = '[source]\nid = "id"\n[features.a]\ncolumn = "a"\nedges = [5]\n[features.b]\ncolumn = "b"\nlevels = ["x", "y"]\n'
FEW = ("--segments", "2", "--analyses", "0")

READERS: dict[str, Callable[[str], Call]] = {
    "init": lambda data: ("init", data, "-o", "new.toml"),
    "audit": lambda data: ("audit", data, "-o", "out"),
    "check": lambda data: ("run", data, "-r", "r.toml", "--check"),
    "run": lambda data: ("run", data, "-r", "r.toml", *FEW, "-o", "out"),
    "profile": lambda data: ("profile", data, "-r", "r.toml", "--segment-column", "b", "-o", "out"),
    "join": lambda data: (
        "profile", "t.csv", "-r", "r.toml", "--segment-column", "s", "--join", data, "-o", "out",
    ),
    "collect": lambda data: ("collect", data, "-r", "r.toml", "-o", "new.parquet"),
    "score": lambda data: ("score", "m.json", data, "-o", "new.csv"),
    "drift": lambda data: ("drift", "m.json", data),
    "type": lambda data: ("type", "m.json", data, "-o", "out"),
    "history": lambda data: ("score", "m.json", data, "--history", "-o", "sqlite:///new.sqlite?table=t"),
}  # fmt: skip
"""Commands that read a table."""
DATA = (
    "missing.csv", "missing.parquet", "folder", "empty-folder", "named.csv", "dangling.csv", "loop.csv", "/dev/null", "/dev/zero", "/dev/full",
    "empty.csv", "blank.csv", "header.csv", "one.csv", "binary.csv", "binary.parquet", "binary.json", "binary.xlsx", "binary.sav", "zip.xlsx",
    "zip.ods", "text.parquet", "cut.parquet", "none.parquet", "no-rows.parquet", "nested.parquet", "scalar.json", "list.json", "deep.json",
    "utf16.csv", "latin.csv", "zeros.csv", "ragged.csv", "quotes.csv", "wide.csv", "twice.csv", "odd-names.csv", "huge-numbers.csv",
    "a.sqlite", "m.json", "r.toml", "t.csv.gz", "", " ", ".", "..", "~", "-", "*", "**", "[", "*.nothing", "a\0b", LONG, "a\nb.csv",
    "duckdb://", "duckdb:///", "duckdb:///t.csv?table=t", "duckdb:///missing.duckdb?table=t", "duckdb:///folder?table=t", "duckdb:///a.sqlite?table=t",
    "sqlite://", "sqlite:///t.csv?table=t", "sqlite:///a.sqlite", "sqlite:///a.sqlite?table=none", "sqlite:///a.sqlite?table=", "excel:///t.csv",
    "excel:///zip.xlsx?table=x", "postgresql://", "postgresql://[::1", "postgresql://h:port/d?table=t", "postgresql://127.0.0.1:1/d?table=t",
    "clickhouse://", "http://127.0.0.1:1/t.csv", "s3://bucket/t.csv", "file:///etc/hostname", "ftp:", "://", "mysql://u@h/d?table=t",
)  # fmt: skip
MODELS = (
    "missing.json", "folder", "named.csv", "dangling.csv", "loop.csv", "/dev/null", "/dev/zero", "empty.csv", "binary.json", "binary.parquet", "p.parquet",
    "scalar.json", "list.json", "deep.json", "cut.json", "object.json", "utf16.csv", "t.csv", "r.toml", "", ".", "~", "a\0b", LONG,
    "http://127.0.0.1:1/m.json",
)  # fmt: skip
PATTERNS = (
    "missing.parquet", "folder", "/dev/null", "loop.csv", "empty.csv", "binary.parquet", "text.parquet", "cut.parquet", "none.parquet",
    "no-rows.parquet", "nested.parquet", "t.csv", "m.json", "", "a\0b", LONG,
)  # fmt: skip
RECIPES = (
    "missing.toml", "folder", "named.csv", "dangling.csv", "loop.csv", "/dev/null", "/dev/zero", "empty.csv", "binary.json", "utf16.csv", "t.csv",
    "m.json", "cut.toml", "none", "", ".", "~", "a\0b", LONG, "a\nb", "http://127.0.0.1:1/r.toml",
)  # fmt: skip
WRITERS: dict[str, Callable[[str], Call]] = {
    "init": lambda out: ("init", "t.csv", "-o", out),
    "audit": lambda out: ("audit", "t.csv", "-o", out),
    "run": lambda out: ("run", "t.csv", "-r", "r.toml", *FEW, "-o", out),
    "profile": lambda out: ("profile", "t.csv", "-r", "r.toml", "--segment-column", "s", "-o", out),
    "collect": lambda out: ("collect", "t.csv", "-r", "r.toml", "-o", out),
    "merge": lambda out: ("merge", "p.parquet", "q.parquet", "-o", out),
    "score": lambda out: ("score", "m.json", "t.csv", "-o", out),
    "drift": lambda out: ("drift", "m.json", "t.csv", "-o", out),
    "sql": lambda out: ("sql", "m.json", "-o", out),
    "type": lambda out: ("type", "m.json", "t.csv", "-o", out),
    "dbt": lambda out: ("sql", "m.json", "--dbt", out),
    "sample": lambda out: ("sample", "--rows", "20", "-o", out),
    "demo": lambda out: ("demo", "--rows", "1000", "-o", out),
}
OUT = (
    "no/such/folder/x.csv", "folder", "named.csv", "t.csv", "m.json", "r.toml", "p.parquet", "dangling.csv", "loop.csv", "t.csv/x.csv", "/dev/full",
    "/proc/none/x", "/dev/null/x", "", ".", "..", "a\0b", f"{LONG}.csv", "x.docx", "new", "sqlite:///a.sqlite", "duckdb:///t.csv?table=t",
    "sqlite:///t.csv?table=t", "postgresql://[::1", "http://127.0.0.1:1/x.csv", "a.sqlite",
)  # fmt: skip
NUMBERS = ("", "x", "-1", "0", "1.5", "1e9", "nan", "99999999999999999999", "\0", "²")
ENCODINGS = ("", "none", "base64", "rot13", "utf-16", "utf-8\0", "idna", LONG)
_CHECK = ("run", "t.csv", "-r", "r.toml", "--check")
_RUN = ("run", "t.csv", "-r", "r.toml", "--analyses", "0", "-o", "out")
NUMBERED: tuple[Call, ...] = (
    (*_RUN, "--segments"), (*_RUN, *FEW, "--seed"), (*_RUN, *FEW, "--min-cell"), ("run", "t.csv", "-r", "r.toml", "--segments", "2", "--check", "--analyses"),
    ("sample", "-o", "new.csv", "--rows"), ("demo", "-o", "out", "--rows"), ("sample", "-o", "new.csv", "--rows", "9", "--seed"),
    ("collect", "t.csv", "-r", "r.toml", "-o", "new.parquet", "--min-count"), ("drift", "m.json", "t.csv", "--seed"),
    ("studio", "missing.csv", "--no-browser", "--port"), ("type", "m.json", "t.csv", "-o", "out", "--questions"),
    ("type", "m.json", "t.csv", "-o", "out", "--agreement"), ("score", "m.json", "t.csv", "-o", "sqlite:///new.sqlite?table=t", "--history", "--as-of"),
)  # fmt: skip
WORDS: tuple[Call, ...] = (
    (*_CHECK, "--method", "none"), (*_CHECK, "--method", ""), (*_CHECK, "--locale", "none"), (*_CHECK, "--locale", "a\0b"), (*_CHECK, "--locale", LONG),
    (*_CHECK, "--engine", "none"), (*_CHECK, "--engine", ""), (*_RUN, *FEW, "--previous", "t.csv"), (*_RUN, *FEW, "--previous", "missing.json"),
    (*_RUN, *FEW, "--template", "t.csv"), (*_RUN, *FEW, "--pptx", "--template", "t.csv"), (*_RUN, *FEW, "--pptx", "--template", "missing.pptx"),
    ("profile", "t.csv", "-r", "r.toml", "--segment-column", "", "-o", "out"), ("profile", "t.csv", "-r", "r.toml", "--segment-column", "none", "-o", "out"),
    ("profile", "t.csv", "-r", "r.toml", "--segment-column", "id", "-o", "out"), ("sql", "m.json", "--dialect", "none"), ("sql", "m.json", "--dialect", ""),
    ("sql", "m.json", "--form", "none"), ("sql", "m.json", "--table", ""), ("sql", "m.json", "--table", "a.b.c.d.e"), ("sql", "m.json", "--table", 'a"; --'),
    ("sql", "m.json", "--table", "a\0b"), ("sql", "m.json", "--python", "--dbt", "out"), ("sql", "m.json", "--python", "--dialect", "spark"),
    ("sql", "m.json", "--verify", "--python"), ("init", "t.csv", "-o", "new.toml", "--target", "none"), ("init", "t.csv", "-o", "new.toml", "--target", ""),
    ("init", "t.csv", "-o", "new.toml", "--features", "none"), ("init", "t.csv", "-o", "new.toml", "--target", "a", "--exclude", "a"),
    ("init", "t.csv", "-o", "new.toml", "--as-of", "soon"), ("init", "t.csv", "-o", "new.toml", "--as-of", "2024-02-30"),
    ("init", "t.csv", "-o", "new.toml", "--as-of", "99999-01-01"), *(("init", "t.csv", "-o", "new.toml", "--exclude", c) for c in ("id", "a", "\0", LONG)),
    ("merge", "p.parquet", "-o", "new.parquet"), ("merge", "-o", "new.parquet"), ("merge", "p.parquet", "p.parquet", "-o", "p.parquet"),
    ("score", "m.json", "m.json", "-o", "m.json"), ("score", "t.csv", "m.json", "-o", "new.csv"), ("score", "m.json", "t.csv", "-o", "new.csv", "--replace"),
    ("type", "m.json", "t.csv", "-o", "out", "--by", "none"), ("type", "m.json", "t.csv", "-o", "out", "--by", "id"), ("type", "m.json", "t.csv", "-o", "out", "--by", ""),
    ("type", "m.json", "t.csv", "-o", "out", "--table", "a\0b"), ("type", "m.json", "t.csv", "-o", "out", "--dialect", "none"),
    ("score", "m.json", "t.csv", "-o", "new.csv", "--history"), ("score", "m.json", "t.csv", "-o", "new.parquet", "--as-of", "2024-01-01"),
    ("score", "m.json", "t.csv", "-o", "sqlite:///new.sqlite?table=t", "--history", "--as-of", "0001-01-01"), ("score", "m.json", "missing.csv", "-o", "new.csv", "--json"),
    ("score", "m.json", "t.csv", "-o", "sqlite:///new.sqlite?table=a\0b"), ("score", "m.json", "t.csv", "-o", "sqlite:///new.sqlite?table="),
    ("none",), ("run",), ("run", "t.csv"), ("--none",), ("run", "--none"), ("run", "t.csv", "-r", "r.toml"), ("score", "m.json", "t.csv"), ("collect", "t.csv"),
)  # fmt: skip


def calls() -> Iterator[Call]:
    """Every call once, in a fixed order."""
    for name, make in READERS.items():
        yield from (make(data) for data in DATA[:: 1 if name != "run" else 6])
    for model in MODELS:
        yield from (
            ("score", model, "t.csv", "-o", "new.csv"), ("sql", model), ("drift", model, "t.csv"), ("type", model, "t.csv", "-o", "out"),
            ("run", "t.csv", "-r", "r.toml", *FEW, "--previous", model, "-o", "out"),
        )  # fmt: skip
    for patterns in PATTERNS:
        yield ("merge", "p.parquet", patterns, "-o", "new.parquet")
        yield ("merge", patterns, "p.parquet", "-o", "new.parquet")
    for recipe in RECIPES:
        yield ("run", "t.csv", "-r", recipe, "--check")
        yield ("collect", "t.csv", "-r", recipe, "-o", "new.parquet")
        yield ("audit", "t.csv", "-r", recipe, "-o", "out")
    for write in WRITERS.values():
        yield from (write(out) for out in OUT)
    for begin in NUMBERED:
        yield from ((*begin, number) for number in NUMBERS)
    for encoding in ENCODINGS:
        yield ("init", "latin.csv", "-o", "new.toml", "--encoding", encoding)
        yield ("audit", "t.csv", "-o", "out", "--encoding", encoding)
    yield from WORDS


def make_files(folder: Path) -> None:
    """Make the tables that the calls name, good and bad ones; model and pattern tables are made by commands."""
    table = pd.DataFrame(
        {"id": range(60), "a": [i % 10 for i in range(60)], "b": ["x", "y", "y"] * 20, "s": [1, 2] * 30}
    )
    table.to_csv(folder / "t.csv", index=False)
    table.to_csv(folder / "t.csv.gz", index=False)
    (folder / "r.toml").write_text(RECIPE)
    for name in ("folder", "empty-folder", "named.csv"):
        (folder / name).mkdir()
    (folder / "folder" / "theirs.txt").write_text("theirs")
    (folder / "dangling.csv").symlink_to("nowhere")
    (folder / "loop.csv").symlink_to("loop.csv")
    _write_texts(folder, table.to_csv(index=False))
    _write_tables(folder)
    with sqlite3.connect(folder / "a.sqlite") as connection:
        connection.execute("CREATE TABLE other (a)")
    connection.close()


def _write_texts(folder: Path, text: str) -> None:
    noise = bytes(range(256)) * 40
    contents: dict[str, str | bytes] = {
        "empty.csv": "", "blank.csv": "\n\n\n", "header.csv": "id,a,b,s\n", "one.csv": "id,a,b,s\n1,2,x,1\n", "scalar.json": "3", "list.json": "[1, 2]",
        "object.json": "{}", "deep.json": "[" * 5_000, "cut.toml": RECIPE[:40], "utf16.csv": text.encode("utf-16"), "latin.csv": f"{text}61,1,\xe9,1\n".encode("latin-1"),
        "zeros.csv": text.encode() + bytes(50), "ragged.csv": f"{text}1,2,3,4,5,6\n1\n", "quotes.csv": f'{text}61,1,"x,1\n', "wide.csv": ",".join(f"c{i}" for i in range(12_000)),
        "twice.csv": text.replace("id,a,b,s", "id,a,a,s"), "odd-names.csv": text.replace("id,a,b,s", f"id,a,b,{LONG}\x1b[31m"),
        "huge-numbers.csv": text.replace(",5,", ",1e308,").replace(",6,", ",-1e308,"), "zip.xlsx": _zip("xl/worksheets/sheet1.xml"), "zip.ods": _zip("content.xml"),
        "text.parquet": text, **{f"binary{suffix}": noise for suffix in (".csv", ".parquet", ".json", ".xlsx", ".sav")},
    }  # fmt: skip
    for name, content in contents.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def _zip(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr(name, "<x")
    return stream.getvalue()


def _write_tables(folder: Path) -> None:
    pq.write_table(pa.table({}), folder / "none.parquet")
    pq.write_table(
        pa.table({"id": [1], "a": [{"x": [1]}], "b": [["x"]], "s": [1]}), folder / "nested.parquet"
    )
    pq.write_table(
        pa.table({"id": [1], "a": [1], "b": ["x"], "s": [1]}).slice(0, 0), folder / "no-rows.parquet"
    )
    whole = (folder / "nested.parquet").read_bytes()
    (folder / "cut.parquet").write_bytes(whole[: len(whole) // 2])


def cut_model(folder: Path) -> None:
    """A model without its end, and a second pattern table."""
    text = (folder / "m.json").read_text()
    json.loads(text)
    (folder / "cut.json").write_text(text[: len(text) // 2])
    os.link(folder / "p.parquet", folder / "q.parquet")
