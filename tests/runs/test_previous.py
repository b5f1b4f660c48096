"""A refit keeps the numbers and names of the segments that survive, and says who moves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from commands import segmentry
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households

pytestmark = pytest.mark.usefixtures("few_null_tables", "no_own_pictures")

ROWS = sample_households(rows=3_000, seed=21)
NAMES = ["One", "Two", "Three", "Four"]


@pytest.fixture(scope="module")
def before() -> sg.Segmentation:
    """Four segments whose numbers are not those of their sizes, under names of their own."""
    result = sg.run(ROWS, HOUSEHOLDS, 4)
    order = np.array([2, 0, 3, 1])
    segments = tuple(replace(result.segments[old], id=i + 1, name=NAMES[i]) for i, old in enumerate(order))
    labels = np.argsort(order)[result.labels]
    return replace(result, segments=segments, labels=labels, core=result.core.reordered(order))


def test_the_same_customers_keep_every_number_and_name(before: sg.Segmentation) -> None:
    again = sg.run(ROWS, HOUSEHOLDS, 4, seed=5, previous=before)
    assert [(s.id, s.name, s.size) for s in again.segments] == [
        (s.id, s.name, s.size) for s in before.segments
    ]
    assert all(s.conditions == () and s.name_share is None for s in again.segments)  # somebody named them
    assert not again.migration["moves"].any()
    assert again.migration["customers"].sum() == 3_000
    assert "4 of 4 previous segments survive; none of 3,000 earlier customers moves" in again.choice.reason
    assert [t.segment for t in again.insights.texts] == [1, 2, 3, 4]
    assert set(again.features["segment"]) == set(again.outcomes["segment"]) == {1, 2, 3, 4}


def test_other_customers_keep_the_numbers_too(before: sg.Segmentation, tmp_path: Path) -> None:
    """By a saved file, which holds the patterns of five customers or more."""
    later = sample_households(rows=2_500, seed=22)
    again = sg.run(later, HOUSEHOLDS, 4, previous=before.save(tmp_path / "s.json"))
    assert [s.name for s in again.segments] == NAMES
    total = again.migration["customers"].sum()
    assert 2_000 < total < 3_000
    shares = again.migration.groupby("previous_segment")["share"].sum()
    np.testing.assert_allclose(shares, 1)
    moved = again.migration.loc[again.migration["moves"], "customers"].sum()
    said = f"{moved:,.0f} of {total:,.0f} earlier customers move" if moved else "none of"
    assert (said if moved >= 5 or moved == 0 else "fewer than 5 of") in again.choice.reason


@pytest.mark.parametrize("method", ["latent-class", "k-modes", "k-means"])
def test_every_file_and_every_way_of_assigning_has_the_kept_numbers(
    before: sg.Segmentation, tmp_path: Path, method: str
) -> None:
    again = sg.run(ROWS, HOUSEHOLDS, 5, method, previous=before, out=tmp_path / "out")
    sizes = {s.id: s.size for s in again.segments}
    assert list(sizes) == [1, 2, 3, 4, 5]
    counted = again.features[again.features["feature"] == again.features["feature"].iloc[0]]
    known = counted.groupby("segment")["count"].sum()
    assert (known <= pd.Series(sizes)).all()
    assert known.sum() > 2_000
    written = pd.read_parquet(tmp_path / "out" / "assignments.parquet")["segment"]
    assert written.value_counts().to_dict() == sizes
    loaded = sg.load(tmp_path / "out" / "segmentation.json")
    assert [(s.id, s.name) for s in loaded.segments] == [(s.id, s.name) for s in again.segments]
    assert loaded.assign(ROWS)["segment"].value_counts().to_dict() == sizes
    assert loaded.verify().is_equal
    assert loaded.drift(ROWS).verdict.kind == "stable"
    assert set(pd.read_csv(tmp_path / "out" / "migration.csv")["segment"]) <= set(sizes)
    kept = again.migration.loc[~again.migration["moves"]]
    assert (kept["previous_name"] == kept["name"]).all()


def test_segments_that_nobody_matches_get_free_numbers(before: sg.Segmentation) -> None:
    again = sg.run(ROWS, HOUSEHOLDS, 6, previous=before)
    assert [s.id for s in again.segments] == [1, 2, 3, 4, 5, 6]
    assert len({s.name for s in again.segments}) == 6
    stay = again.migration[~again.migration["moves"]]
    assert (stay["previous_segment"] == stay["segment"]).all()
    fresh = set(range(1, 5)) - set(stay["segment"])
    for number in fresh:
        assert f"segment {number} is new and not the previous segment {number}" in again.choice.reason


def test_segments_beyond_the_last_number_say_which_they_were(before: sg.Segmentation) -> None:
    again = sg.run(ROWS, HOUSEHOLDS, 2, previous=before)
    assert [s.id for s in again.segments] == [1, 2]
    assert "gone" in again.choice.reason
    stay = again.migration[~again.migration["moves"]]
    for old, new in zip(stay["previous_segment"], stay["segment"], strict=True):
        assert old == new or f"previous segment {old} is now segment {new}" in again.choice.reason


def test_the_first_screen_shows_kept_numbers_with_their_own_shares(
    before: sg.Segmentation, tmp_path: Path
) -> None:
    """Kept numbers are not in the order of sizes."""
    again = sg.run(ROWS, HOUSEHOLDS, 4, previous=before)
    shares = [s.share for s in again.segments]
    assert shares != sorted(shares, reverse=True)
    text = again.report(tmp_path / "r.html").read_text()
    assert all(f'width:{s.share * 100:.2f}%">{s.id}</i>' in text for s in again.segments)


def test_other_features_or_levels_are_refused(before: sg.Segmentation) -> None:
    recipe = HOUSEHOLDS
    fewer = recipe.model_copy(update={"features": recipe.features[:-1]})
    with pytest.raises(sg.DataError, match="the same features"):
        sg.run(ROWS, fewer, 2, previous=before)
    income = recipe.features[0].model_copy(update={"edges": (30_000, 50_000), "labels": None})
    other = recipe.model_copy(update={"features": (income, *recipe.features[1:])})
    with pytest.raises(sg.DataError, match=r"features\.income: the level .* the same levels"):
        sg.run(ROWS, other, 2, previous=before)


def test_the_command_says_who_moves(before: sg.Segmentation, tmp_path: Path) -> None:
    before.save(tmp_path / "s.json")
    ROWS.to_parquet(tmp_path / "rows.parquet")
    (tmp_path / "recipe.toml").write_text(HOUSEHOLDS.to_toml(), encoding="utf-8")
    arguments = ("--segments", 4, "--previous", tmp_path / "s.json", "--out", tmp_path / "out")
    done = segmentry("run", tmp_path / "rows.parquet", "-r", tmp_path / "recipe.toml", *arguments)
    assert "4 of 4 previous segments survive" in done.stdout
    assert "  1  One: " in done.stdout
    assert "4 of 4 previous segments survive" in (tmp_path / "out" / "report.html").read_text()
