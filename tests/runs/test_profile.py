"""Segments that somebody else made: odd columns are refused, gaps are counted."""

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.errors import DataError
from segmentry.runs.profile import profile

RECIPE = sg.Recipe.from_toml("""
[source]
measured = 2024-06-30
[features.age]
column = "age"
edges = [40]
[outcomes.money]
role = "amounts"
measured = [2023-01-01, 2023-12-31]
columns = ["net"]
""")


def customers(segment) -> pd.DataFrame:
    random = np.random.default_rng(1)
    n = len(segment)
    net = random.normal(20, 30, n).round()
    return pd.DataFrame({"s": segment, "age": random.integers(18, 80, n), "net": net})


def test_customers_without_a_segment_are_left_out_and_counted():
    result = profile(customers(["a"] * 60 + [None] * 7 + ["b"] * 33), RECIPE, "s")
    assert [s.size for s in result.segments] == [60, 33]
    assert [(s.step, s.n_rows) for s in result.cleaning.steps] == [("segment_missing", 7)]
    assert result.cleaning.steps[0].why == "s has no value, so they are in no segment"


def test_a_feature_may_be_called_segment_too():
    recipe = sg.Recipe.from_toml("""
[features.segment]
column = "age"
edges = [40]
[features.segment_]
column = "net"
edges = [20]
""")
    result = profile(customers(["a"] * 60 + [None] * 7 + ["b"] * 33), recipe, "s")
    assert [s.size for s in result.segments] == [60, 33]
    assert [f.name for f in result.patterns.features] == ["segment", "segment_"]
    assert result.cleaning.steps[0].why == "s has no value, so they are in no segment"
    with pytest.raises(DataError, match="^--segment-column nowhere"):
        profile(customers(["a"] * 100), recipe, "nowhere")


def test_a_column_that_is_not_there_is_named_as_it_was_given():
    with pytest.raises(
        DataError, match=r"--segment-column cluster: the table has no column 'cluster'; known: s, "
    ):
        profile(customers(["a"] * 60), RECIPE, "cluster")


def test_a_flag_of_other_words_is_not_to_be_counted():
    """Its words are no numbers, so the advice that is given for 0 to 3 is not."""
    recipe = sg.Recipe.from_toml(RECIPE.to_toml() + '[outcomes.o]\nrole = "flags"\ncolumns = ["word"]\n')
    frame = customers(["a"] * 60).assign(word=["yes", "no", "maybe"] * 20)
    with pytest.raises(DataError, match=r"yes/no: 'maybe' \(20\); recode it in a clean step$"):
        profile(frame, recipe, "s")


def test_a_column_of_ids_holds_no_segments():
    with pytest.raises(
        DataError, match="--segment-column s: 500 different values; 100 segments are the most"
    ):
        profile(customers([f"c{i}" for i in range(500)]), RECIPE, "s")


def test_a_column_without_values_holds_no_segments():
    with pytest.raises(DataError, match="no customer is left of 20 rows; dropped by segment_missing 20"):
        profile(customers(pd.array([None] * 20, dtype="string")), RECIPE, "s")


def test_what_is_odd_about_outcomes_is_said():
    frame = customers(["a"] * 60 + ["b"] * 33 + ["c"] * 4)
    result = profile(frame, RECIPE, "s")
    notes = {n.kind: n.text for n in result.notes}
    assert notes["timing"] == "net: measured before the features: the segments cannot have led to it."
    assert f"{(frame['net'] < 0).sum()} customers have a value below 0" in notes["negative"]
    assert "fewer than 10 customers" in notes["small"]
    assert set(result.outcomes["timing"]) == {"before"}
    assert result.outcomes["is_small"].tolist() == [False, False, True]


def test_notes_and_findings_of_strata_that_count_nobody_survive_saving(tmp_path):
    result = profile(customers(["a"] * 60 + ["b"] * 33), RECIPE, "s")
    result.save(tmp_path / "s.json")
    loaded = sg.load(tmp_path / "s.json")
    kept = [note for note in result.notes if note.kind in ("timing", "reversal")]
    assert list(loaded.notes[:-1]) == kept
    assert loaded.notes[-1].kind == "withheld"
    assert 0 < len(kept) < len(result.notes)
    assert loaded.n_comparisons == result.n_comparisons == 2
    names = ["segment", "outcome", "feature", "finding"]
    pd.testing.assert_frame_equal(loaded.strata[names], result.strata[names], check_dtype=False)
    assert loaded.strata.drop(columns=names).select_dtypes("number").isna().all().all()
