"""The command, its exit codes, its files, and mistakes that leave nothing behind."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

import segmentry as sg
from commands import segmentry, segmentry_process
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households
from segmentry.runs.profile import profile
from segmentry.text.numbers import percent

pytestmark = pytest.mark.usefixtures("few_null_tables")


@pytest.fixture(scope="module")
def saved(model: sg.Segmentation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model.save(tmp_path_factory.mktemp("model") / "segmentation.json")


def drift(*arguments: object, code: int) -> subprocess.CompletedProcess[str]:
    return segmentry("drift", *arguments, code=code)


def test_stable_customers_end_with_0_and_both_files(saved: Path, tmp_path: Path) -> None:
    data = tmp_path / "new.parquet"
    sample_households(rows=2_000, seed=77).to_parquet(data)
    done = segmentry_process("drift", saved, data, "--out", tmp_path / "out", code=0)
    first, verdict, *moved, last = done.stdout.splitlines()[:-1]
    assert first == "2,000 customers compared with 4,000"
    assert verdict.startswith("Verdict: stable.")
    assert [line.partition(":")[0] for line in moved] == ["Segments", "Features", "Outcomes"]
    assert "(chance alone gives up to " in moved[0]
    assert "no further than by chance" in moved[2]
    assert last.startswith("Next: nothing to do")
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "drift.html",
        "drift.json",
        "segmentry-files.json",
    }
    content = json.loads((tmp_path / "out" / "drift.json").read_text())
    assert (content["verdict"], content["exit_code"], content["n_new"]) == ("stable", 0, 2_000)
    assert sum(content["segments"]["new"]) == pytest.approx(1)
    text = (tmp_path / "out" / "drift.html").read_text()
    assert "default-src 'none'" in text
    assert "http" not in text.replace("http-equiv", "")


@pytest.mark.parametrize(("share", "code", "word"), [(0.03, 3, "shifting"), (0.2, 4, "refit")])
def test_shifts_end_with_3_and_4(share: float, code: int, word: str, saved: Path, tmp_path: Path) -> None:
    rows = sample_households(rows=2_000, seed=78)
    rows.loc[rows.index[: int(share * 2_000)], "Education"] = "<b>Kinder & Garten</b>"
    rows.to_csv(tmp_path / "new.csv", index=False)
    done = drift(saved, tmp_path / "new.csv", "--out", tmp_path / "out", code=code)
    assert f"Verdict: {word}. {percent(share)} of the customers have a value in Education" in done.stdout
    assert (
        "Next: keep the segments"
        if code == 3
        else f"Next: make the segments again: segmentry run ... --previous {saved}"
    ) in done.stdout
    assert len(done.stdout.splitlines()) <= 10
    assert "<b>Kinder" not in (tmp_path / "out" / "drift.html").read_text()


def test_outcomes_can_be_left_out(saved: Path, tmp_path: Path) -> None:
    rows = sample_households(rows=1_000, seed=79).drop(columns="MntWines")
    rows.to_csv(tmp_path / "new.csv", index=False)
    done = drift(saved, tmp_path / "new.csv", "--out", tmp_path / "out", code=2)
    assert "'MntWines'" in done.stderr
    assert "--no-outcomes" in done.stderr
    drift(saved, tmp_path / "new.csv", "--no-outcomes", code=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.drop(columns="Income"), "the table has no column 'Income'"),
        (
            lambda rows: rows.assign(Income="much"),
            "'Income' held numbers when the segments were made, and holds text here",
        ),
    ],
)
def test_data_that_do_not_fit_are_one_line_and_leave_nothing(
    change: object, message: str, saved: Path, tmp_path: Path
) -> None:
    change(sample_households(rows=100, seed=80)).to_csv(tmp_path / "new.csv", index=False)  # type: ignore[operator]
    done = drift(saved, tmp_path / "new.csv", "--out", tmp_path / "out", code=2)
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["new.csv"]


def test_a_header_without_rows_is_said(saved: Path, tmp_path: Path) -> None:
    """The columns of such a file are text, which expressions of the recipe cannot add up."""
    sample_households(rows=10, seed=80).head(0).to_csv(tmp_path / "new.csv", index=False)
    done = drift(saved, tmp_path / "new.csv", "--out", tmp_path / "out", code=2)
    assert "new.csv: the table has no rows" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_model_of_a_newer_schema_or_damaged_is_refused(saved: Path, tmp_path: Path) -> None:
    content = json.loads(saved.read_text())
    for change, message in [
        ({"schema": 99}, "written by a newer segmentry"),
        ({"population": {"segments": [1]}}, "damaged"),
        ({"population": {"segments": [1]}, "fingerprint": ""}, "damaged"),
        ({"population": None, "fingerprint": ""}, "has no population to compare with"),
    ]:
        (tmp_path / "m.json").write_text(json.dumps(content | change))
        assert message in drift(tmp_path / "m.json", saved, code=2).stderr


def test_patterns_of_another_recipe_are_refused(model: sg.Segmentation) -> None:
    recipe = sg.Recipe.from_toml('[features.town]\ncolumn = "Education"\n')
    other = sg.collect(sample_households(rows=300, seed=1), recipe)
    with pytest.raises(sg.DataError, match="use the same recipe"):
        model.drift(other)


def test_given_segments_have_no_drift() -> None:
    rows = sample_households(rows=300, seed=1)
    given = profile(rows.assign(mine=rows["Education"]), "households", "mine")
    with pytest.raises(sg.ModelError, match="given segments have no model, so drift cannot be measured"):
        given.drift(rows)


@pytest.mark.parametrize("method", ["k-modes", "k-means"])
def test_distances_have_drift_too(method: str) -> None:
    result = sg.run(sample_households(rows=2_000, seed=2), HOUSEHOLDS, 4, method)
    assert result.drift(sample_households(rows=2_000, seed=3)).verdict.kind == "stable"
    mixed = sample_households(rows=20_000, seed=4)
    rng = np.random.default_rng(0)
    for columns in (["Income"], ["Year_Birth"], ["Education"], ["Marital_Status"], ["Kidhome", "Teenhome"]):
        mixed[columns] = mixed[columns].to_numpy()[rng.permutation(len(mixed))]
    found = result.drift(mixed)
    assert (found.verdict.kind, found.verdict.findings[0].about) == ("refit", "fit")
    odd = sample_households(rows=2_000, seed=5)
    odd.loc[odd.index[:200], "Marital_Status"] = None
    assert result.drift(odd).new.n_customers <= 2_000


def test_survey_weights_of_one_kind_change_no_share() -> None:
    rows = sample_households(rows=2_000, seed=4)
    weighted = HOUSEHOLDS.model_copy(update={"source": HOUSEHOLDS.source.model_copy(update={"weight": "w"})})
    later = sample_households(rows=1_000, seed=5)
    plain = sg.run(rows, HOUSEHOLDS, 3).drift(later)
    doubled = sg.run(rows.assign(w=2.5), weighted, 3).drift(later.assign(w=4.0))
    np.testing.assert_allclose(plain.segments.new, doubled.segments.new)
    assert plain.fit.loss == pytest.approx(doubled.fit.loss, abs=1e-6)
    assert doubled.new.n_effective == pytest.approx(1_000)
