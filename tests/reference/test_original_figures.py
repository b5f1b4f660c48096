"""The original analysis, recomputed: the figures of the four clusters that it published.

Its segments are profiled under the recipe `customer-personality-original`; segment 1 is cluster 1 of the
labels file (the largest), then 0, 2, 3. The figures were computed from the two files with pandas.
"""

import pytest

from segmentry.runs.profile import profile

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


def test_share_of_acceptances_stands_beside_share_of_customers(outcomes):
    """Cluster 0 is 30.2 % of the customers and made 35.0 % of campaign 3's acceptances, at a rate of 8.5 %."""
    row = outcomes.loc[(SEGMENT_OF_CLUSTER[0], "AcceptedCmp3")]
    assert round(100 * row["share_of_customers"], 1) == 30.2
    assert row["share_of_total"] == pytest.approx(57 / 163)
    assert row["value"] == pytest.approx(57 / 670)
    assert row["lift"] == pytest.approx(57 / 670 / (163 / 2_216))


def test_cluster_2_accepts_campaign_3_as_often_and_campaign_5_most_of_all(outcomes):
    two = SEGMENT_OF_CLUSTER[2]
    assert round(100 * outcomes.loc[(two, "AcceptedCmp3"), "value"], 1) == 8.6
    rates = outcomes.loc[[(s, c) for s in (1, 2, 3, 4) for c in CAMPAIGNS], "value"]
    assert rates.idxmax() == (two, "AcceptedCmp5")
    assert round(100 * rates.max(), 1) == 26.0


def test_last_campaign_is_above_the_break_even_for_cluster_2_with_an_interval_that_reaches_below(outcomes):
    rows = {c: outcomes.loc[(SEGMENT_OF_CLUSTER[c], "Response")] for c in range(4)}
    assert [round(100 * rows[c]["value"], 1) for c in range(4)] == [11.2, 9.8, 30.6, 22.7]
    assert [c for c in range(4) if rows[c]["value"] > 3 / 11] == [2]
    assert rows[2]["low"] < 3 / 11 < rows[2]["high"]


def test_cluster_1_spends_most_in_total_and_not_per_customer(result):
    spend = result.outcomes.query("group == 'spend'")
    total, mean = (spend.groupby("segment")[c].sum() for c in ("total", "value"))
    assert total.idxmax() == SEGMENT_OF_CLUSTER[1]
    assert round(total.max(), -3) == 510_000
    assert mean.idxmax() == SEGMENT_OF_CLUSTER[2]


def test_original_shares_of_levels(result):
    """39.7 % single in cluster 0; 523 of the 919 of cluster 1 with a master's, a second cycle or a doctorate."""
    shares = result.features.set_index(["segment", "feature", "level"])["share"].sort_index()
    assert round(100 * shares[SEGMENT_OF_CLUSTER[0], "marital_status", "Single"], 1) == 39.7
    master = shares[SEGMENT_OF_CLUSTER[1], "education", "Master"]
    assert round(100 * (master + shares[SEGMENT_OF_CLUSTER[1], "education", "PhD"]), 1) == 56.9


def test_levels_of_the_text_of_the_analysis(customers, original_labels):
    """Education in four levels and any child at home, as the published text says, on the same segments."""
    result = profile(customers, "customer-personality", "Cluster", join=original_labels)
    rows = result.features.set_index(["segment", "feature", "level"]).sort_index()
    education = rows["share"][SEGMENT_OF_CLUSTER[0], "education"]
    assert round(100 * education["Graduation"], 1) == 60.1
    assert round(100 * (1 - education["Basic"])) == 93
    children = [rows["count"][SEGMENT_OF_CLUSTER[c], "children", "children"] for c in (2, 3)]
    assert children == [22, 19]


def test_quartiles_are_those_of_the_file(result, customers, original_labels):
    import pandas as pd

    table = pd.read_csv(customers, sep=None, engine="python").merge(pd.read_csv(original_labels), on="ID")
    found = result.outcomes.set_index(["segment", "outcome"])
    for cluster, segment in SEGMENT_OF_CLUSTER.items():
        wine = table.loc[table["Cluster"] == cluster, "MntWines"]
        row = found.loc[(segment, "MntWines")]
        assert row["quartiles"] == "exact"
        expected = [*wine.quantile([0.25, 0.5, 0.75]), (wine > 0).mean()]
        names = ["lower_quartile", "median", "upper_quartile", "any_share"]
        assert row[names].tolist() == pytest.approx(expected)


def test_every_difference_is_counted_in_one_family(result):
    assert result.n_comparisons == 4 * 16 == len(result.outcomes)


@pytest.mark.parametrize(
    ("cluster", "difference", "ratio"),
    [(0, -0.0545, 0.673), (1, -0.0908, 0.517), (2, 0.1836, 2.446), (3, 0.0932, 1.684)],
)
def test_the_last_campaign_within_years_of_joining(result, cluster, difference, ratio):
    """pandas: mean of the difference from the rest by year of Dt_Customer, weighted by size; Mantel-Haenszel's ratio."""
    table = result.strata.set_index(["feature", "outcome", "segment"]).sort_index()
    row = table.loc[("tenure", "Response", SEGMENT_OF_CLUSTER[cluster])]
    assert round(row["standardised"], 4) == difference
    assert round(row["mantel_haenszel"], 3) == ratio
    assert (row["n_strata"], row["finding"]) == (3, "holds")


def test_headlines_that_turn_round_among_customers_with_and_without_children(result):
    """Cluster 1 has children throughout: beside others with children it buys more, beside all others less."""
    reversed_ = result.strata[result.strata["finding"] == "reversed"]
    assert set(reversed_["segment"]) == {SEGMENT_OF_CLUSTER[1]}
    assert set(reversed_["feature"]) == {"children"}
    assert {"MntMeatProducts", "AcceptedCmp5"} <= set(reversed_["outcome"])
