"""Fine levels from values: where numbers are cut, which values stay apart, and how many patterns that makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentry.collecting import finding
from segmentry.collecting.fine_levels import FeatureValues, estimate_patterns, fine, round_number, with_fine
from segmentry.collecting.matching import match_table
from segmentry.engine import open_engine
from segmentry.recipe import Feature, Recipe
from segmentry.recipe.levels import level_labels, shown_codes, shown_labels


def cuts(values: Any, edges: Sequence[float], n_levels: int = 64, closed: Any = "left") -> tuple[Any, ...]:
    feature = Feature(name="f", column="f", edges=tuple(edges), closed=closed)
    made = with_fine(feature, np.asarray(values, float), n_levels)
    return made.fine or made.edges


def counts(values: Any, at: Sequence[float], closed: str = "left") -> list[int]:
    side = "right" if closed == "left" else "left"
    return np.bincount(np.searchsorted(at, values, side=side), minlength=len(at) + 1).tolist()


def test_few_values_are_levels_of_their_own() -> None:
    assert cuts([0, 1, 2, 3, 3, 5], [2]) == (1, 2, 3, 5)
    assert cuts([0, 1, 2, 3, 3, 5], [2], closed="right") == (0, 1, 2, 3)
    assert cuts([0.5, 1, 1.5], [1]) == (1, 1.5)


def test_an_edge_between_two_values_is_their_cut() -> None:
    assert cuts([1, 2, 3], [1.5, 2.5]) == (1.5, 2.5)
    assert cuts([1, 2, 3], [-7, 1.5, 90]) == (-7, 1.5, 3, 90)


def test_quantile_cuts_are_round() -> None:
    values = np.random.default_rng(0).normal(50_000, 15_000, 20_000)
    found = cuts(values, [40_000], 32)
    assert 40_000 in found
    assert 28 <= len(found) <= 31
    assert all(isinstance(cut, int) and cut % 100 == 0 for cut in found)
    sizes = counts(values, found)
    assert max(sizes) < 2 * 20_000 / 32


@pytest.mark.parametrize("draw", ["normal", "lognormal", "standard_cauchy"])
def test_levels_at_both_ends_are_halved_where_customers_are_many(draw: str) -> None:
    values = getattr(np.random.default_rng(1), draw)(size=50_000)
    shares = np.array(counts(values, cuts(values, [np.median(values)]))) / len(values)
    assert 60 <= len(shares) <= 64
    assert shares[:7].cumsum() * 54 == pytest.approx(0.5 ** np.arange(5, -2, -1), rel=0.3)
    assert shares[:-8:-1].cumsum() * 54 == pytest.approx(0.5 ** np.arange(5, -2, -1), rel=0.3)
    assert shares[7:-7].max() < 1.6 / 54


def test_few_levels_are_of_equal_shares() -> None:
    values = np.random.default_rng(2).normal(size=20_000)
    shares = np.array(counts(values, cuts(values, [0.0], n_levels=8))) / len(values)
    assert shares == pytest.approx(1 / 8, rel=0.6)


@settings(max_examples=60)
@given(
    st.lists(st.floats(-1e9, 1e9) | st.integers(0, 5), min_size=1, max_size=200),
    st.lists(st.integers(-3, 9), min_size=1, max_size=5, unique=True).map(sorted),
    st.integers(4, 64),
    st.sampled_from(["left", "right"]),
)
def test_cuts_hold_all_edges_and_leave_no_level_empty_but_for_them(
    values: list[float], edges: list[int], n_levels: int, closed: str
) -> None:
    found = cuts(values, edges, n_levels, closed)
    assert set(edges) <= set(found)
    assert sorted(set(found)) == list(found)
    assert len(found) <= max(n_levels - 1, len(edges))
    empty = sum(n == 0 for n in counts(values, found, closed))
    assert empty <= sum(n == 0 for n in counts(values, edges, closed))


def test_many_equal_values_leave_their_level_alone() -> None:
    values = np.concatenate([np.zeros(600), np.random.default_rng(1).gamma(2, 30, 400)])
    found = cuts(values, [50])
    assert counts(values, found)[0] == 600
    assert len(found) > 20


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1.0, 1e6, 1e15])
def test_numbers_are_cut_at_any_scale(scale: float) -> None:
    found = cuts(np.random.default_rng(2).normal(3, 1, 500) * scale, [3 * scale], 16)
    assert len(found) >= 13


def test_numbers_in_a_narrow_range_far_from_zero_are_cut() -> None:
    found = cuts(1e9 + np.random.default_rng(2).normal(0, 1, 500), [1e9], 16)
    assert len(found) >= 13


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_a_round_number_lies_where_it_is_asked_for(low: float, width: float) -> None:
    high = low + width
    if low < high:
        assert low < round_number(low, high) <= high
        assert low <= round_number(low, high, "right") < high


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(1, 1e12))
def test_an_outlier_moved_to_any_place_beyond_the_last_cut_changes_no_cut(seed: int, beyond: float) -> None:
    values = np.random.default_rng(seed).lognormal(9, 1, 400)
    feature = Feature(name="f", column="f", edges=(8_000,))
    before = with_fine(feature, values, 64, least=5).fine
    moved = values.copy()
    moved[values.argmax()] = max(values.max(), before[-1]) + beyond
    assert with_fine(feature, moved, 64, least=5).fine == before


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.sampled_from([np.exp, np.cbrt, lambda v: v**3, lambda v: 2e5 * v - 7]))
def test_levels_hold_the_same_customers_of_any_increasing_transformation(seed: int, transformed: Any) -> None:
    """Cuts are round numbers, so that they lie a little elsewhere in the order of the customers."""
    values = np.random.default_rng(seed).normal(0, 2, 1_000)
    middles = []
    for numbers in (values, transformed(values)):
        level = np.searchsorted(cuts(numbers, [np.quantile(numbers, 0.3)]), numbers, side="right")
        ends = np.cumsum(np.bincount(level)) / len(numbers)
        middles.append((ends - np.bincount(level) / len(numbers) / 2)[level])
    assert np.abs(middles[0] - middles[1]).max() < 1.5 / 64


def test_values_of_groups_stay_apart_and_so_do_frequent_ones_of_the_rest() -> None:
    feature = Feature(
        name="f", column="f", groups={"Z": ("a", "b"), "A": ("c",)}, rest="Other", missing="level"
    )
    values = np.array(["a", "x", "x", "y", None, "Other", "Other", "Other"], object)
    made = with_fine(feature, values, 6)
    assert level_labels(made) == ("a", "b", "c", "'Other'", "x", "Other", "missing")
    assert [shown_labels(made)[i] for i in shown_codes(made)] == [
        "Z",
        "Z",
        "A",
        "Other",
        "Other",
        "Other",
        "missing",
    ]


def test_groups_of_ordered_features_stay_as_they_are() -> None:
    recipe = Recipe.from_toml(
        '[features.f]\ncolumn = "f"\ngroups = { low = [1, 2], high = [3, 4] }\nscale = "ordinal"\ndistribution = "ordered"'
    )
    found = FeatureValues({"f": np.array([1, 2, 3, 4])}, 4)
    assert fine(recipe, found).recipe == recipe


NUMBERS = Recipe.from_toml('[features.a]\ncolumn = "a"\nedges = [0]\n[features.b]\ncolumn = "b"\nedges = [0]')


def test_a_budget_makes_levels_fewer() -> None:
    rng = np.random.default_rng(3)
    values = {name: rng.normal(size=20_000) for name in "ab"}
    free = fine(NUMBERS, FeatureValues(values, 20_000), max_patterns=10_000)
    assert (free.n_levels, free.n_patterns is not None) == (64, True)
    tight = fine(NUMBERS, FeatureValues(values, 20_000), max_patterns=500)
    assert tight.n_levels == 16
    assert tight.n_patterns <= 500


def test_the_number_of_patterns_of_more_customers_is_estimated() -> None:
    rng = np.random.default_rng(4)
    values = {name: np.exp(rng.normal(size=400_000)) for name in "ab"}
    true = fine(NUMBERS, FeatureValues(values, 400_000), max_patterns=3_000)
    part = {name: v[:40_000] for name, v in values.items()}
    found = fine(NUMBERS, FeatureValues(part, 400_000), max_patterns=3_000)
    assert found.n_levels == true.n_levels < 64
    assert 0.9 * true.n_patterns < found.n_patterns < 1.2 * true.n_patterns


def test_the_estimate_is_that_of_any_order_of_the_customers() -> None:
    """The first half of a sorted table has half of its patterns, as if each customer brought another one."""
    values = np.random.default_rng(5).integers(0, 40, 20_000)
    recipe = Recipe.from_toml(f'[features.a]\ncolumn = "a"\nedges = {list(range(1, 40))}')
    for order in (values, np.sort(values)):
        assert estimate_patterns(recipe, FeatureValues({"a": order}, 100_000)) == 40


@pytest.mark.parametrize("n_read", [0, 1])
def test_of_too_few_customers_nothing_is_estimated(n_read: int) -> None:
    found = FeatureValues({name: np.zeros(n_read) for name in "ab"}, 100)
    assert estimate_patterns(NUMBERS, found) == n_read


def test_customers_are_counted_after_cleaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MAX_READ", 50)
    recipe = Recipe.from_toml(
        '[[clean]]\nstep = "adults"\nkeep = "age >= 18"\n[features.age]\ncolumn = "age"\nedges = [30]\nmissing = "drop"'
    )
    engine = open_engine(pa.table({"age": [None, *range(299)]}))
    assert finding.read_values(engine, match_table(engine, recipe)).n_customers == 281
