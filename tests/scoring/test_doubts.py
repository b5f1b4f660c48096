"""Warnings about customers who are other than those who made the segments."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.cli import app
from segmentry.datasets import sample_households
from segmentry.runs.score import score

pytestmark = pytest.mark.usefixtures("few_null_tables")

NEW = sample_households(rows=400, seed=11)


@pytest.fixture(scope="module")
def segmentation(households: dict[str, sg.Segmentation]) -> sg.Segmentation:
    return households["latent-class"]


def warned(segmentation: sg.Segmentation, rows: Any, folder: Path) -> tuple[str, ...]:
    return score(segmentation, rows, folder / "scores.csv").warnings


def test_customers_like_those_who_made_the_segments_give_none(segmentation, tmp_path):
    assert warned(segmentation, NEW, tmp_path) == ()


def test_a_column_without_any_value_is_named(segmentation, tmp_path):
    said = warned(segmentation, NEW.assign(Marital_Status=None), tmp_path)
    assert said[0].startswith(
        "Marital status (features.marital_status) has no value for any of the 400 customers"
    )


def test_values_in_no_level_are_counted(segmentation, tmp_path):
    odd = NEW.copy()
    odd.loc[odd.index[:40], "Marital_Status"] = "Widowed twice"
    said = warned(segmentation, odd, tmp_path)
    assert said[0].startswith(
        "40 customers (10.0\xa0%) have a value of Marital status (features.marital_status)"
    )
    assert len(said) == 1  # that these do not fit goes without saying
    odd.loc[odd.index[4:], "Marital_Status"] = "Married"
    assert not any("no level" in text for text in warned(segmentation, odd, tmp_path))


def test_values_in_no_level_that_were_there_before_give_none(make, tmp_path):
    recipe = HOUSEHOLDS
    changed = [
        f.model_copy(update={"unseen": "missing"}) if f.name == "marital_status" else f
        for f in recipe.features
    ]
    rows = sample_households(rows=1_500, seed=5)
    rows.loc[rows.index[::5], "Marital_Status"] = "Widowed twice"
    made = make(rows, recipe.model_copy(update={"features": tuple(changed)}), "k-modes", 3)
    assert warned(made, rows.tail(400), tmp_path) == ()
    rows.loc[rows.index[::2], "Marital_Status"] = "Widowed twice"
    said = warned(made, rows.tail(400), tmp_path)
    assert [text.split(" have a value")[0] for text in said] == ["240 customers (60.0\xa0%)"]


def test_customers_who_do_not_fit_are_counted(segmentation, tmp_path):
    far = NEW.assign(Income=NEW["Income"].to_numpy()[::-1], Education="Basic", Year_Birth=1993)
    said = warned(segmentation, far, tmp_path)
    assert any("do not fit, where at most 1\xa0%" in text for text in said)


def test_a_level_of_missing_values_that_everybody_is_in_is_named(make, tmp_path):
    recipe = HOUSEHOLDS
    changed = [
        f.model_copy(update={"missing": "level"}) if f.name == "marital_status" else f
        for f in recipe.features
    ]
    rows = sample_households(rows=1_500, seed=5)
    rows.loc[rows.index[:300], "Marital_Status"] = None
    made = make(rows, recipe.model_copy(update={"features": tuple(changed)}), "k-modes", 3)
    assert warned(made, rows.tail(400), tmp_path) == ()
    said = warned(made, NEW.assign(Marital_Status=None), tmp_path)
    assert "has no value for any of the 400 customers" in said[0]


def test_assign_warns_too(segmentation):
    with pytest.warns(sg.SegmentryWarning, match=r"has no value for any .* `drift` says what moved"):
        segmentation.assign(NEW.assign(Marital_Status=None))


def test_the_share_of_then_is_said_where_it_is_known(tmp_path):
    made = sg.run(sample_households(rows=1_500, seed=5), HOUSEHOLDS, segments=3)
    said = warned(made, NEW.assign(Marital_Status=None), tmp_path)
    assert "400 customers; 0\xa0% had none when the segments were made" in said[0]


def test_the_command_says_the_next_step(segmentation, tmp_path):
    model = segmentation.save(tmp_path / "segmentation.json")
    NEW.assign(Marital_Status=None).to_csv(tmp_path / "new.csv", index=False)
    arguments = ["score", str(model), str(tmp_path / "new.csv"), "--out"]
    done = CliRunner().invoke(app, [*arguments, str(tmp_path / "scores.parquet")])
    assert done.exit_code == 0, done.output
    assert "Warning: Marital status (features.marital_status) has no value" in done.output
    assert f"Next: segmentry drift {model} {tmp_path / 'new.csv'} says what moved" in done.output
    assert "For a list that a spreadsheet opens: --out scores.csv" in done.output
    done = CliRunner().invoke(app, [*arguments, f"duckdb:///{tmp_path}/scores.duckdb?table=s"])
    assert "spreadsheet" not in done.output


def test_a_history_that_loses_a_quarter_of_its_customers_is_doubted_and_mended(tmp_path: Path) -> None:
    rows = sample_households(rows=800, seed=2)
    model, table = sg.run(rows, HOUSEHOLDS, segments=3), f"duckdb:///{tmp_path}/scores.duckdb?table=s"
    keep = partial(sg.score, model, out=table, history=True)
    assert keep(rows, as_of=datetime(2026, 1, 1)).warnings == ()
    assert keep(rows.head(700), as_of=datetime(2026, 1, 2)).warnings == ()
    (said,) = keep(rows.head(300), as_of=datetime(2026, 1, 3)).warnings
    assert said.startswith(
        "400 of 700 customers of the history are not in the table, so their rows have ended"
    )
    when = datetime.fromisoformat(said.split(" as of ")[1].split(" ")[0])
    assert keep(rows.head(700), as_of=when).warnings == ()
    with duckdb.connect(f"{tmp_path}/scores.duckdb") as connection:
        rows_kept = connection.execute(
            "SELECT count(*), count(*) FILTER (valid_to IS NULL) FROM s"
        ).fetchone()
    assert rows_kept == (800, 700)
