"""Who moves between two segmentations is what assigning every customer by both says, however it is counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from few_tables import few_tables
from segmentry.errors import DataError
from segmentry.runs.live import LiveSource, live_source
from segmentry.runs.moved import Moved, moved, moved_between
from segmentry.segmentation import Segmentation
from visitors import write_shop


def changed(recipe: sg.Recipe, **features: dict[str, Any]) -> sg.Recipe:
    content = recipe.to_dict()["features"]
    return recipe.with_(features=[{**f, **features.get(f["name"], {})} for f in content])


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def live(shop: Path) -> Iterator[LiveSource]:
    recipe = sg.Recipe.load(shop / "shop.toml")
    with few_tables(), live_source(shop / "shop.csv", recipe) as source:
        assert source.refine([recipe])
        yield source


def segments(live: LiveSource, recipe: sg.Recipe) -> Segmentation:
    return live.whole_run(live.customers(recipe), lambda _: None)


@pytest.fixture(scope="module")
def first(live: LiveSource, shop: Path) -> Segmentation:
    return segments(live, sg.Recipe.load(shop / "shop.toml"))


def crossed(one: Segmentation, other: Segmentation, data: Path) -> np.ndarray[Any, Any]:
    """Count the customers in both segments of each pair, by assigning each of them twice."""
    both = pd.merge(one.assign(data), other.assign(data), on="ID").dropna(subset=["segment_x", "segment_y"])
    table = pd.crosstab(both["segment_x"].astype(int), both["segment_y"].astype(int))
    rows, columns = range(1, len(one.segments) + 1), range(1, len(other.segments) + 1)
    return table.reindex(index=rows, columns=columns, fill_value=0).to_numpy()


@pytest.mark.parametrize(
    "change",
    [
        {"education": {"groups": {"Less": ["basic", "graduation"], "More": ["master", "2n cycle", "phd"]}}},
        {"income": {"edges": [31_234, 52_345], "labels": None}},
        {"income": {"missing": "level"}, "birth_year": {"distribution": "ordered"}},
    ],
)
def test_counts_are_those_of_assigning_everybody_twice(
    live: LiveSource, first: Segmentation, shop: Path, change: dict[str, Any]
) -> None:
    other = segments(live, changed(first.recipe, **change))
    found = live.moved(first, other)
    assert found.overlap.tolist() == crossed(first, other, shop / "shop.csv").tolist()
    assert found.n_apart == 0


def test_finer_levels_and_the_table_say_the_same(live: LiveSource, first: Segmentation) -> None:
    recipe = sg.Recipe.load("households").with_(model={"range": [1, 3]})
    other = segments(live, recipe.with_(features=recipe.to_dict()["features"][1:]))
    assert live._fine is not None
    by_levels = moved_between(first, other, live._fine, None)
    by_table = moved_between(first, other, None, live._source.engine)
    assert by_levels.overlap.tolist() == by_table.overlap.tolist()
    assert by_levels.overlap.sum() == first.n_customers


def test_customers_that_one_of_the_two_drops_are_counted_apart(live: LiveSource, first: Segmentation) -> None:
    steps = [s for s in first.recipe.to_dict()["clean"] if s["step"] != "plausible_income"]
    other = segments(live, first.recipe.with_(clean=steps))
    found = live.moved(first, other)
    assert found.n_customers == first.n_customers <= other.n_customers


def test_another_meaning_of_values_cannot_be_compared(live: LiveSource, first: Segmentation) -> None:
    step = {"step": "phd", "replace": {"column": "Education", "values": [["PhD", "Master"]]}}
    other = segments(live, first.recipe.with_(clean=[*first.recipe.to_dict()["clean"], step]))
    with pytest.raises(DataError, match="replace values of the table differently"):
        live.moved(first, other)


def test_nobody_moves_to_the_same_segments_and_chance_moves_most() -> None:
    same = np.diag([50.0, 30.0, 20.0])
    assert moved(same) == ((0, 1, 2), 0.0)
    found = Moved(same, (0, 1, 2))
    assert found.share == 0
    assert found.share_by_chance == pytest.approx(1 - (0.5**2 + 0.3**2 + 0.2**2))
    unrelated = Moved(np.outer([50, 50], [60, 40]) / 100.0, moved(np.outer([50, 50], [60, 40]))[0])
    assert unrelated.share == pytest.approx(unrelated.share_by_chance) == pytest.approx(0.5)
    assert moved(np.array([[5.0, 5.0, 90.0]]))[0] == (2,)
    assert moved(np.array([[5.0], [95.0]]))[0] == (-1, 0)
