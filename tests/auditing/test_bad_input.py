"""Tables that are empty, narrow, wide, oddly named or broken: a clear audit, or a clear error."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import segmentry as sg
from segmentry.cli import app

NAMES = [
    'quo"ted', "it's", "two words", "a;b", "line\nbreak", "select", "🦊", "", "n", "data", "value", "v", "c1",
    "copy_number", "row_hash", "n_rows", "Group By", "<b>bold</b>", "{rows}", "x" * 300, "row_place", "number", "{0}",
]  # fmt: skip


def saved(audit: sg.Audit, folder: Path) -> dict:
    audit.save(folder)
    duckdb.connect().execute((folder / "audit.sql").read_text("utf-8"))
    return json.loads((folder / "audit.json").read_text("utf-8"))


@pytest.mark.parametrize("rows", [0, 1, 50])
def test_odd_names(rows: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    names = [name for name in NAMES if name]
    table = pd.DataFrame({name: rng.integers(0, 30, rows) for name in names})
    table["<script>alert(1)</script>"] = ["</script><img src=x onerror=alert(1)>"] * rows
    path = tmp_path / "odd.parquet"
    table.to_parquet(path)
    content = saved(sg.audit(path), tmp_path / "out")
    assert [c["name"] for c in content["columns"]] == list(table.columns)
    assert "<img" not in (tmp_path / "out" / "audit.html").read_text("utf-8")
    connection = duckdb.connect()
    for f in content["findings"]:
        assert len(connection.sql(f["sql"]).fetchall()) == f["rows"]


def test_an_empty_table(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("id,age,city\n", encoding="utf-8")
    audit = sg.audit(path)
    assert (audit.n_rows, len(audit.columns), [f.kind for f in audit.findings]) == (0, 3, ["no_rows"])
    saved(audit, tmp_path / "out")


@pytest.mark.parametrize("values", [["a"], [1], [None], [1.5, 2.5], ["a", "a"]])
def test_one_column(values: list, tmp_path: Path) -> None:
    path = tmp_path / "one.parquet"
    pd.DataFrame({"only": values}).to_parquet(path)
    content = saved(sg.audit(path), tmp_path / "out")
    assert content["columns"][0]["n_rows"] == len(values)


def test_two_thousand_columns(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "wide.parquet"
    pd.DataFrame({f"column {i}": rng.integers(0, 5, 20) for i in range(2_000)}).to_parquet(path)
    audit = sg.audit(path)
    assert len(audit.columns) == 2_000
    assert len(audit.pairs.columns) == 40
    assert len(audit.pairs.left_out) == 1_960
    assert len(audit.to_html()) < 3_000_000


def test_values_of_every_type(tmp_path: Path) -> None:
    path = tmp_path / "types.parquet"
    duckdb.sql(
        """SELECT i AS id, [i] AS list, {'a': i} AS struct, TRUE AS flag, i::DECIMAL(18, 3) AS price,
        TIMESTAMP '2020-01-01' + INTERVAL (i) HOUR AS seen, TIME '10:00' AS clock, 'x'::BLOB AS bytes,
        i::HUGEINT AS huge, NULL AS nothing, INTERVAL (i) DAY AS span, uuid() AS key FROM range(300) t(i)"""
    ).write_parquet(str(path))
    content = saved(sg.audit(path), tmp_path / "out")
    assert {c["name"]: c["kind"] for c in content["columns"]}["list"] == "other"


def test_ragged_rows_are_counted_and_shown(tmp_path: Path) -> None:
    lines = ["id,age,city"] + [f"{i},{20 + i % 50},Odense" for i in range(500)]
    lines[100], lines[200] = "99,50,Odense,more,and more", "199,40"
    path = tmp_path / "ragged.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    audit = sg.audit(path)
    assert (audit.n_rows, [c.name for c in audit.columns]) == (498, ["id", "age", "city"])
    first = audit.findings[0]
    assert (first.kind, first.rows) == ("ragged_rows", 2)
    assert "line 101 and line 201" in first.title
    saved(audit, tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("binary.csv", bytes(range(256)) * 50, "not a text file"),
        ("empty.csv", b"", "the file is empty"),
        ("fake.parquet", b"PK\x03\x04 not parquet", "fake.parquet"),
        ("table.xyz", b"a,b\n1,2\n", "cannot read this kind of file"),
    ],
)
def test_broken_files_are_refused_in_a_line(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    path, out = tmp_path / name, tmp_path / "out"
    path.write_bytes(content)
    with pytest.raises(sg.DataError, match=said) as error:
        sg.audit(path, out=out)
    assert len(str(error.value)) < 400
    assert not out.exists()


def test_latin_letters_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    text = "id;city\n" + "".join(f"{i};{'Ærø' if i % 2 else 'Køge'}\n" for i in range(100))
    path.write_bytes(text.encode("latin-1"))
    assert dict(sg.audit(path).column("city").top_values) == {"Køge": 50, "Ærø": 50}


def test_the_command_writes_three_files(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("id,age\n" + "".join(f"{i},{i % 40 + 20}\n" for i in range(100)), encoding="utf-8")
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["audit", str(path), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert sorted(p.name for p in out.iterdir()) == [
        "audit.html",
        "audit.json",
        "audit.sql",
        "segmentry-files.json",
    ]
    assert done.output.startswith("100 rows, 2 columns")


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(sg.DataError, match="is a file"):
        sg.audit(pd.DataFrame({"a": [1]}), out=path)
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_query_of_the_recipe_is_what_is_audited(tmp_path: Path) -> None:
    recipe = sg.Recipe.from_toml(
        "[source]\nsql = 'SELECT customer AS id, SUM(amount) AS spend FROM data GROUP BY customer'\n"
        "[features.spend]\ncolumn = 'spend'\nedges = [10]\n"
    )
    path = tmp_path / "t.csv"
    path.write_text("customer,amount\n" + "".join(f"{i % 20},{i}\n" for i in range(200)), encoding="utf-8")
    audit = sg.audit(path, recipe)
    assert (audit.n_rows, [c.name for c in audit.columns]) == (20, ["id", "spend"])
    assert audit.column("spend").mean == 995
    saved(audit, tmp_path / "out")


def test_a_notebook_shows_the_audit() -> None:
    shown = sg.audit(pd.DataFrame({"a": [1, 2, 3]}))._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert shown.count("<") == 2
