"""Rows that share an id, and rows without one: counted by every way to a pattern table, said in words, never refused."""

from __future__ import annotations

import sqlite3
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import segmentry as sg
from commands import segmentry, segmentry_process
from segmentry.cli.progress import warned_in_words
from segmentry.collecting import sampling
from segmentry.datasets import sample_households
from segmentry.errors import IdWarning
from segmentry.patterns import Cleaning, CleaningStep, PatternTable
from segmentry.runs.check import check
from segmentry.runs.profile import profile

pytestmark = pytest.mark.usefixtures("few_null_tables")

ROWS, AGAIN, WITHOUT = 4_000, 600, 7
RECIPE = sg.Recipe.from_toml("""
[source]
id = "ID"
[[clean]]
step = "known"
drop_missing = ["Income"]
[features.income]
column = "Income"
edges = [40000, 60000]
[features.education]
column = "Education"
levels = ["PhD"]
rest = "other"
missing = "level"
[outcomes.spend]
role = "amounts"
columns = ["MntWines"]
[model]
range = [1, 3]
""")


def households() -> pd.DataFrame:
    return sample_households(rows=ROWS, seed=3)[["ID", "Income", "Education", "MntWines"]].astype(
        {"ID": "Int64", "Income": "float64"}
    )


@pytest.fixture(scope="module")
def unique() -> pd.DataFrame:
    return households()


@pytest.fixture(scope="module")
def orders(unique: pd.DataFrame) -> pd.DataFrame:
    """Some customers twice, some without an id; some more of both that cleaning drops."""
    table = pd.concat([unique, unique.head(AGAIN)], ignore_index=True)
    table.loc[ROWS - WITHOUT : ROWS - 1, "ID"] = pd.NA
    dropped = table.tail(50).assign(Income=None, ID=[*[pd.NA] * 20, *[1] * 30])
    return pd.concat([table, dropped.astype(table.dtypes)], ignore_index=True)


def ids_of(patterns: PatternTable) -> dict[str, int]:
    return {s.what: s.n_rows for s in patterns.cleaning.steps if s.what in ("repeated id", "missing id")}


def collected(data: Any, recipe: sg.Recipe = RECIPE) -> PatternTable:
    """The pattern table, of which there is something to warn."""
    with pytest.warns(sg.SegmentryWarning) as said:
        patterns = sg.collect(data, recipe)
    assert [str(warning.message) for warning in said] == list(patterns.cleaning.said_of_ids())
    assert {warning.filename for warning in said} == {__file__}
    return patterns


def in_kind(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    if kind == "text":
        return table.assign(ID=table["ID"].astype("string") + "é")
    if kind == "days":
        return table.assign(ID=pd.Timestamp("1970-01-01") + pd.to_timedelta(table["ID"], unit="D"))
    return table.assign(ID=table["ID"].astype("Float64") + 0.5) if kind == "decimals" else table


@pytest.mark.parametrize("kind", ["numbers", "text", "days", "decimals"])
def test_kept_rows_that_share_an_id_or_have_none_are_counted(orders, kind: str) -> None:
    patterns = collected(in_kind(orders, kind))
    kept = orders.dropna(subset="Income")
    repeated = int(kept["ID"].dropna().duplicated().sum())
    assert ids_of(patterns) == {"repeated id": repeated, "missing id": WITHOUT}
    assert 0 < repeated <= AGAIN
    texts = patterns.cleaning.said_of_ids()
    assert texts[0].startswith(
        f"ID: {repeated} rows of {len(kept):,} come with an id that an earlier row has."
    )
    assert "[source] sql" in texts[0]
    assert texts[1].startswith(f"ID: {WITHOUT} rows of {len(kept):,} come without an id.")
    assert texts[0] in repr(patterns)


@pytest.mark.parametrize("n_large", [None, ROWS // 2])
@pytest.mark.parametrize("with_id", [True, False])
def test_nothing_is_said_of_ids_that_tell_all_rows_apart(unique, monkeypatch, n_large, with_id: bool) -> None:
    monkeypatch.setattr(sampling, "MAX_ROWS", n_large or sampling.MAX_ROWS)
    source = RECIPE.source.model_copy(update={} if with_id else {"id": None})
    table = unique if with_id else unique.assign(ID=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = sg.run(table, RECIPE.model_copy(update={"source": source}), segments=2)
    assert ids_of(result.patterns) == {}
    assert not [n for n in result.notes if n.kind == "ids"]
    asked = [q for q in result.queries if "different ids" in q.purpose]
    assert len(asked) == with_id


@pytest.mark.parametrize("data", ["pandas", "arrow", "csv", "parquet", "sqlite"])
def test_every_source_says_the_same(orders, tmp_path: Path, data: str) -> None:
    if data == "sqlite":
        with sqlite3.connect(tmp_path / "t.sqlite") as connection:
            orders.to_sql("t", connection, index=False)
        connection.close()
    elif data in ("csv", "parquet"):
        arrow = {"csv": orders.to_csv, "parquet": orders.to_parquet}[data]
        arrow(tmp_path / f"t.{data}", index=False)
    given = {
        "pandas": orders,
        "arrow": pa.Table.from_pandas(orders),
        "sqlite": f"sqlite:///{tmp_path / 't.sqlite'}?table=t",
    }.get(data, tmp_path / f"t.{data}")
    assert ids_of(collected(given))["missing id"] == WITHOUT


@pytest.mark.parametrize("kind", ["numbers", "text"])
def test_of_a_large_table_repeats_are_estimated_from_the_sample(orders, monkeypatch, kind: str) -> None:
    table = in_kind(orders, kind)
    exact = ids_of(collected(table))
    monkeypatch.setattr(sampling, "MAX_ROWS", ROWS // 2)
    patterns = collected(table)
    found, (text, _) = ids_of(patterns), patterns.cleaning.said_of_ids()
    assert "an earlier row has (an estimate from a sample of the ids). Every row" in text
    assert found["missing id"] == exact["missing id"]
    assert found["repeated id"] == pytest.approx(exact["repeated id"], rel=0.2)
    assert found["repeated id"] == float(f"{found['repeated id']:.2g}")


def test_the_sample_is_the_one_that_is_read_anyway(orders, monkeypatch) -> None:
    monkeypatch.setattr(sampling, "MAX_ROWS", ROWS // 2)
    with pytest.warns(sg.SegmentryWarning):
        result = sg.run(orders, RECIPE, segments=2)
    purposes = [q.purpose for q in result.queries]
    assert sum("rows by the id" in p for p in purposes) == 1
    (counting,) = [q for q in result.queries if "different ids" in q.purpose]
    assert "segmentry_sample" in counting.sql


@pytest.mark.parametrize("alike", ["unhashed", "unfair"])
def test_where_no_sample_is_fair_the_first_rows_are_looked_at(orders, monkeypatch, alike: str) -> None:
    table = (
        in_kind(orders, "days")
        if alike == "unhashed"
        else orders.assign(ID="c" + orders["ID"].astype("string") + ".com")
    )
    table = pd.concat([table.tail(1_000), table.head(4_000)], ignore_index=True)
    monkeypatch.setattr(sampling, "MAX_ROWS", 3_000)
    patterns = collected(table)
    found = ids_of(patterns)
    assert (
        "an earlier row has (only the first rows were read, because these"
        in patterns.cleaning.said_of_ids()[0]
    )
    first, kept = (t.dropna(subset="Income") for t in (table.head(3_000), table))
    assert found["repeated id"] == first["ID"].dropna().duplicated().sum()
    assert found["missing id"] == kept["ID"].isna().sum()


def test_weighted_tables_and_those_without_outcomes_are_sampled_for_it(orders, monkeypatch) -> None:
    monkeypatch.setattr(sampling, "MAX_ROWS", ROWS // 2)
    weighted = RECIPE.source.model_copy(update={"weight": "w"})
    for recipe in (
        RECIPE.model_copy(update={"outcomes": ()}),
        RECIPE.model_copy(update={"source": weighted}),
    ):
        assert "an estimate" in collected(orders.assign(w=1.0), recipe).cleaning.said_of_ids()[0]


def test_a_run_says_it_in_notes_report_and_model_file(orders, tmp_path: Path) -> None:
    with pytest.warns(sg.SegmentryWarning):
        result = sg.run(orders, RECIPE, segments=2, out=tmp_path / "out")
    texts = [n.text for n in result.notes if n.kind == "ids"]
    assert texts == list(result.cleaning.said_of_ids())
    assert len(texts) == 2
    for name in ("report.html", "report.md", "report.json"):
        assert texts[0].split(";")[0] in (tmp_path / "out" / name).read_text(encoding="utf-8").replace(
            "\\", ""
        )
    loaded = sg.load(tmp_path / "out" / "segmentation.json")
    assert [n.text for n in loaded.notes if n.kind == "ids"] == texts


def test_a_model_file_says_nothing_of_fewer_than_five_rows(unique, tmp_path: Path) -> None:
    table = pd.concat([unique, unique.head(3)])
    with pytest.warns(sg.SegmentryWarning, match="ID: 3 rows of"):
        result = sg.run(table, RECIPE, segments=2)
    loaded = sg.load(result.save(tmp_path / "model.json"))
    assert "ids" not in {n.kind for n in loaded.notes}
    assert not [s for s in loaded.cleaning.steps if s.n_rows == 3]


def test_given_segments_and_checks_say_it(orders) -> None:
    with pytest.warns(sg.SegmentryWarning):
        given = profile(orders.assign(segment=orders["Income"] > 50_000), RECIPE, "segment")
    found = check(orders, RECIPE)
    texts = tuple(n.text for n in given.notes if n.kind == "ids")
    assert texts == given.cleaning.said_of_ids() == found.doubts[:2]


def test_pattern_files_keep_and_add_up_what_is_known_of_ids(orders, tmp_path: Path) -> None:
    patterns = collected(orders)
    patterns.save(tmp_path / "p.parquet")
    loaded = PatternTable.load(tmp_path / "p.parquet")
    assert ids_of(loaded) == ids_of(patterns)
    assert ids_of(loaded.merge(patterns)) == {what: 2 * n for what, n in ids_of(patterns).items()}
    with pytest.warns(sg.SegmentryWarning):
        result = sg.run(tmp_path / "p.parquet", RECIPE, segments=2)
    assert len([n for n in result.notes if n.kind == "ids"]) == 2


def test_commands_say_it_once_each(orders, tmp_path: Path) -> None:
    data, recipe = tmp_path / "orders.parquet", tmp_path / "r.toml"
    orders.assign(given=orders["Income"] > 50_000).to_parquet(data, index=False)
    recipe.write_text(RECIPE.to_toml(), encoding="utf-8")
    commands = (
        ["run", data, "-o", tmp_path / "run", "--segments", "2"],
        ["profile", data, "-o", tmp_path / "profile", "--segment-column", "given"],
        ["collect", data, "-o", tmp_path / "p.parquet"],
        ["run", data, "--check"],
    )
    for command in commands:
        done = (segmentry_process if "--check" in command else segmentry)(*command, "--recipe", recipe)
        words = " ".join(done.stdout.split())
        assert words.count("come with an id that an earlier row has") == 1
        assert words.count(f"ID: {WITHOUT} rows of") == 1
        assert done.stderr == ""


def test_one_row_is_said_of_in_the_singular() -> None:
    steps = (CleaningStep("a", "dropped", 1), CleaningStep("id", "missing id", 1, "without an id"))
    cleaning = Cleaning(10, steps)
    assert cleaning.said_of_ids()[0].startswith("id: 1 row of 9 comes without an id. ")
    assert cleaning.said_of_ids(least=2) == ()


def test_commands_show_no_warning_of_python_about_ids_and_all_others() -> None:
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        with warned_in_words():
            warnings.warn("rows share an id", IdWarning, stacklevel=1)
            warnings.warn("a process ended", sg.SegmentryWarning, stacklevel=1)
    assert [str(warning.message) for warning in shown] == ["a process ended"]
