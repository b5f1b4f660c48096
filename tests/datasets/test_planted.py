from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segmentry.datasets import PLANTED
from segmentry.datasets._query import mean_of_rounded, scale_of
from segmentry.datasets.planted import Between, PlantedFeature


def _value_indices(frame: pd.DataFrame, feature: PlantedFeature) -> np.ndarray:
    """The planted value (counted over all levels) that each row shows; -1 for none."""
    out = np.full(len(frame), -1)
    for i, value in enumerate(v for level in feature.levels for v in level.values):
        shown = np.ones(len(frame), dtype=bool)
        for column, cell in zip(feature.columns, value.cells, strict=True):
            is_range = isinstance(cell, Between)
            shown &= frame[column].between(cell.low, cell.high) if is_range else frame[column].eq(cell)
        out[shown] = i
    return out


def _assert_shares(seen: np.ndarray, planted: np.ndarray, n: int) -> None:
    error = np.sqrt(planted * (1 - planted) / n)
    assert (np.abs(seen - planted) <= 4 * error + 1e-12).all(), (seen, planted)


def test_planted_probabilities_sum_to_one():
    assert sum(s.share for s in PLANTED.segments) == pytest.approx(1)
    for feature in PLANTED.features:
        for level in feature.levels:
            assert sum(v.share for v in level.values) == pytest.approx(1)
        for segment in PLANTED.segments:
            assert sum(segment.levels[feature.name]) == pytest.approx(1)
            assert len(segment.levels[feature.name]) == len(feature.levels)


def test_segments_are_numbered_largest_first():
    shares = [s.share for s in PLANTED.segments]
    assert shares == sorted(shares, reverse=True)


def test_planted_is_frozen():
    with pytest.raises(AttributeError):
        PLANTED.segments = ()
    with pytest.raises(TypeError):
        PLANTED.segments[0].spend["MntWines"] = 0


def test_sample_has_the_planted_shares(sample):
    seen = sample["true_segment"].value_counts(normalize=True).sort_index().to_numpy()
    _assert_shares(seen, np.array([s.share for s in PLANTED.segments]), len(sample))


@pytest.mark.parametrize("feature", PLANTED.features, ids=lambda f: f.name)
def test_sample_has_the_planted_levels(sample, feature):
    values = _value_indices(sample, feature)
    assert values.min() == 0
    for number, segment in enumerate(PLANTED.segments, start=1):
        mine = values[sample["true_segment"] == number]
        pairs = zip(segment.levels[feature.name], feature.levels, strict=True)
        planted = np.array([p * v.share for p, level in pairs for v in level.values])
        _assert_shares(np.bincount(mine, minlength=len(planted)) / len(mine), planted, len(mine))


def test_features_are_independent_within_segments(sample):
    values = np.column_stack([_value_indices(sample, f) for f in PLANTED.features])
    p_values = []
    for number in range(1, len(PLANTED.segments) + 1):
        mine = pd.DataFrame(values[sample["true_segment"] == number])
        tables = [pd.crosstab(mine[a], mine[b]) for a, b in combinations(mine.columns, 2)]
        p_values += [stats.chi2_contingency(table).pvalue for table in tables]
    assert min(p_values) > 0.01 / len(p_values)


@pytest.mark.parametrize("kind", ["spend", "purchases"])
def test_sample_has_the_planted_means(sample, kind):
    for number, segment in enumerate(PLANTED.segments, start=1):
        mine = sample[sample["true_segment"] == number]
        for column, mean in getattr(segment, kind).items():
            error = mine[column].std() / np.sqrt(len(mine))
            assert mine[column].mean() == pytest.approx(mean, abs=4 * error), (segment.name, column)


def test_outcomes_depend_on_the_segment_alone(sample):
    mine = sample[sample["true_segment"] == 1]
    error = 1 / np.sqrt(len(mine))
    for outcome in ("MntWines", "NumWebPurchases", "AcceptedCmp1", "Response"):
        for column in ("Income", "Year_Birth", "MntFruits", "Recency"):
            assert abs(mine[outcome].corr(mine[column])) < 4.5 * error


def test_sample_has_the_planted_acceptance(sample):
    for number, segment in enumerate(PLANTED.segments, start=1):
        mine = sample[sample["true_segment"] == number]
        planted = np.array([segment.acceptance[c] for c in PLANTED.campaigns])
        _assert_shares(mine[list(PLANTED.campaigns)].mean().to_numpy(), planted, len(mine))


def test_the_null_campaign_has_no_effect(sample):
    assert len({s.acceptance[PLANTED.null_campaign] for s in PLANTED.segments}) == 1
    table = pd.crosstab(sample["true_segment"], sample[PLANTED.null_campaign])
    assert stats.chi2_contingency(table).pvalue > 0.001


def test_the_strong_campaign_has_the_largest_span():
    def span(campaign: str) -> float:
        rates = [s.acceptance[campaign] for s in PLANTED.segments]
        return max(rates) - min(rates)

    assert max(PLANTED.campaigns, key=span) == PLANTED.strong_campaign


def test_contacting_pays_in_one_segment_alone():
    rates = [s.acceptance["Response"] for s in PLANTED.segments]
    assert PLANTED.break_even == pytest.approx(3 / 11)
    assert sum(rate > 1.25 * PLANTED.break_even for rate in rates) == 1
    assert sum(rate < 0.75 * PLANTED.break_even for rate in rates) == 3


def test_other_columns_are_plausible(sample):
    assert sorted(sample["Recency"].unique()) == list(range(100))
    assert str(sample["Dt_Customer"].min().date()) == "2012-07-30"
    assert str(sample["Dt_Customer"].max().date()) == "2014-06-29"
    _assert_shares(np.array([sample["Complain"].mean()]), np.array([PLANTED.complain]), len(sample))
    assert 0.1 < (sample["MntFruits"] == 0).mean() < 0.3
    assert not sample.isna().any().any()


@pytest.mark.parametrize(("mean", "power"), [(0.6, 0.5), (680.0, 1.0), (6.0, 1.5)])
def test_scale_gives_the_mean_of_rounded_values(mean, power):
    assert mean_of_rounded(scale_of(mean, power), power) == pytest.approx(mean, rel=1e-9)


def test_description_names_every_segment_and_campaign():
    text = PLANTED.describe()
    for word in [*(s.name for s in PLANTED.segments), *PLANTED.campaigns, "27.3%"]:
        assert word in text


def _bic(codes: np.ndarray, weight: np.ndarray, k: int, rng: np.random.Generator) -> float:
    """BIC of the best of some starts of EM for `k` latent classes over weighted patterns."""
    levels = codes.max(axis=0) + 1
    shown = np.hstack([np.eye(n)[codes[:, j]] for j, n in enumerate(levels)])
    best = -np.inf
    for _ in range(4):
        posterior = rng.dirichlet(np.ones(k), len(codes))
        for _ in range(250):
            mass = posterior * weight[:, None]
            joint = shown @ np.log(np.maximum(shown.T @ mass / mass.sum(axis=0), 1e-12))
            joint += np.log(mass.sum(axis=0) / weight.sum())
            total = np.logaddexp.reduce(joint, axis=1)
            posterior = np.exp(joint - total[:, None])
        best = max(best, float(weight @ total))
    parameters = k - 1 + k * int((levels - 1).sum())
    return -2 * best + parameters * np.log(weight.sum())


def test_bic_of_latent_classes_finds_the_four_segments(sample):
    frame = sample.head(10_000)
    codes = []
    for feature in PLANTED.features:
        level_of = np.repeat(np.arange(len(feature.levels)), [len(level.values) for level in feature.levels])
        codes.append(level_of[_value_indices(frame, feature)])
    patterns, counts = np.unique(np.column_stack(codes), axis=0, return_counts=True)
    rng = np.random.default_rng(0)
    bic = {k: _bic(patterns, counts, k, rng) for k in range(1, 7)}
    assert min(bic, key=bic.__getitem__) == 4
    assert min(bic[3], bic[5]) - bic[4] > 50
