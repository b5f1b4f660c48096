"""Values that say something else than they seem to: ids, thousands, infinity, dates, codes, signs, boxes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import segmentry as sg
from reading import read
from segmentry.errors import SegmentryWarning

pytestmark = pytest.mark.usefixtures("few_null_tables")

AGE = "[source]\nid = 'customer_id'\n[features.age]\ncolumn = 'age'\nedges = [30, 50]\n"
TWO = AGE + "[features.housing]\ncolumn = 'housing'\n[model]\nsegments = 2\nrange = [2, 2]\n"


def drafted(path: Any) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Features and outcomes of the draft by name, and its text in one line."""
    recipe = sg.draft(path)
    outcomes = {column.name: (group.role, column.sql) for column, group in recipe.outcome_columns}
    return {f.name: f for f in recipe.features}, outcomes, " ".join(recipe.text.replace("\n# ", " ").split())


@pytest.mark.parametrize("first", [60123456789012340000, 9223372036854775500, 1000000000000000000000000])
def test_long_ids_join_back_exactly(written: Any, people: pd.DataFrame, tmp_path: Path, first: int) -> None:
    ids = [str(first + i) for i in range(300)]
    people["customer_id"] = ids
    path = written(people)
    assert sg.draft(path).source.id == "customer_id"
    model = sg.run(path, TWO, out=tmp_path / "out")
    assigned = pd.read_parquet(tmp_path / "out" / "assignments.parquet")
    assert [str(i) for i in assigned["customer_id"]] == ids
    scored = model.assign(path)
    assert [str(i) for i in scored["customer_id"]] == ids


def test_zeros_in_front_of_codes_stay(written: Any, people: pd.DataFrame) -> None:
    people["customer_id"] = [f"{i:06d}" for i in people["customer_id"]]
    path = written(people)
    assert sg.draft(path).source.id == "customer_id"
    model = sg.run(path, TWO)
    assert model.assign(path)["customer_id"].head(2).tolist() == ["000001", "000002"]


def test_points_between_thousands(written: Any, people: pd.DataFrame) -> None:
    income = people["income"].round().astype(int)
    income[:30] = range(400, 430)
    people["income"] = [f"{n:,}".replace(",", ".") for n in income]
    path = written(people, sep=";", decimal=",")
    recipe = sg.draft(path)
    assert recipe.source.thousands == ("income",)
    patterns = sg.collect(
        path, sg.Recipe.load(AGE + "[outcomes.income]\nrole = 'amounts'\ncolumns = ['income']\n")
    )
    assert patterns.sums.sum() == income.sum()
    model = sg.run(
        path,
        sg.Recipe.load(TWO + "[features.income]\ncolumn = 'income'\nedges = [1000, 40000]\n"),
    )
    assert model.recipe.source.thousands == ("income",)
    people[30:].to_csv(path, sep=";", index=False)  # a batch in which nothing tells thousands from decimals
    assert model.assign(path).shape[0] == 270


def test_points_that_may_be_decimals_are_asked_about(written: Any, people: pd.DataFrame) -> None:
    people["income"] = [f"{20 + i / 300:.3f}" for i in range(300)]
    path = written(people)
    (finding,) = [f for f in sg.audit(path).findings if f.kind == "thousands_or_decimals"]
    assert 'thousands = ["income"]' in finding.advice
    assert 'thousands = ["income"]' in sg.draft(path).text
    with pytest.warns(SegmentryWarning, match="thousands, or decimals"):
        sg.collect(path, sg.Recipe.load(AGE))
    told = sg.Recipe.load(
        AGE.replace("[features", "thousands = ['income']\n[features", 1)
        + "[outcomes.i]\nrole = 'amounts'\ncolumns = ['income']\n"
    )
    assert sg.collect(path, told).sums.sum() > 300 * 20_000


def test_infinite_values_are_missing_and_said(written: Any, people: pd.DataFrame) -> None:
    people.loc[[3, 4], "spend"] = [np.inf, -np.inf]
    data = written(people)
    (finding,) = [f for f in sg.audit(data).findings if f.kind == "infinite"]
    assert (finding.column, finding.rows) == ("spend", 2)
    recipe = sg.draft(data)
    assert "spend: 2 rows with an infinite value: read as missing" in " ".join(recipe.text.split())
    patterns = sg.collect(data, recipe)
    assert patterns.n_customers == 300
    assert patterns.n_values[:, [o.name for o in patterns.outcomes].index("spend")].sum() == 298


@pytest.mark.parametrize("kind", ["frame", "parquet", "parquet without statistics", "duckdb"])
def test_infinite_values_of_tables_with_types_are_missing_and_said(
    people: pd.DataFrame, tmp_path: Path, kind: str
) -> None:
    people.loc[[3, 4], "spend"] = [np.inf, -np.inf]
    people["whole"] = 1.5 + people.index  # a column of numbers that are all finite
    data: Any = people
    if kind == "duckdb":
        with duckdb.connect(tmp_path / "shop.duckdb") as connection:
            connection.execute("CREATE TABLE people AS SELECT * FROM people")
        data = f"duckdb:///{tmp_path}/shop.duckdb?table=people"
    elif kind != "frame":
        data = tmp_path / "people.parquet"
        pq.write_table(pa.Table.from_pandas(people), data, write_statistics=kind == "parquet")
    (finding,) = [f for f in sg.audit(data).findings if f.kind == "infinite"]
    assert (finding.column, finding.rows) == ("spend", 2)
    assert "spend: 2 rows with an infinite value: read as missing" in drafted(data)[2]
    recipe = sg.Recipe.load(AGE + "[outcomes.o]\nrole = 'amounts'\ncolumns = ['spend', 'whole']\n")
    patterns = sg.collect(data, recipe)
    assert patterns.n_values.sum(axis=0).tolist() == [298, 300]
    assert np.isfinite(patterns.sums).all()


def test_numbers_as_large_as_numbers_get(written: Any, people: pd.DataFrame) -> None:
    people["spend"] = people["spend"].astype(object)
    people.loc[[3, 4, 5], "spend"] = ["1e+308", "-1e+308", "9223372036854775808"]
    path = written(people)
    assert sg.audit(path).n_rows == 300
    assert "spend" in sg.draft(path).text


def test_times_with_a_zone_are_the_same_everywhere(tmp_path: Path) -> None:
    times = pd.date_range("2023-12-31 18:00", periods=48, freq="15min", tz="America/New_York")
    path = tmp_path / "times.parquet"
    pd.DataFrame({"id": range(48), "kind": ["a", "b"] * 24, "joined": times}).to_parquet(path)
    recipe = tmp_path / "r.toml"
    recipe.write_text("[features.year]\nsql = 'year(joined)'\nedges = [2024]\n")
    code = f"import segmentry as sg; print(sg.collect({str(path)!r}, {str(recipe)!r}).counts.tolist())"
    said = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={**os.environ, "TZ": zone, "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        for zone in ("America/Los_Angeles", "Asia/Tokyo")
    }  # fmt: skip
    assert said == {"[4, 44]\n"}  # the year of UTC
    draft = sg.draft(path)
    assert draft.source.timezone == "UTC"
    assert "those of UTC" in draft.text


def test_several_codes_for_missing_are_one_block(written: Any, people: pd.DataFrame) -> None:
    rng = np.random.default_rng(8)
    answers = rng.integers(1, 6, 300)
    codes = rng.random(300) < 0.1
    people["q1_satisfaction"] = np.where(codes, rng.choice([97, 98, 99], 300), answers)
    path = written(people)
    (finding,) = [f for f in sg.audit(path).findings if f.kind == "missing_code"]
    assert (finding.column, finding.rows) == ("q1_satisfaction", codes.sum())
    _, _, text = drafted(path)
    assert 'sql = "NULLIF(NULLIF(NULLIF(q1_satisfaction, 97), 98), 99)"' in text


def test_signs_that_carry_the_meaning_stay(written: Any, people: pd.DataFrame) -> None:
    people["income"] = np.where(people["age"] > 45, "<=50K", ">50K")
    people["grade"] = np.where(people["age"] > 50, "A+", "A-")
    path = written(people)
    _, outcomes, _ = drafted(path)
    assert outcomes["income"] in (("flags", "income = '<=50K'"), ("flags", "income = '>50K'"))
    assert not [f for f in sg.audit(path).findings if f.kind == "near_duplicate_categories"]


def test_dates_with_a_time_month_first(written: Any) -> None:
    rng = np.random.default_rng(2)
    days = pd.Timestamp("2011-01-01 08:59") + pd.to_timedelta(rng.integers(0, 150 * 24 * 60, 600), unit="min")
    table = pd.DataFrame(
        {
            "CustomerID": rng.integers(100, 220, 600),
            "InvoiceNo": rng.integers(5_000, 5_300, 600),
            "InvoiceDate": [f"{d.month}/{d.day}/{d.year} {d.hour}:{d.minute:02d}" for d in days],
            "Quantity": rng.integers(1, 9, 600),
            "UnitPrice": rng.gamma(2, 3, 600).round(2),
        }
    )
    recipe = sg.draft(written(table))
    assert recipe.source.dates == {"InvoiceDate": "%m/%d/%Y %H:%M"}
    assert "days_since_purchase" in {f.name for f in recipe.features}


def test_dates_as_numbers_are_dates(written: Any, people: pd.DataFrame) -> None:
    days = pd.date_range("2019-01-05", periods=300, freq="6D")
    people["signup_date"] = days.strftime("%Y%m%d").astype(int)
    _, outcomes, text = drafted(written(people))
    assert "signup_date" not in outcomes
    assert 'label = "Signup date, year"' in text
    assert "FLOOR(signup_date / 10000)" in text


def test_each_column_of_dates_has_its_own_order(written: Any, people: pd.DataFrame) -> None:
    days = pd.Series(pd.date_range("2019-01-05", periods=300, freq="6D"))
    people["joined"] = days.dt.strftime("%d/%m/%Y")
    people["last_order"] = (days + pd.Timedelta(days=200)).dt.strftime("%m/%d/%Y")
    path = written(people)
    found, _ = read(path)
    assert pd.to_datetime(found["joined"]).tolist() == days.tolist()
    assert pd.to_datetime(found["last_order"]).tolist() == (days + pd.Timedelta(days=200)).tolist()
    recipe = sg.draft(path)
    assert recipe.source.dates == {"joined": "%d/%m/%Y", "last_order": "%m/%d/%Y"}


@pytest.mark.parametrize("written_as", ["%d-%b-%y", "%d %B %Y", "%b %d, %Y", "%d/%b/%Y %H:%M"])
def test_dates_whose_month_is_a_word_are_dates(written: Any, people: pd.DataFrame, written_as: str) -> None:
    days = pd.Series(pd.date_range("2019-01-05", periods=300, freq="6D"))
    people["joined"] = days.dt.strftime(written_as)
    people.loc[3, "joined"] = ""
    path = written(people)
    found, notes = read(path)
    assert pd.to_datetime(found["joined"]).dropna().tolist() == days.drop(3).tolist()
    assert notes == []
    assert sg.draft(path).source.dates == {"joined": written_as}


def test_a_model_keeps_the_order_of_its_dates(written: Any, people: pd.DataFrame) -> None:
    days = pd.Series(pd.date_range("2019-01-05", periods=300, freq="6D"))
    people["joined"] = days.dt.strftime("%m/%d/%Y")
    recipe = sg.Recipe.load(TWO + "[features.month]\nsql = 'month(joined)'\nedges = [4, 7, 10]\n")
    model = sg.run(written(people), recipe)
    assert model.recipe.source.dates == {"joined": "%m/%d/%Y"}
    whole = model.assign(written(people)).set_index("customer_id")["segment"]
    batch = people[(days.dt.day <= 12) & (days.dt.day > 3)]  # either number may be the month
    alone = model.assign(written(batch)).set_index("customer_id")["segment"]
    assert alone.to_dict() == whole[alone.index].to_dict()


def test_dates_that_allow_both_orders_are_asked_about(written: Any, people: pd.DataFrame) -> None:
    people["joined"] = [f"{1 + i % 12:02d}/{1 + i // 12 % 12:02d}/2021" for i in range(300)]
    path = written(people)
    (finding,) = [f for f in sg.audit(path).findings if f.kind == "day_or_month"]
    assert finding.rows == 300
    assert 'dates = { "joined" = "%m/%d/%Y" }' in finding.advice


def test_the_number_of_the_row_is_left_out(written: Any, people: pd.DataFrame) -> None:
    people.insert(0, "Unnamed: 0", range(300))
    features, outcomes, text = drafted(written(people))
    assert not {"unnamed_0", "Unnamed: 0"} & {*features, *outcomes}
    assert "Unnamed: 0: the number of the row" in text
    assert 'id = "customer_id"' in text


def test_a_value_that_many_have_is_its_own_level(written: Any) -> None:
    rng = np.random.default_rng(3)
    orders = np.where(rng.random(500) < 0.7, 1, rng.integers(2, 30, 500))
    table = pd.DataFrame({"customer_id": range(500), "orders": orders, "recency": rng.integers(0, 300, 500)})
    recipe = sg.draft(written(table))
    feature = next(f for f in recipe.features if f.name == "orders")
    assert feature.edges is not None
    assert feature.edges[0] == 2
    assert f"1 is a level of its own: {(orders == 1).mean():.0%}" in recipe.text.replace("\n# ", " ")


def test_boxes_that_are_ticked_or_blank_are_flags(written: Any, people: pd.DataFrame) -> None:
    ticked = np.random.default_rng(5).random((300, 2)) < 0.4
    people["q7_1_known"], people["q7_2_known"] = (np.where(t, 1.0, np.nan) for t in ticked.T)
    path = written(people)
    _, outcomes, _ = drafted(path)
    assert outcomes["q7_1_known"] == ("flags", "NOT q7_1_known IS NULL")
    patterns = sg.collect(path, sg.draft(path))
    names = [o.name for o in patterns.outcomes]
    sums = patterns.sums.sum(axis=0)
    assert [sums[names.index(n)] for n in ("q7_1_known", "q7_2_known")] == ticked.sum(axis=0).tolist()


def test_a_count_that_hardly_anybody_has_is_none_or_any(written: Any, people: pd.DataFrame) -> None:
    people.insert(2, "boats", [1 if i % 100 == 3 else 0 for i in range(300)])
    people.loc[7, "boats"] = 2
    _, _, text = drafted(written(people))
    assert 'labels = ["none", "any"]' in text


def test_yes_no_and_a_third_word(written: Any, people: pd.DataFrame) -> None:
    people["newsletter"] = ["y" if i % 3 else "n" for i in range(300)]
    people["bought"] = ["unknown" if i % 20 == 0 else "yes" if i % 2 else "no" for i in range(300)]
    _, outcomes, text = drafted(written(people))
    assert outcomes["newsletter"] == ("flags", None)
    assert outcomes["bought"] == ("flags", "NULLIF(bought, 'unknown')")
    assert "unknown (15 rows) is read as missing" in text


def test_an_id_of_which_some_repeat_is_the_id(written: Any, people: pd.DataFrame) -> None:
    people = people.rename(columns={"customer_id": "ID"})
    people.loc[[10, 20, 30], "ID"] = people.loc[[11, 21, 31], "ID"].to_numpy()
    _, _, text = drafted(written(people))
    assert '[source] id = "ID"' in text
    assert "but for 3 of 300 rows" in text
