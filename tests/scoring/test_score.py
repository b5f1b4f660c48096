"""Scores of new customers: files and tables, whole or not at all; policy of missing and unseen values; bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from typer.testing import CliRunner

import segmentry as sg
from commands import segmentry
from segmentry.cli import app
from segmentry.datasets import sample_households
from segmentry.runs.score import score

COLUMNS = ["ID", "segment", "certainty", "second_segment", "reason", "fits"]
NEW = sample_households(rows=500, seed=11, dirt=True)


@pytest.fixture(scope="module")
def model(households: dict[str, sg.Segmentation], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return households["latent-class"].save(tmp_path_factory.mktemp("model") / "segmentation.json")


@pytest.mark.parametrize("target", ["s.parquet", "s.csv", "table"])
def test_every_target_holds_what_assign_returns(target: str, model: Path, tmp_path: Path) -> None:
    expected = sg.load(model).assign(NEW)
    url = f"duckdb://{tmp_path}/s.duckdb?table=scores"
    found = score(model, NEW, url if target == "table" else tmp_path / target)
    if target == "table":
        with duckdb.connect(str(tmp_path / "s.duckdb")) as connection:
            made = connection.execute("FROM scores ORDER BY ID").df()
    else:
        made = (pd.read_csv if target.endswith("csv") else pd.read_parquet)(tmp_path / target)
    assert list(made.columns) == COLUMNS
    pd.testing.assert_frame_equal(made.sort_values("ID", ignore_index=True), expected, check_dtype=False)
    assert found.n_customers == len(expected) == sum(found.sizes.values())
    assert found.n_unfit == (~expected["fits"]).sum()
    assert [p.suffix for p in tmp_path.iterdir()] == [Path(target).suffix or ".duckdb"]


def test_an_unseen_value_is_counted_and_does_not_fit(model: Path) -> None:
    odd = NEW.head(50).copy()
    odd["Education"] = "Kindergarten"
    with pytest.warns(sg.SegmentryWarning, match="50 customers"):
        assigned = sg.load(model).assign(odd)
    assert not assigned["fits"].any()
    assert assigned["certainty"].between(0, 1).all()


def test_the_reason_names_levels_of_the_customer(model: Path) -> None:
    assigned = sg.load(model).assign(NEW).set_index("ID")
    young = NEW[(NEW["Year_Birth"] >= 1981)]["ID"]
    told = assigned.loc[assigned.index.isin(young), "reason"]
    assert told.str.contains("Birth year 1981").any()
    assert not told.str.contains("to 1952").any()


@pytest.mark.parametrize("form", ["pandas", "polars", "csv"])
@pytest.mark.parametrize("name", ["Marital_Status", "Kidhome"])
def test_a_customer_alone_without_a_value_is_placed_as_among_others(
    form: str, name: str, model: Path, tmp_path: Path
) -> None:
    rows = NEW.astype({name: object})
    rows.loc[rows.index[5], name] = None
    alone = rows.iloc[[5]]
    data: Any = {"pandas": alone, "polars": pl.from_pandas(alone), "csv": tmp_path / "one.csv"}[form]
    if form == "csv":
        alone.to_csv(data, index=False)
    segmentation = sg.load(model)
    among = segmentation.assign(rows).set_index("ID").loc[alone["ID"].item()]
    found = segmentation.assign(data)
    found = found.to_pandas() if isinstance(found, pl.DataFrame) else found
    assert found.set_index("ID").iloc[0].to_dict() == among.to_dict()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="Income"), "the table has no column 'Income'"),
        (
            lambda t: t.assign(Income="much"),
            "'Income' held numbers when the segments were made, and holds text here; convert it in the table",
        ),
        (lambda t: pd.concat([t, t.head(2)]), r"ID: ids repeat, such as .* \(2 rows\)"),
        (lambda t: t.assign(ID=[None, *t["ID"][1:]]), "ID: 1 rows have no id"),
        (lambda t: t.head(0), "has no rows"),
    ],
)
def test_data_that_do_not_fit_the_model_are_refused_and_leave_nothing(
    change: Any, message: str, model: Path, tmp_path: Path
) -> None:
    clean = sample_households(rows=300, seed=2)
    with pytest.raises(sg.DataError, match=message):
        score(model, change(clean), tmp_path / "s.csv")
    assert list(tmp_path.iterdir()) == []


def test_numbers_where_there_was_text_are_read_as_text_and_said(model: Path, tmp_path: Path) -> None:
    found = score(model, sample_households(rows=300, seed=2).assign(Education=3), tmp_path / "s.csv")
    assert (
        "300 customers (100\xa0%) have a value of Education (features.education) that is in no level"
        in found.warnings[0]
    )


DATED = """
[source]
id = "id"
[features.since]
sql = "year(joined)"
edges = [2021, 2022]
[features.age]
column = "age"
edges = [30, 40, 50]
"""


@pytest.fixture(scope="module")
def dated(make: Any) -> tuple[sg.Segmentation, pd.DataFrame]:
    n = range(600)
    joined = [pd.Timestamp(2020 + i % 4, 1 + i % 12, 1) for i in n]
    rows = pd.DataFrame({"id": n, "joined": joined, "age": [20 + i * 7 % 50 for i in n]})
    return make(rows, sg.Recipe.from_toml(DATED), "latent-class", 2), rows


@pytest.mark.parametrize(
    "nobody",
    [
        pd.NaT, None, float("nan"), pd.Series([None] * 600, dtype="string"),
        pd.Series([None] * 600, dtype="datetime64[ns]"), pd.Series([None] * 600, dtype="boolean"),
    ],
    ids=["NaT", "None", "NaN", "text", "time", "boolean"],
)  # fmt: skip
def test_a_column_of_dates_in_which_nobody_has_one_is_read_as_missing(
    nobody: Any, dated: tuple[sg.Segmentation, pd.DataFrame], tmp_path: Path
) -> None:
    segmentation, rows = dated
    found = score(segmentation, rows.assign(joined=nobody), tmp_path / "s.parquet")
    assert found.n_customers == 600
    assert "Since (features.since) has no value for any of the 600 customers" in found.warnings[0]
    rows.assign(joined=None).to_csv(tmp_path / "empty.csv", index=False)
    assert score(segmentation, tmp_path / "empty.csv", tmp_path / "s.parquet").sizes == found.sizes


def test_a_column_of_dates_that_holds_text_is_refused(
    dated: tuple[sg.Segmentation, pd.DataFrame], tmp_path: Path
) -> None:
    segmentation, rows = dated
    with pytest.raises(
        sg.DataError, match="'joined' held other values when the segments were made, and holds text"
    ):
        score(segmentation, rows.assign(joined="soon"), tmp_path / "s.parquet")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(schema=99), "written by a newer segmentry"),
        (lambda c: c.pop("model"), "damaged"),
        (lambda c: c["model"]["fitted"].update(class_prior_="half"), "damaged"),
        (lambda c: c["model"]["fitted"]["response_proba_"].pop(), "damaged"),
        (lambda c: c["model"]["fitted"].pop("categories_"), "damaged"),
        (lambda c: c["scoring"].update(limit="far"), "damaged"),
        (lambda c: c["scoring"].pop("columns"), "damaged"),
        (lambda c: c["scoring"]["columns"].pop("Income"), "damaged"),
        (lambda c: c["scoring"]["features"].update(income="money"), "damaged"),
        (lambda c: c["model"]["fitted"]["response_proba_"][1][0].pop(), "damaged"),
        (lambda c: c["segments"][0].update(name=c["segments"][1]["name"]), "must be texts that differ"),
    ],
)
@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_damaged_model_is_refused(
    change: Any, message: str, is_sealed: bool, model: Path, tmp_path: Path
) -> None:
    content = json.loads(model.read_text())
    change(content)
    if not is_sealed:
        del content["fingerprint"]
    path = tmp_path / "segmentation.json"
    path.write_text(json.dumps(content))
    with pytest.raises(sg.ModelError, match=message):
        score(path, NEW, tmp_path / "s.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["segmentation.json"]


def test_customers_in_postgresql_are_scored_as_in_memory(
    model: Path, postgres_url: str, tmp_path: Path
) -> None:
    dbapi = pytest.importorskip("adbc_driver_postgresql.dbapi")
    rows = sample_households(rows=300, seed=2)
    with dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("scored_customers", pa.Table.from_pandas(rows, preserve_index=False))
        connection.commit()
    score(model, f"{postgres_url}?table=scored_customers", tmp_path / "s.parquet")
    made = pd.read_parquet(tmp_path / "s.parquet").sort_values("ID", ignore_index=True)
    pd.testing.assert_frame_equal(made, sg.load(model).assign(rows), check_dtype=False)


def test_targets_that_cannot_be_written(model: Path, tmp_path: Path) -> None:
    url = f"duckdb://{tmp_path}/s.duckdb?table=scores"
    with pytest.raises(sg.DataError, match=r"s\.xlsx: scores are written to \.parquet, \.csv, \.sav"):
        score(model, NEW, tmp_path / "s.xlsx")
    with pytest.raises(sg.DataError, match="segmentry writes no tables there"):
        score(model, NEW, "mysql://host/db?table=t")
    score(model, NEW, url)
    with pytest.raises(sg.DataError, match="there is a table 'scores' already"):
        score(model, NEW, url)
    score(model, NEW, url, replace=True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("sql {m} --kit --python", "--python: goes without --kit"),
        ("sql {m} --dbt-name mine", "--dbt-name: goes with --dbt alone"),
        ("sql {m} --dbt-source crm", "--dbt-source: goes with --dbt alone"),
        (
            "score {m} new.csv --out sqlite:///s.db?table=t --history --replace",
            "--history: goes without --replace",
        ),
        ("score {m} new.csv --out s.csv --as-of 2026-01-01", "--as-of: goes with --history alone"),
    ],
)
def test_options_that_exclude_each_other_are_refused(model: Path, arguments: str, said: str) -> None:
    assert said in segmentry(*arguments.format(m=model).split(), code=2).stderr


@pytest.mark.parametrize("form", ["--kit", "--python"])
def test_what_is_handed_over_is_a_file_of_its_own_beside_verify(model: Path, form: str) -> None:
    done = segmentry("sql", model, "--verify", form)
    assert "6,048 of 6,048 patterns equal" in done.stderr
    assert done.stdout == segmentry("sql", model, form).stdout


def test_the_command_line(model: Path, tmp_path: Path) -> None:
    def run(*arguments: object) -> str:
        done = CliRunner().invoke(app, [str(a) for a in arguments])
        assert done.exit_code == 0, done.output
        return done.output

    NEW.to_csv(tmp_path / "new.csv", index=False)
    told = run("score", model, tmp_path / "new.csv", "--out", tmp_path / "s.parquet")
    assert "500 rows read" in told
    assert "are unlike those who made the segments" in told
    assert run("sql", model, "--verify").startswith("6,048 of 6,048 patterns equal")
    written = tmp_path / "verified.sql"
    assert run("sql", model, "--verify", "--out", written).startswith("6,048 of 6,048 patterns equal")
    assert "SELECT" in written.read_text()
    assert run("sql", model, "--dialect", "spark").startswith("-- Households: 4 segments by latent-class.")
    assert "def assign(income, birth_year" in run("sql", model, "--python")
    run("sql", model, "--out", tmp_path / "s.sql", "--form", "lookup")
    assert "pattern_segments" in (tmp_path / "s.sql").read_text()
    run("sql", model, "--dialect", "duckdb", "--dbt", tmp_path)
    for others in (["--python"], ["--kit"], ["--out", tmp_path / "not.sql"]):
        refused = CliRunner().invoke(app, [str(a) for a in ("sql", model, "--dbt", tmp_path, *others)])
        assert str(refused.exception).startswith(f"--dbt: goes without {others[0]}")
    assert not (tmp_path / "not.sql").exists()
    assert {p.name for p in tmp_path.glob("customer_segments.*")} == {
        "customer_segments.sql",
        "customer_segments.yml",
    }
