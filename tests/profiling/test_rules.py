"""Rules and questions: what they say holds on the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segmentry.patterns import FeatureLevels, PatternTable, as_codes
from segmentry.profiling import SegmentedPatterns, question_sets, question_table, rule_table
from segmentry.profiling.rules import rule_text

AGE = FeatureLevels("age", "Age", ("under 30", "30–49", "50–69", "70 and over"), "ordinal")
TOWN = FeatureLevels("town", "Town", ("Rome", "Oslo", "Bonn"), "nominal")
PRESENT = [frozenset(range(4)), frozenset(range(-1, 3))]


@pytest.mark.parametrize(
    ("conditions", "text"),
    [
        ({}, "all customers"),
        ({0: {0}}, "Age under 30"),
        ({0: {0, 1}}, "Age under 50"),
        ({0: {2, 3}}, "Age 50 and over"),
        ({0: {1, 2}}, "Age 30–69"),
        ({1: {0, 2}}, "Rome or Bonn"),
        ({1: {-1, 0, 2}}, "not Oslo"),
        ({1: {0, 1, 2}}, "Town not unknown"),
        ({0: {0}, 1: {1}}, "Age under 30; Oslo"),
    ],
)
def test_rules_read_well(conditions, text):
    wanted = {j: frozenset(codes) for j, codes in conditions.items()}
    patterns = PatternTable((AGE, TOWN), as_codes([[0, 0]]), np.array([1]))
    assert rule_text(patterns, wanted, PRESENT) == text


def test_a_rule_that_made_the_segment_is_found_with_its_precision_and_recall(case):
    table = rule_table(case.segmented).set_index("segment")
    assert table.loc[3, "rule"] == "Town A"
    assert table.loc[3, ["precision", "recall"]].tolist() == [1, 1]
    young = (case.frame["age"] < 30) & (case.frame["town"] != "a")
    assert table.loc[1, "rule"] == "Age under 30; Town not A"
    assert table.loc[1, ["n", "precision", "recall"]].tolist() == [young.sum(), 1, 1]


def test_one_segment_is_all_customers(case):
    table = rule_table(SegmentedPatterns(case.patterns, np.zeros(len(case.labels), int), 1))
    assert table[["rule", "precision", "recall"]].to_numpy().tolist() == [["all customers", 1, 1]]


def test_weights_equal_replicated_rows(replicated, replicated_patterns):
    for made in (rule_table, lambda segmented: question_table(question_sets(segmented))):
        one, other = (made(c.segmented) for c in (replicated, replicated_patterns))
        pd.testing.assert_frame_equal(one, other)


def test_the_fewest_questions_are_asked(case):
    table = question_table(question_sets(case.segmented))
    sizes = np.bincount(case.labels, case.patterns.counts)
    assert table["n_questions"].tolist() == [0, 1, 2]
    assert table.loc[0, "agreement"] == pytest.approx(sizes.max() / sizes.sum())
    assert table["features"].tolist()[2] == "age, town"
    assert table["is_enough"].tolist() == [False, False, True]
    assert table.loc[2, "agreement"] == 1
    one = pd.crosstab(case.frame["town"].fillna("?"), row_segments(case.frame)).max(axis=1).sum() / 300
    other = (
        pd.crosstab(pd.cut(case.frame["age"], [0, 29, 49, 99]), row_segments(case.frame)).max(axis=1).sum()
        / 300
    )
    assert table.loc[1, "agreement"] == pytest.approx(max(one, other))


def row_segments(frame):
    return np.where(frame["town"] == "a", 2, (frame["age"] >= 30).astype(int))
