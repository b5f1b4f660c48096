import pytest

from segmentry.errors import LevelsError, RecipeError
from segmentry.recipe import Feature
from segmentry.recipe.levels import (
    is_resolved,
    level_labels,
    value_label,
    with_edges,
    with_levels,
)
from segmentry.text.edges import edge_labels


def feature(**keys):
    return Feature(name="home_type", column="c", **keys)


CASES = [
    ({"edges": (1000, 2500)}, ("under 1,000", "1,000 to under 2,500", "2,500 and over")),
    ({"edges": (1000, 2500), "closed": "right"}, ("up to 1,000", "over 1,000 to 2,500", "over 2,500")),
    ({"edges": (1966, 1981)}, ("under 1966", "1966 to under 1981", "1981 and over")),
    ({"edges": (0.5, 3.0)}, ("under 0.5", "0.5 to under 3", "3 and over")),
    ({"edges": (1, 2), "labels": ("a", "b", "c")}, ("a", "b", "c")),
    ({"groups": {"A": ("x", "y"), "B": ("z",)}}, ("A", "B")),
    ({"groups": {"A": ("x",)}, "rest": "Other"}, ("A", "Other")),
    ({"levels": (1, 2.0, "three", True)[:3]}, ("1", "2", "three")),
    ({"levels": ("a",), "rest": "Other"}, ("a", "Other")),
    ({"yes_no": True}, ("Home type: no", "Home type: yes")),
    ({"yes_no": ("none", "some")}, ("none", "some")),
    ({"yes_no": True, "label": "Kids"}, ("Kids: no", "Kids: yes")),
]


@pytest.mark.parametrize(("keys", "expected"), CASES)
def test_level_labels(keys, expected):
    assert level_labels(feature(**keys)) == expected
    assert level_labels(feature(**keys, missing="level")) == (*expected, "missing")
    assert is_resolved(feature(**keys))


@pytest.mark.parametrize("keys", [{}, {"quantiles": 3}, {"equal_widths": 3}, {"yes_no": False}])
def test_open_features_have_no_labels_before_a_table_is_read(keys):
    assert not is_resolved(feature(**keys))
    with pytest.raises(
        RecipeError, match=r"features\.home_type: its levels are not known before a table is read"
    ):
        level_labels(feature(**keys))


def test_with_edges_sorts_and_merges():
    filled = with_edges(feature(quantiles=4, labels=("a", "b", "c", "d")), [5, 1, 5])
    assert (filled.edges, filled.quantiles) == ((1, 5), None)
    assert level_labels(filled) == ("under 1", "1 to under 5", "5 and over")
    assert level_labels(with_edges(feature(quantiles=2, labels=("low", "high")), [3])) == ("low", "high")


def test_with_edges_refuses_none_and_infinite():
    with pytest.raises(LevelsError, match="the column has no values to take edges from"):
        with_edges(feature(quantiles=2), [])
    with pytest.raises(LevelsError, match="edges would be infinite"):
        with_edges(feature(quantiles=2), [float("inf")])


def test_found_values_become_levels():
    assert level_labels(with_levels(feature(), [False, True])) == ("no", "yes")
    assert value_label("") == "(empty)"


def test_one_edge_makes_two_ranges():
    assert edge_labels((5,), "left") == ("under 5", "5 and over")
    assert edge_labels((5,), "right") == ("up to 5", "over 5")
