"""The suite of checks, run by pointblank: it passes where nothing was found, and fails where something was."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import yaml

import segmentry as sg
from commands import segmentry
from nasty import NASTY
from segmentry.datasets import sample_households
from segmentry.recipe import Recipe

N = 400
RECIPE: dict[str, Any] = {
    "source": {"id": "customer_id"},
    "clean": [{"step": "town", "replace": {"column": "city", "values": [["Ry ", "Ry"]]}}],
    "features": {
        "city": {"column": "city", "levels": ["Aarhus", "Odense", "Ry"]},
        "tier": {"column": "tier", "groups": {"low": ["a", "b"]}, "rest": "high"},
        "spend": {"column": "spend", "edges": [50]},
    },
}


def failed(checks: str, table: Any) -> dict[tuple[str, str], str]:
    """Steps that warn, by method and column, with the level that they reach."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries that pointblank loads
        import pointblank as pb
    done = pb.yaml_interrogate(checks, set_tbl=table).validation_info
    assert not [step for step in done if step.eval_error]
    return {
        (step.assertion_type, step.column if isinstance(step.column, str) else ",".join(step.column or ())): (
            "error" if step.error else "warning"
        )
        for step in done
        if step.warning or step.error
    }


def steps_of(checks: str, method: str = "") -> list[dict[str, Any]]:
    steps = yaml.safe_load(checks)["steps"]
    return [takes for step in steps for name, takes in step.items() if method in ("", name)]


def customers() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "customer_id": np.arange(N) + 1000,
            "city": rng.choice(["Aarhus", "Odense"], N),
            "tier": rng.choice(["a", "b", "c"], N),
            "spend": rng.gamma(4, 20, N).round(2),
            "visits": np.where(rng.random(N) < 0.1, np.nan, rng.poisson(3, N)),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, N), unit="D"),
            "is_member": rng.random(N) < 0.5,
        }
    )


@pytest.fixture(scope="module")
def ugly() -> tuple[pd.DataFrame, sg.Audit]:
    t = customers()
    t.loc[0, "customer_id"] = 1001
    t.loc[:5, "visits"] = 999
    t.loc[0, "spend"] = 1_234_567.0
    t.loc[:1, "city"] = "Yolo-on-Sea"
    t.loc[2:9, "city"] = "aarhus"
    t.loc[10:19, "city"] = "unknown"
    t.loc[20:21, "since"] = pd.Timestamp("1900-01-01")
    t["turnover"] = [f"€ {v:,.2f}" for v in t["spend"]]
    t["mail"] = [f"person{i}@example.org" for i in range(N)]
    return t, sg.audit(t)


@pytest.mark.parametrize("as_library", [pd.DataFrame, pl.from_pandas], ids=["pandas", "polars"])
def test_the_sample_passes(as_library: Any) -> None:
    table = sample_households(rows=500, seed=1)
    audit = sg.audit(table)
    assert {f.severity for f in audit.findings} <= {"know"}
    assert failed(audit.to_checks(), as_library(table)) == {}


@pytest.mark.parametrize("as_library", [pd.DataFrame, pl.from_pandas], ids=["pandas", "polars"])
def test_what_was_found_fails_with_its_text_and_nothing_else(
    ugly: tuple[pd.DataFrame, sg.Audit], as_library: Any
) -> None:
    table, audit = ugly
    assert failed(audit.to_checks(), as_library(table)) == {
        ("rows_distinct", "customer_id"): "error",
        ("col_vals_between", "spend"): "warning",
        ("col_vals_ne", "visits"): "error",
        ("col_vals_ne", "city"): "error",
        ("col_vals_in_set", "city"): "error",
        ("col_vals_gt", "since"): "warning",
        ("col_schema_match", ""): "error",
    }
    briefs = " ".join(step["brief"] for step in steps_of(audit.to_checks()))
    checked = {"duplicated_id", "far_outlier", "missing_code", "rare_categories", "near_duplicate_categories"}
    told = [f for f in audit.findings if f.kind in checked | {"numbers_as_text"}]
    assert len(told) == 8
    assert all((f.summary or f.title) in briefs for f in told)
    assert "# Findings without a check: personal_data.\n" in audit.to_checks()


def test_the_repaired_table_passes(ugly: tuple[pd.DataFrame, sg.Audit]) -> None:
    repaired = customers().assign(turnover=1.5, mail="")
    assert failed(ugly[1].to_checks(), repaired) == {}


def test_no_value_of_few_customers_is_written(ugly: tuple[pd.DataFrame, sg.Audit]) -> None:
    written = ugly[1].to_checks()
    assert "Yolo" in ugly[1].to_json()
    assert not [text for text in ("Yolo", "1234567", "1,234,567", "person1", "1001") if text in written]
    few = customers()
    few.loc[:2, "tier"] = ["d", "d", "e"]
    checks = sg.audit(few.head(150)).to_checks()  # too few rows for a finding
    assert failed(checks, few.head(150)) == {}
    assert [step["set"] for step in steps_of(checks, "col_vals_in_set") if step["columns"] == ["tier"]] == [
        [*few["tier"].head(150).value_counts().index[:3], None]
    ]


def test_what_goes_wrong_tomorrow_is_seen() -> None:
    checks = sg.audit(customers()).to_checks()
    later = customers()
    later.loc[0, "customer_id"] = 1001
    later.loc[0, "city"] = "Ry"
    later.loc[0, "spend"] = -50
    later.loc[:199, "visits"] = np.nan
    later.loc[0, "since"] = pd.Timestamp("2999-01-01")
    later = later.drop(columns="is_member").assign(is_member="yes")
    assert failed(checks, later) == {
        ("rows_distinct", "customer_id"): "error",
        ("col_vals_in_set", "city"): "warning",
        ("col_vals_between", "spend"): "warning",
        ("col_vals_not_null", "visits"): "error",
        ("col_vals_le", "since"): "warning",
        ("col_schema_match", ""): "error",
    }


def test_a_recipe_says_which_columns_and_which_values() -> None:
    recipe = Recipe.from_dict(RECIPE)
    checks = sg.audit(customers(), recipe).to_checks(recipe)
    assert failed(checks, customers()[["customer_id", "city", "tier", "spend"]]) == {}
    other = customers().assign(tier="z")  # of a rest
    other["city"] = other["city"].replace("Odense", "Ry ")  # rewritten in a cleaning step
    assert failed(checks, other) == {}
    assert failed(checks, customers().replace({"city": {"Odense": "Vejle"}})) == {
        ("col_vals_in_set", "city"): "error"
    }


def test_every_name_and_value_stays_a_text() -> None:
    names = [text for text in NASTY if text.strip() == text and "\x00" not in text][::12]
    table = pd.DataFrame(
        {name: np.resize(np.array(NASTY[i::12], object), 120) for i, name in enumerate(names)}
    )
    audit = sg.audit(table)
    checks = audit.to_checks()
    steps = steps_of(checks, "col_vals_in_set")
    assert [step["columns"][0] for step in steps] == names
    for step in steps:
        assert {*step["set"]} == {*table[step["columns"][0]], None}
    unknown = {("col_vals_ne", f.column): "error" for f in audit.findings if f.kind == "missing_code"}
    assert failed(checks, pl.from_pandas(table)) == unknown
    assert all(character.isprintable() or character == "\n" for character in checks.replace("\xa0", ""))


@pytest.mark.parametrize("name", ["*", "^.*$"])
def test_a_name_that_polars_takes_for_several_columns_spoils_no_other_check(name: str) -> None:
    table = customers().assign(**{name: "x"})
    checks = sg.audit(pd.concat([table, table.head(3)])).to_checks()
    assert f"# Columns whose names polars takes for several, without a check: {name}.\n" in checks
    assert {c["columns"][0] for c in steps_of(checks, "col_vals_in_set")} >= {"city"}
    assert failed(checks, pl.from_pandas(table)) == {}
    worse = table.assign(city="Nowhere")
    assert ("col_vals_in_set", "city") in failed(checks, pl.from_pandas(worse))


def test_the_command_writes_them_and_replaces_no_other_file(tmp_path: Path) -> None:
    customers().head(60).to_csv(tmp_path / "t.csv", index=False)
    place = tmp_path / "checks.yaml"
    place.write_text("mine: true\n", encoding="utf-8")
    told = ("audit", tmp_path / "t.csv", "--out", tmp_path / "o", "--checks", place)
    assert "holds no checks of segmentry" in segmentry(*told, code=2).stderr
    assert not (tmp_path / "o").exists()
    place.unlink()
    assert f"Checks: {place}" in segmentry(*told).stdout
    assert failed(str(place), pl.read_csv(tmp_path / "t.csv", try_parse_dates=True)) == {}
    segmentry(*told)
