import pandas as pd

from segmentry.profiling import feature_table, segment_names, unique_names


def test_names_are_unique_and_of_the_segments_own_levels(case):
    names = segment_names(feature_table(case.segmented), 3)
    assert len(set(names)) == 3
    assert "under 30" in names[0].lower()
    assert names[2].split(" · ")[0] == "A"


def levels(*rows):
    columns = ["segment", "feature", "level", "share", "lift", "v_test"]
    return pd.DataFrame(rows, columns=columns)


def test_names_that_coincide_get_a_further_level_then_a_number():
    common = [(s, f, f, 0.9, 2.0, 9.0 - i) for s in (1, 2, 3, 4) for i, f in enumerate(["a", "b"])]
    third = [(1, "c", "c1", 0.5, 1.5, 3.0), (2, "c", "c2", 0.5, 1.5, 3.0)]
    assert segment_names(levels(*common, *third), 4) == ("A · b · c1", "A · b · c2", "A · b", "A · b (2)")


def test_nothing_that_sets_a_segment_apart_gives_it_no_name():
    rare, faint = (1, "a", "rare", 0.2, 9.0, 9.0), (1, "b", "faint", 0.9, 1.1, 1.9)
    close = (1, "c", "four points more than all customers", 0.44, 1.1, 99.0)
    assert segment_names(levels(rare, faint, close, (2, "b", "other", 0.9, 1.5, 5.0)), 2) == (
        "Segment 1",
        "Other",
    )


def test_one_feature_gives_one_level():
    table = levels((1, "a", "x", 0.5, 2.0, 9.0), (1, "a", "y", 0.5, 2.0, 8.0), (2, "a", "z", 0.5, 2.0, 8.0))
    assert segment_names(table, 2) == ("X", "Z")


def test_one_segment_is_everybody():
    assert segment_names(levels(), 1) == ("All customers",)


def test_unique_names_avoid_names_that_are_there():
    assert unique_names(["A", "A", "A (2)", "A"]) == ("A", "A (2)", "A (2) (2)", "A (3)")
