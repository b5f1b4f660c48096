"""Names of segments: true of most of the segment, of few others, short, and different."""

from __future__ import annotations

import numpy as np
import pytest

from segmentry.patterns import FeatureLevels, PatternTable, as_codes
from segmentry.profiling import Condition, SegmentedPatterns, kept_name, segment_names, unique_names
from segmentry.profiling.name_options import HOLDS

AGE = FeatureLevels("age", "Age", ("under 30", "30–39", "40–49", "50 and over"), "ordinal")
JOB = FeatureLevels("job", "Job", ("nurse", "teacher", "smith", "baker", "miller"))
OWNER = FeatureLevels("owner", "Owner", ("no", "yes"))


def table(features, groups) -> SegmentedPatterns:
    """Segments by rows (codes, customers), a list of rows per segment."""
    rows = [(codes, n, s) for s, group in enumerate(groups) for codes, n in group]
    codes, counts, labels = zip(*rows, strict=True)
    patterns = PatternTable(tuple(features), as_codes(np.array(codes)), np.array(counts))
    return SegmentedPatterns(patterns, np.array(labels), len(groups))


def texts(segmented, hidden=None) -> list[str]:
    return [name.text for name in segment_names(segmented, hidden)]


def test_ordered_levels_are_joined_to_a_range_that_most_have():
    ages = [[((0,), 45), ((1,), 45), ((3,), 10)], [((2,), 50), ((3,), 40), ((0,), 10)]]
    names = segment_names(table([AGE], ages))
    assert [(n.text, n.share) for n in names] == [("Age under 40", 0.9), ("Age 40 and over", 0.9)]
    assert names[0].conditions == (Condition("age", ("under 30", "30–39")),)
    assert names[0].base_share == 0.5


def test_levels_without_an_order_are_listed():
    jobs = [[((0,), 40), ((1,), 40), ((4,), 20)], [((2,), 50), ((3,), 30), ((4,), 20)]]
    assert texts(table([JOB], jobs)) == ["Nurse or teacher", "Smith or baker"]


def test_all_levels_but_one_are_what_they_are_not():
    jobs = [[((j,), 25) for j in range(4)], [((4,), 95), ((0,), 5)]]
    assert texts(table([JOB], jobs)) == ["Not miller", "Miller"]


def test_a_second_condition_is_joined_where_it_sets_apart_more():
    both = [((0, 0), 80), ((0, 1), 10), ((3, 0), 10)]
    others = [((0, 2), 40), ((3, 0), 40), ((3, 3), 120)]
    names = segment_names(table([AGE, JOB], [others, both]))
    assert (names[1].text, names[1].share) == ("Nurse · Age under 30", 0.8)
    assert len(names[0].conditions) == 1


def test_a_second_condition_that_adds_little_is_not_joined():
    groups = [[((0, 0), 95), ((3, 1), 5)], [((3, 0), 45), ((3, 1), 55)]]
    assert texts(table([AGE, JOB], groups)) == ["Age under 30", "Age 50 and over"]


def test_customers_without_a_known_level_do_not_meet_a_condition():
    groups = [[((0,), 70), ((-1,), 30)], [((3,), 90), ((-1,), 10)]]
    assert [n.share for n in segment_names(table([AGE], groups))] == [0.7, 0.9]


def test_where_nothing_is_true_of_enough_the_best_single_condition_is_named():
    mixed = FeatureLevels("town", "Town", tuple(f"town {c}" for c in "abcdefghij"))
    first = [((j,), 15) for j in range(4)] + [((j,), 7) for j in range(4, 10)]
    second = [((j,), 5) for j in range(4)] + [((j,), 13) for j in range(4, 10)]
    name = segment_names(table([mixed], [first, second]))[0]
    assert name.share is not None
    assert 0 < name.share < HOLDS
    assert len(name.conditions) == 1


def test_nothing_that_sets_a_segment_apart_gives_it_no_name():
    groups = [[((j,), 25) for j in range(4)], [((j,), 26 - j) for j in range(4)]]
    names = segment_names(table([AGE], groups))
    assert [(n.text, n.conditions, n.share) for n in names] == [
        ("Segment 1", (), None),
        ("Segment 2", (), None),
    ]


def test_of_two_that_would_say_the_same_the_one_that_is_set_apart_less_says_something_else():
    groups = [[((0, 0), 98), ((3, 0), 2)], [((0, 1), 90), ((3, 1), 10)], [((3, 2), 200)]]
    found = texts(table([AGE, JOB], groups))
    assert len(set(found)) == 3
    assert found[:2] == ["Nurse", "Teacher"]


def test_segments_with_the_same_customers_get_different_names():
    alike = [((0,), 90), ((3,), 10)]
    found = texts(table([AGE], [alike, alike, [((3,), 200)]]))
    assert len(set(found)) == 3


def test_one_segment_is_everybody():
    assert texts(table([AGE], [[((0,), 5), ((1,), 5)]])) == ["All customers"]


def test_a_segment_without_customers_has_its_number():
    groups = table([AGE], [[((0,), 90)], [((3,), 90)]])
    assert texts(SegmentedPatterns(groups.patterns, groups.labels, 3))[2] == "Segment 3"


def test_a_level_that_says_nothing_alone_has_its_feature_in_a_name():
    groups = [[((0, 0), 90), ((1, 0), 10)], [((1, 0), 95), ((0, 0), 5)]]
    assert texts(table([OWNER, JOB], groups)) == ["Owner no", "Owner yes"]


def test_hidden_cells_are_in_no_name_and_names_are_single_conditions():
    both = [((0, 0), 80), ((0, 1), 10), ((3, 0), 10)]
    others = [((0, 2), 40), ((3, 0), 40), ((3, 3), 120)]
    segmented = table([AGE, JOB], [others, both])
    assert all(len(n.conditions) == 1 for n in segment_names(segmented, frozenset()))
    hidden = {(2, "age", level) for level in AGE.levels}
    assert segment_names(segmented, hidden)[1].conditions == (Condition("job", ("nurse", "teacher")),)


def test_weights_equal_replicated_rows(replicated, replicated_patterns, weighted, repeated):
    for one, other in ((replicated, replicated_patterns), (weighted, repeated)):
        a, b = segment_names(one.segmented), segment_names(other.segmented)
        assert [(n.text, n.conditions) for n in a] == [(n.text, n.conditions) for n in b]
        assert [n.share for n in a] == pytest.approx([n.share for n in b])


def test_the_share_is_that_of_the_rows(case):
    names = segment_names(case.segmented)
    young = (case.frame["age"] < 30) & (case.frame["town"] != "a")
    assert names[2].text == "Town A"
    assert "Age under 30" in names[0].text
    assert names[0].share == 1.0
    assert names[0].base_share == pytest.approx(
        (young if len(names[0].conditions) > 1 else case.frame["age"] < 30).mean()
    )


def test_a_kept_name_has_its_conditions_as_long_as_it_says_what_they_are():
    segmented = table([AGE], [[((0,), 45), ((1,), 15), ((3,), 40)], [((3,), 100)]])
    conditions = (Condition("age", ("under 30", "30–39")),)
    kept = kept_name(segmented, 0, "Age under 40 (2)", conditions)
    assert (kept.conditions, kept.share, kept.base_share) == (conditions, 0.6, 0.3)
    assert kept_name(segmented, 0, "Our young ones", conditions).conditions == ()
    assert kept_name(segmented, 0, "Age under 40", (Condition("age", ("under 20",)),)).share is None


def test_long_labels_leave_room_for_the_level_in_a_name():
    long = FeatureLevels("x", "label " * 30, ("level " * 20 + "one", "two " * 40, "three " * 40))
    name = texts(table([long], [[((0,), 9)], [((1,), 9)]]))[0]
    assert len(name) <= 80
    assert "level" in name


def test_unique_names_avoid_names_that_are_there():
    assert unique_names(["A", "A", "A (2)", "A"]) == ("A", "A (2)", "A (2) (2)", "A (3)")
