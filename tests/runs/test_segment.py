"""The main job on the customer personality file and on generated households with a known truth."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS, few_segments
from segmentry.datasets import PLANTED, sample_households
from segmentry.profiling.outcomes import QUARTILES

pytestmark = pytest.mark.usefixtures("few_null_tables")

RANKED = ("p_value", "p_adjusted")  # amounts are compared by the ranks of their values, too
FILES = {
    "report.html", "segmentation.json", "segments.csv", "features.csv", "outcomes.csv", "selection.csv",
    "targeting.csv", "associations.csv", "ranking.csv", "gains.csv", "choices.csv", "comparison.csv", "rules.csv",
    "questions.csv", "strata.csv", "report.md", "report.json", "assignments.parquet", "queries.sql", "charts",
    "segmentry-files.json",
}  # fmt: skip


def test_the_customer_personality_file(customers: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = sg.run(customers, "customer-personality", out=out)
    assert {p.name for p in out.iterdir()} == FILES
    assert result.n_customers == 2_216
    assert [(s.step, s.what, s.n_rows) for s in result.cleaning.steps] == [("with_income", "dropped", 24)]
    bic = result.selection.set_index("k")["bic"]
    assert bic.loc[1:5].tolist() == pytest.approx([25859.0, 25206.2, 24891.4, 24909.1, 24985.7], abs=0.1)
    assert (result.choice.k, result.choice.is_asked) == (3, False)
    assigned = pd.read_parquet(out / "assignments.parquet")
    assert assigned["segment"].value_counts().to_dict() == {s.id: s.size for s in result.segments}
    assert list(assigned.columns) == ["ID", "segment", "certainty"]
    stems = {p.stem for p in (out / "charts").iterdir() if p.is_file()}
    assert {(out / "charts" / f"{s}{x}").stat().st_size > 1_000 for s in stems for x in (".svg", ".png")} == {
        True
    }


def test_the_original_analysis_with_k_means_reaches_a_better_optimum(customers: Path) -> None:
    result = sg.run(customers, "customer-personality-original", method="k-means", segments=4)
    best_of_50 = [11080.0, 8552.6, 7228.0, 6310.8, 5639.9, 5093.0, 4668.6, 4391.3, 4096.9, 3838.2]
    inertia = result.selection.set_index("k")["inertia"]
    assert inertia[4] <= 6310.6
    assert (inertia.loc[1:10] / best_of_50).max() <= 1.005
    assert len(result.segments) == 4


def test_a_k_modes_run_reaches_the_proved_optima(customers: Path) -> None:
    recipe = few_segments(sg.Recipe.load("customer-personality-original"))
    result = sg.run(customers, recipe, method="k-modes", segments=4)
    cost = result.selection.set_index("k")["cost"]
    assert cost[[3, 4]].tolist() == pytest.approx([4298.0, 3960.0])


def test_planted_segments_and_campaign_effects_are_found() -> None:
    rows = sample_households(rows=20_000, seed=3, truth=True)
    result = sg.run(rows, "households")
    assert result.choice.k == len(PLANTED.segments) == 4
    joined = result.assign(rows).merge(rows[["ID", "true_segment"]], on="ID")
    agreement = (joined["segment"] == joined["true_segment"]).mean()
    assert agreement > 0.8
    flags = result.outcomes[result.outcomes["outcome"] == PLANTED.null_campaign]
    assert (flags["p_adjusted"] > 0.05).all()
    contact = result.targeting[result.targeting["decision"] == "contact"]
    assert len(contact) == 1


def test_a_pattern_table_gives_the_same_segments_as_the_rows(tmp_path: Path) -> None:
    rows = sample_households(rows=3_000, seed=1)
    patterns = sg.collect(rows, "households")
    patterns.save(tmp_path / "p.parquet")
    from_rows = sg.run(rows, HOUSEHOLDS, segments=3)
    from_file = sg.run(tmp_path / "p.parquet", HOUSEHOLDS, segments=3, out=tmp_path / "out")
    by_rows = [*QUARTILES, *RANKED]  # they need the rows, and a pattern table has none
    pd.testing.assert_frame_equal(
        from_rows.outcomes.drop(columns=by_rows), from_file.outcomes.drop(columns=by_rows)
    )
    assert from_file.outcomes["median"].isna().all()
    assert from_rows.segments == from_file.segments
    assert not (tmp_path / "out" / "assignments.parquet").exists()


def test_regions_add_up() -> None:
    rows = sample_households(rows=3_000, seed=1)
    halves = [sg.collect(part, "households") for part in (rows[:1_100], rows[1_100:])]
    merged = halves[0].merge(halves[1])
    one, other = sg.run(rows, HOUSEHOLDS, segments=2), sg.run(merged, HOUSEHOLDS, segments=2)
    pd.testing.assert_frame_equal(one.features, other.features)
    by_rows = [*QUARTILES, *RANKED]
    pd.testing.assert_frame_equal(one.outcomes.drop(columns=by_rows), other.outcomes.drop(columns=by_rows))


def test_every_query_is_kept_and_runs_as_it_stands(customers: Path, tmp_path: Path) -> None:
    import duckdb

    result = sg.run(
        customers, few_segments(sg.Recipe.load("customer-personality")), segments=2, out=tmp_path / "out"
    )
    text = (tmp_path / "out" / "queries.sql").read_text()
    headers = [line for line in text.splitlines() if line.startswith("-- ")]
    numbered = [f"-- {i}. {q.purpose} " for i, q in enumerate(result.queries, 1)]
    assert [h[: len(n)] for h, n in zip(headers, numbered, strict=True)] == numbered
    alone = [
        q for q in result.queries if "pattern_segments" not in q.sql
    ]  # the others join the segments found
    assert 3 <= len(alone) < len(result.queries) == 9
    with duckdb.connect() as connection:
        assert connection.execute(alone[0].sql).fetchone() == (alone[0].rows,)  # the file is read once
        for query in alone[1:]:
            assert len(connection.sql(query.sql).fetchall()) == query.rows


def test_survey_weights_of_one_kind_change_no_share() -> None:
    rows = sample_households(rows=2_000, seed=4).assign(w=2.5)
    weighted = HOUSEHOLDS.model_copy(update={"source": HOUSEHOLDS.source.model_copy(update={"weight": "w"})})
    plain, doubled = sg.run(rows, HOUSEHOLDS, segments=3), sg.run(rows, weighted, segments=3)
    columns = ["segment", "feature", "level", "share", "base_share", "lift"]
    pd.testing.assert_frame_equal(plain.features[columns], doubled.features[columns])
    assert [s.size for s in plain.segments] == [s.size for s in doubled.segments]
    values = ["segment", "outcome", "n", "value", "low", "high", "lift", "mix"]
    pd.testing.assert_frame_equal(plain.outcomes[values], doubled.outcomes[values])


def test_a_second_run_leaves_no_file_of_the_first(tmp_path: Path) -> None:
    rows = sample_households(rows=600, seed=4)
    out = tmp_path / "out"
    sg.run(rows, HOUSEHOLDS, segments=3, out=out, excel=True, csv=True)
    first = {path.name for path in out.iterdir()}
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    bare = HOUSEHOLDS.model_copy(update={"outcomes": ()})
    sg.run(rows, bare, segments=2, out=out)
    left = {path.name for path in out.iterdir()}
    assert first - left >= {"report.xlsx", "assignments.csv", "outcomes.csv", "gains.csv"}
    assert "notes.txt" in left


def test_every_file_that_a_run_may_write_is_documented() -> None:
    from segmentry.runs.files import NAMES
    from segmentry.system.manifest import NAME

    text = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
    documented = {
        name
        for row in text.splitlines()
        if row.startswith("| `")
        for name in re.findall(r"`([\w.-]+)`", row.split("|")[1])
    }
    assert {name for name in documented if "." in name} == {*NAMES, NAME} - {"charts"}
