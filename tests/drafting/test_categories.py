"""Levels of texts: no value lost, none twice, rare ones grouped, scales in their order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentry.drafting.categories import RARE, group_values

MARITAL = [("Married", 864), ("Together", 580), ("Single", 480), ("Divorced", 232), ("Widow", 77),
           ("Alone", 3), ("Absurd", 2), ("YOLO", 2)]  # fmt: skip

texts = st.dictionaries(st.text(max_size=6), st.integers(1, 1_000), min_size=1, max_size=20)


@given(texts)
def test_every_value_has_one_level_or_is_named_as_left(values: dict[str, int]) -> None:
    ordered = sorted(values.items(), key=lambda item: -item[1])
    found = group_values(ordered)
    listed = [v for members in found.groups.values() for v in members]
    left = list(found.rare) if found.is_left or found.rest is not None else []
    assert sorted(listed + left) == sorted(values)
    assert len(set(found.groups)) == len(found.groups)


@given(texts)
def test_no_level_is_rare(values: dict[str, int]) -> None:
    found = group_values(sorted(values.items(), key=lambda item: -item[1]))
    if len(found.groups) > 2:
        sizes = [sum(values[v] for v in members) for members in found.groups.values()]
        assert min(sizes) >= RARE * sum(values.values()) * 0.999


def test_joke_levels_join_the_rarest_true_one() -> None:
    assert group_values(MARITAL).groups["Widow or other"] == ["Widow", "Alone", "Absurd", "YOLO"]


def test_rare_values_do_not_vanish_in_a_large_one() -> None:
    found = group_values([("w", 620), ("m", 570), ("d", 3)])
    assert (found.groups, found.rare, found.is_left) == ({"w": ["w"], "m": ["m"]}, ("d",), True)


def test_many_values_keep_the_most_frequent_and_a_rest() -> None:
    found = group_values([(f"town {i}", 100 - i) for i in range(40)], is_complete=False)
    assert list(found.groups) == [f"town {i}" for i in range(7)]
    assert found.rest == "Other"


@pytest.mark.parametrize(
    ("given_values", "order"),
    [
        (["PhD", "Graduation", "Master", "2n Cycle", "Basic"], ["Basic", "Graduation", "Master or 2n Cycle", "PhD"]),
        (["hoch", "niedrig", "mittel"], ["niedrig", "mittel", "hoch"]),
        (["Two year", "Month-to-month", "One year"], ["Month-to-month", "One year", "Two year"]),
        (["L", "XL", "S", "M"], ["S", "M", "L", "XL"]),
        (["tertiary", "primary", "secondary"], ["primary", "secondary", "tertiary"]),
    ],
)  # fmt: skip
def test_known_scales_are_ordered(given_values: list[str], order: list[str]) -> None:
    found = group_values([(v, 100) for v in given_values])
    assert found.is_scale
    assert list(found.groups) == order


def test_values_outside_a_scale_have_no_order() -> None:
    assert not group_values([("low", 10), ("high", 10), ("blue", 10)]).is_scale
