"""Whatever file is given to `audit` and `init`: a clear page or recipe, or one clear line and nothing written."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segmentry.cli import main
from segmentry.recipe import Recipe

CITIES = "id;city;spend\n" + "".join(f"{i};{'Ærø' if i % 2 else 'Køge'};{i % 90}\n" for i in range(200))
PLAIN = "id,age,city\n" + "".join(f"{i},{20 + i % 50},{'AB'[i % 2]}\n" for i in range(300))
RAGGED = PLAIN.replace("\n49,69,B\n", "\n49,69,B,more,and more\n").replace("\n149,69,B\n", "\n149,69\n")
NOISE = np.random.default_rng(1).bytes(9_000)


class Done(NamedTuple):
    code: int
    said: str


@pytest.fixture
def segmentry(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["segmentry", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        if end.value.code:
            assert printed.out == ""
            assert printed.err.count("\n") == 1
        return Done(int(end.value.code or 0), printed.out + printed.err)

    return run


AUDITED = {
    "header.csv": b"id,age,city\n",
    "one column.csv": b"city\n" + b"Odense\nAarhus\n" * 50,
    "one row.csv": b"id,age,city\n1,20,Odense\n",
    "one cell.csv": b"a\n1\n",
    "no header.csv": PLAIN.partition("\n")[2].encode(),
    "latin.csv": CITIES.encode("latin-1"),
    "latin.csv.gz": gzip.compress(CITIES.encode("latin-1")),
    "windows.csv": CITIES.replace("Køge", "€").encode("cp1252"),
    "utf-16.csv": CITIES.encode("utf-16"),
    "mark.csv": CITIES.encode("utf-8-sig"),
    "tabs.tsv": PLAIN.replace(",", "\t").encode(),
    "tabs.csv": PLAIN.replace(",", "\t").encode(),
    "pipes.txt": PLAIN.replace(",", "|").encode(),
    "packed.csv.gz": gzip.compress(PLAIN.encode()),
    "carriage.csv": PLAIN.replace("\n", "\r\n").encode(),
    "no values.csv": b"id,a,b\n" + b"".join(b"%d,,\n" % i for i in range(60)),
    "same names.csv": PLAIN.replace("id,age,city", "age,age,Age").encode(),
    "no names.csv": PLAIN.replace("id,age,city", "id,,").encode(),
    "huge.csv": "".join(["id,n\n", *(f"{i},{10**30 + i}\n" for i in range(99))]).encode(),
    "records.json": b'[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]',
}


@pytest.mark.filterwarnings("ignore:.*The file is not UTF-8")
@pytest.mark.parametrize("name", AUDITED)
def test_odd_files_are_audited(segmentry, name: str, tmp_path: Path) -> None:
    path, out, recipe = tmp_path / name, tmp_path / "out", tmp_path / "recipe.toml"
    path.write_bytes(AUDITED[name])
    assert segmentry("audit", path, "--out", out).code == 0
    assert sorted(p.name for p in out.iterdir()) == [
        "audit.html",
        "audit.json",
        "audit.sql",
        "segmentry-files.json",
    ]
    if name != "windows.csv":  # DuckDB itself knows this encoding by an extension alone
        duckdb.connect().execute((out / "audit.sql").read_text("utf-8"))
    drafted = segmentry("init", path, "-o", recipe)
    assert recipe.exists() == (drafted.code == 0)
    if drafted.code:
        assert "the table has no rows" in drafted.said or "no column can form segments" in drafted.said
    else:
        assert segmentry("run", path, "--recipe", recipe, "--check").code == 0


REFUSED = {
    "empty.csv": (b"", "the file is empty"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + NOISE, "not a text file"),
    "zeros.csv": (b"id,city\n1,O\x00dense\n", "not a text file"),
    "utf-16 without mark.csv": (CITIES.encode("utf-16-le"), "UTF-16 needs a byte order mark"),
    "plain.csv.gz": (PLAIN.encode(), "not a gzip file"),
    "cut.csv.gz": (gzip.compress(PLAIN.encode())[:60], "not a gzip file, or only a part of one"),
    "fake.parquet": (b"PK\x03\x04 not parquet" * 9, "fake.parquet"),
    "broken.json": (b'{"a": 1', "broken.json"),
    "table.xyz": (b"a,b\n1,2\n", "cannot read this kind of file"),
}  # fmt: skip


@pytest.mark.parametrize("command", ["audit", "init"])
@pytest.mark.parametrize("name", REFUSED)
def test_broken_files_are_refused_in_a_line(segmentry, command: str, name: str, tmp_path: Path) -> None:
    path, out = tmp_path / name, tmp_path / "out"
    content, said = REFUSED[name]
    path.write_bytes(content)
    done = segmentry(command, path, "--out", out)
    assert done.code == 2
    assert said in done.said
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("command", ["audit", "init"])
def test_what_is_no_file_is_refused(segmentry, command: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for place, said in (("folder", "has no .parquet files"), ("nothing.csv", "no such file"), ("n*.csv", "matches no file")):  # fmt: skip
        done = segmentry(command, tmp_path / place, "--out", tmp_path / "out")
        assert done.code == 2
        assert said in done.said
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_ragged_lines_are_counted_by_the_audit_and_named_by_the_others(
    segmentry, ending: str, tmp_path: Path
) -> None:
    path, out, recipe = tmp_path / f"ragged{ending}", tmp_path / "out", tmp_path / "recipe.toml"
    path.write_bytes(gzip.compress(RAGGED.encode()) if ending.endswith("gz") else RAGGED.encode())
    done = segmentry("audit", path, "--out", out)
    assert done.said.startswith("298 rows, 3 columns")
    assert (
        "2 rows of the file do not fit into the table and are not in the figures: line 51 and line 151"
        in done.said
    )
    drafted = segmentry("init", path, "-o", recipe)
    assert (drafted.code, recipe.exists()) == (2, False)
    assert "read as one column, 'id,age,city'" in drafted.said
    recipe.write_text('[features.city]\ncolumn = "city"\n')
    assert (
        "`segmentry audit` counts and shows them"
        in segmentry("run", path, "--recipe", recipe, "--check").said
    )


def tables() -> dict[str, pa.Table]:
    n = 200
    kinds = duckdb.sql(
        """SELECT i AS id, [i, i] AS list, {'a': i} AS struct, MAP {'k': i} AS map, i % 3 AS size,
        (170141183460469231731687303715884105727::HUGEINT - i) AS huge, 18446744073709551615::UBIGINT - i::UBIGINT AS unsigned,
        CASE WHEN i % 50 = 0 THEN 'Infinity'::DOUBLE WHEN i % 51 = 0 THEN '-Infinity' ELSE i * 1.5 END AS rate,
        'Infinity'::DOUBLE AS always, 'NaN'::DOUBLE AS never FROM range(200) t(i)"""
    )
    twice = [pa.array(range(n)), pa.array([i % 5 for i in range(n)]), pa.array([i % 7 for i in range(n)])]
    return {
        "kinds": kinds.to_arrow_table(),
        "no rows": pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())}),
        "no values": pa.Table.from_pandas(pd.DataFrame({"a": [None] * 50, "b": [np.nan] * 50})),
        "same names": pa.table(twice, names=["id", "age", "age"]),
        "names alike": pa.table(twice, names=["id", "Age", "age"]),
        "large": pa.table(
            {"id": range(n), "key": [2**62 + i for i in range(n)], "size": [i % 4 for i in range(n)]}
        ),
    }


@pytest.mark.parametrize("name", ["kinds", "no rows", "no values", "same names", "names alike", "large"])
def test_odd_tables_are_audited(segmentry, name: str, tmp_path: Path) -> None:
    path, out, recipe = tmp_path / "t.parquet", tmp_path / "out", tmp_path / "recipe.toml"
    pq.write_table(tables()[name], path)
    assert segmentry("audit", path, "--out", out).code == 0
    duckdb.connect().execute((out / "audit.sql").read_text("utf-8"))
    drafted = segmentry("init", path, "-o", recipe)
    if name.startswith("no "):
        assert (drafted.code, recipe.exists()) == (2, False)
    else:
        assert segmentry("run", path, "--recipe", recipe, "--check").code == 0


INCOMES = "id;einkommen;stadt\n" + "".join(
    f"{i};{10 + i * 37 % 80}.{i * 613 % 1000:03d},50;{'ab'[i % 2]}\n" for i in range(400)
)


def test_edges_of_numbers_in_texts_are_round(segmentry, tmp_path: Path) -> None:
    path, recipe = tmp_path / "kunden.csv", tmp_path / "recipe.toml"
    path.write_text(INCOMES, encoding="utf-8")
    assert segmentry("init", path, "-o", recipe).code == 0
    feature = Recipe.load(recipe).features[0]
    assert "REPLACE" in str(feature.sql)
    assert feature.edges is not None
    assert all(edge % 1_000 == 0 for edge in feature.edges)
    assert "Numbers stored as text: what is no number is read as missing." in recipe.read_text("utf-8")
    assert segmentry("run", path, "--recipe", recipe, "--check").code == 0


DECIMALS = "id;preis;umsatz;alter\n" + "".join(
    f"{i};{i % 100},{i % 7}5;{1 + i % 9}.{i % 1000:03d},50;{20 + i % 60}\n" for i in range(300)
)


def test_decimal_commas_are_found_and_read(segmentry, tmp_path: Path) -> None:
    path, recipe = tmp_path / "kunden.csv", tmp_path / "recipe.toml"
    path.write_text(DECIMALS, encoding="utf-8")
    done = segmentry("audit", path, "--out", tmp_path / "out")
    assert "preis: 300 rows hold numbers as text: number with a decimal comma (300, such as" in done.said
    page = (tmp_path / "out" / "audit.json").read_text("utf-8")
    assert "TRY_CAST(REPLACE(REPLACE(\\\"umsatz\\\", '.', ''), ',', '.') AS DOUBLE)" in page
    assert segmentry("init", path, "-o", recipe).code == 0
    assert "REPLACE(REPLACE(umsatz, '.', ''), ',', '.')" in recipe.read_text("utf-8")
    assert segmentry("run", path, "--recipe", recipe, "--check").code == 0


def test_the_terminal_counts_in_the_singular(segmentry, tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("a\n1\n")
    assert segmentry("audit", path, "--out", tmp_path / "out").said.startswith("1 row, 1 column, 0 findings")
