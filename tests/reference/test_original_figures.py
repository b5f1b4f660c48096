"""The original analysis, recomputed: the figures of the four clusters that it published.

Its segments are profiled under the recipe `customer-personality-original`; segment 1 is cluster 1 of the
labels file (the largest), then 0, 2, 3. The figures were computed from the two files with pandas.
"""

import pytest

from segmentry.pipeline.given import profile

SEGMENT_OF_CLUSTER = {1: 1, 0: 2, 2: 3, 3: 4}
CAMPAIGNS = [f"AcceptedCmp{i}" for i in range(1, 6)]


@pytest.fixture(scope="module")
def result(customers, original_labels):
    return profile(customers, "customer-personality-original", "Cluster", join=original_labels)


@pytest.fixture(scope="module")
def outcomes(result):
    return result.outcomes.set_index(["segment", "outcome"])


def test_sizes(result):
    assert [s.size for s in result.segments] == [919, 670, 327, 300]
    assert [s.label or s.name for s in result.segments] == [f"Cluster {c}" for c in (1, 0, 2, 3)]
    assert result.patterns.n_customers == 2_216


@pytest.mark.parametrize(
    ("cluster", "campaign", "mix", "rate"),
    [
        (0, 3, 75.00, 8.5),
        (1, 4, 40.91, 8.8),
        (1, 3, 29.29, 6.3),
        (2, 5, 38.12, 26.0),
        (2, 1, 27.80, 19.0),
        (3, 5, 32.93, 18.0),
        (3, 1, 29.88, 16.3),
    ],
)
def test_published_percentages_are_the_mix_and_not_the_rate(outcomes, cluster, campaign, mix, rate):
    row = outcomes.loc[(SEGMENT_OF_CLUSTER[cluster], f"AcceptedCmp{campaign}")]
    assert round(100 * row["mix"], 2) == mix
    assert round(100 * row["value"], 1) == rate


@pytest.mark.parametrize(
    ("cluster", "accepted", "response"),
    [
        (0, [3, 2, 57, 13, 1], 11.2),
        (1, [28, 9, 58, 81, 22], 9.8),
        (2, [62, 11, 28, 37, 85], 30.6),
        (3, [49, 8, 20, 33, 54], 22.7),
    ],
)
def test_acceptances(outcomes, cluster, accepted, response):
    segment = SEGMENT_OF_CLUSTER[cluster]
    assert [outcomes.loc[(segment, c), "total"] for c in CAMPAIGNS] == accepted
    last = outcomes.loc[(segment, "Response")]
    assert round(100 * last["value"], 1) == response
    assert round(100 * last["base_value"], 1) == 15.0


@pytest.mark.parametrize(("cluster", "spent"), [(0, 174.7), (1, 555.0), (2, 1216.3), (3, 1068.3)])
def test_spending_per_customer(result, cluster, spent):
    spend = result.outcomes.query("group == 'spend'")
    assert spend["outcome"].nunique() == 6
    mine = spend[spend["segment"] == SEGMENT_OF_CLUSTER[cluster]]
    assert round(mine["value"].sum(), 1) == spent


def test_contacting_pays_for_cluster_2_alone(result):
    table = result.targeting.set_index("segment")
    assert table["break_even"].round(3).unique().tolist() == [0.273]
    pays = table.index[table["profit_per_contact"] > 0].tolist()
    assert pays == [SEGMENT_OF_CLUSTER[2]]


def test_children_were_coded_by_exactly_one(result):
    """The original's code read two children as none; 22 of cluster 2 and 19 of cluster 3 have children."""
    children = result.features.query("feature == 'children' and level == 'children'")
    counts = dict(zip(children["segment"], children["count"], strict=True))
    assert counts[SEGMENT_OF_CLUSTER[2]] == 1
    assert counts[SEGMENT_OF_CLUSTER[3]] == 0
