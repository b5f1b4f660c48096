"""Pattern files that were changed: refused in a sentence, or tables that behave; never a traceback."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import segmentry as sg
from mutations import mutated, n_mutations, refusals
from segmentry.datasets import sample_households
from segmentry.errors import DataError
from segmentry.patterns import PatternTable, files

pytestmark = pytest.mark.usefixtures("few_null_tables")

RECIPE = sg.Recipe.from_toml("""
[source]
id = "ID"
[features.income]
column = "Income"
edges = [30000, 60000]
[features.kids]
column = "Kidhome"
[features.education]
column = "Education"
[outcomes.spent]
role = "amounts"
columns = ["MntWines"]
[outcomes.campaign]
role = "flags"
columns = ["Response"]
""")
KEY = b"segmentry.patterns"
RUN = 0.08 if n_mutations(0) == 0 else 0.0005
"""Share of the changed tables that segments are made of, too."""
VALUES = [-1, -1e6, 0, 1, 7, 0.5, 1e6, 1e18, 1e300, float("nan"), float("inf")]


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("patterns") / "p.parquet"
    sg.collect(sample_households(rows=400, seed=5), RECIPE).save(path)
    return path


def changed_about(table: pa.Table, _: str, draw: random.Random) -> tuple[pa.Table, str]:
    about = json.loads(table.schema.metadata[KEY])
    part = draw.choice(["features", "outcomes", "origins", "cleaning", "made_by", *about])
    about, how = mutated(about, draw, (part,) if isinstance(about[part], (dict, list)) else ())
    return table.replace_schema_metadata({KEY: json.dumps(about)}), how


def changed_values(table: pa.Table, column: str, draw: random.Random) -> tuple[pa.Table, str]:
    values = table[column].to_numpy().astype(np.float64)
    where = draw.choice([slice(0, 1), slice(None), slice(-1, None)])
    values[where] = -values[where] if draw.random() < 0.2 else draw.choice(VALUES)
    stays_whole = pa.types.is_integer(table[column].type) and bool((abs(values) < 2**31).all())
    made = pa.array(values.astype(np.int64) if stays_whole else values)
    i = table.column_names.index(column)
    return table.set_column(i, column, made), f"{column} {values[where][:1]}"


def changed_column(table: pa.Table, column: str, draw: random.Random) -> tuple[pa.Table, str]:
    i, values = table.column_names.index(column), table[column]
    other = draw.choice(["x", "codes 9", "counts", "sums 7", f"{column} 0"])
    kind = draw.choice([pa.string(), pa.float32(), pa.int64(), pa.bool_()])
    names = [other if name == column else name for name in table.column_names]
    made = {
        "dropped": lambda: table.drop_columns([column]),
        "doubled": lambda: table.append_column(column, values),
        f"called {other}": lambda: table.rename_columns(names),
        f"made {kind}": lambda: table.set_column(i, column, values.cast(kind, safe=False)),
        "without a value": lambda: table.set_column(
            i, column, pa.array([None, *values.to_pylist()[1:]], values.type)
        ),
        "without rows": lambda: table.slice(0, 0),
        "of one row": lambda: table.slice(0, 1),
        "twice as long": lambda: pa.concat_tables([table, table]),
    }
    how = draw.choice(list(made))
    return made[how](), f"{column} {how}"


def changed(table: pa.Table, draw: random.Random) -> tuple[pa.Table, str]:
    change = draw.choice([changed_about, changed_about, changed_values, changed_values, changed_column])
    return change(table, draw.choice(table.column_names), draw)


def behave(path: Path, *, runs: bool = True) -> None:
    """What is accepted gives figures that can be: no count below 0, no share or rate outside of 0 and 1."""
    table = PatternTable.load(path)
    twice = table.merge(table)
    assert twice.n_customers == 2 * table.n_customers > 0
    if not runs:
        return
    result = sg.run(path, RECIPE, segments=2, analyses=0)
    assert sum(s.size for s in result.segments) == table.n_customers
    assert all(0 <= s.share <= 1 and 0 <= s.certainty <= 1 for s in result.segments)
    rates = result.outcomes.loc[result.outcomes["role"] == "flags", "value"].dropna()
    assert ((rates >= 0) & (rates <= 1 + 1e-6)).all()


def test_a_changed_file_is_refused_in_a_sentence_or_behaves(saved, tmp_path):
    table, path = pq.read_table(saved), tmp_path / "m.parquet"
    behave(saved)

    def change(draw):
        made, how = changed(table, draw)
        pq.write_table(made, path)
        runs = draw.random() < RUN
        return lambda: behave(path, runs=runs), how

    refused = refusals(80, change)
    assert any(refused)
    assert not all(refused)


def test_names_of_columns_that_are_no_text_make_no_pattern_table(saved, tmp_path):
    data = saved.read_bytes()
    (tmp_path / "m.parquet").write_bytes(
        data.replace(b"codes 0", b"c\x84des 0").replace(b"counts", b"\x84\x84unts")
    )
    with pytest.raises(DataError, match="not a pattern table|damaged"):
        PatternTable.load(tmp_path / "m.parquet")


def test_half_a_letter_makes_no_pattern_table(saved, tmp_path):
    table = pq.read_table(saved)
    about = table.schema.metadata[b"segmentry.patterns"]
    name = json.dumps(json.loads(about)["features"][0]["name"]).encode()
    half = about.replace(name, b'"\\ud800"')
    assert half != about
    pq.write_table(table.replace_schema_metadata({b"segmentry.patterns": half}), tmp_path / "m.parquet")
    with pytest.raises(DataError, match="a text holds half a letter"):
        PatternTable.load(tmp_path / "m.parquet")


def test_bytes_of_a_file_that_were_changed(saved, tmp_path):
    whole, path = saved.read_bytes(), tmp_path / "m.parquet"

    def change(draw):
        data = bytearray(whole)
        for _ in range(draw.choice([1, 3, 30])):
            data[draw.randrange(len(data))] = draw.randrange(256)
        path.write_bytes(data[: draw.choice([len(data), len(data), len(data) // 2])])
        return lambda: PatternTable.load(path), "bytes"

    assert any(refusals(60, change))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda t: {"counts": -t.counts}, "a count is below 1"),
        (lambda t: {"sums": t.sums + np.array([0, 1e6])}, "more say yes to 'Response' than were asked"),
        (lambda t: {"sums": t.sums + np.array([1e9, 0])}, "squares of 'MntWines' are too small for its sum"),
        (lambda t: {"squares": -t.squares}, "has squares that are none"),
        (lambda t: {"n_values": t.n_values + 10_000}, "'MntWines' has more values than customers"),
        (lambda t: {"sums": t.sums * np.nan}, "sums of 'MntWines' are no numbers"),
        (lambda _: {"fold_share": 2.0}, "its halves hold no share of the customers"),
        (
            lambda t: {"weights": -t.counts * 1.0, "squared_weights": t.counts * 1.0},
            "a survey weight is below 0",
        ),
    ],
)
def test_a_table_that_no_customers_can_make_does_not_add_up(saved, change, problem):
    table = PatternTable.load(saved)
    with pytest.raises(DataError, match=f"no pattern table can be so: .*{problem}"):
        table.merge(dataclasses.replace(table, **change(table)))


def test_a_small_file_of_very_many_rows_is_refused(saved, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_CELLS", 1_000_000)
    whole = pq.read_table(saved)
    table = pa.table({"counts": pa.array(np.ones(1_200_000, np.int8))})
    pq.write_table(table.replace_schema_metadata(whole.schema.metadata), tmp_path / "bomb.parquet")
    with pytest.raises(DataError, match="1,200,000 patterns of 1 columns; 1,000,000 cells are the most"):
        PatternTable.load(tmp_path / "bomb.parquet")
