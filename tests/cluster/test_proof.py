"""The proof: its bound is never above the true optimum, and it finds what the search missed."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentry.cluster import KModes
from segmentry.cluster.kmodes.proof import prove_medians
from segmentry.errors import ModelError, SegmentryWarning

Table = tuple[np.ndarray, np.ndarray]
ROWS = [["a", "x"], ["b", "x"], ["b", "y"], ["c", "y"], ["c", "z"], ["a", "z"]]


def optimum(costs: np.ndarray, k: int) -> float:
    """Return the cost of the best k columns, all tried."""
    return min(float(costs[:, list(s)].min(axis=1).sum()) for s in combinations(range(costs.shape[1]), k))


@settings(max_examples=60, derandomize=True)
@given(st.integers(0, 10_000), st.integers(1, 4), st.sampled_from([1.0, 0.25, 0.37]))
def test_a_proof_from_any_start_finds_the_optimum(seed: int, k: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    costs = rng.integers(0, 9, (12, 9)) * scale
    proof = prove_medians(costs, tuple(range(k)), time_limit=60)
    assert proof.is_complete
    assert proof.cost == pytest.approx(optimum(costs, k), rel=1e-8, abs=1e-12)
    assert costs[:, list(proof.slots)].min(axis=1).sum() == pytest.approx(proof.cost)


@settings(max_examples=40, derandomize=True)
@given(st.integers(0, 10_000), st.integers(2, 4))
def test_a_proof_without_time_still_gives_a_bound(seed: int, k: int) -> None:
    costs = np.random.default_rng(seed).random((15, 10))
    proof = prove_medians(costs, tuple(range(k)), time_limit=0)
    assert proof.n_nodes == 1
    assert 0 <= proof.lower_bound <= optimum(costs, k) <= proof.cost + 1e-12


def test_a_complete_proof_says_so() -> None:
    model = KModes(2, prove=True, random_state=0).fit(ROWS)
    assert (model.gap_, model.lower_bound_) == (0.0, model.cost_)
    assert model.proof_ == "it is proved that no modes cost less"


def test_without_a_proof_nothing_is_claimed() -> None:
    model = KModes(2, random_state=0).fit(ROWS)
    assert np.isnan([model.gap_, model.lower_bound_]).all()
    assert model.proof_ == "nothing is proved, because prove is False"


def test_beyond_the_grid_nothing_is_proved_and_that_is_said() -> None:
    with pytest.warns(SegmentryWarning, match=r"nothing is proved: .* max_grid \(now 3\)"):
        asked = KModes(2, prove=True, max_grid=3, random_state=0).fit(ROWS)
    for model in (asked, KModes(2, max_grid=3, random_state=0).fit(ROWS)):
        assert np.isnan([model.gap_, model.lower_bound_]).all()
        assert model.proof_.startswith(
            "nothing is proved: the grid of levels has more candidates than max_grid"
        )


def test_a_time_limit_returns_the_best_with_its_gap(original_patterns: Table) -> None:
    patterns, counts = original_patterns
    with pytest.warns(SegmentryWarning, match=r"a gap of [\d.]+%\); raise time_limit"):
        model = KModes(8, prove=True, time_limit=0.2, random_state=0).fit(patterns, sample_weight=counts)
    assert model.cost_ == 3143
    assert 0 < model.gap_ < 0.1
    assert f"(a gap of {model.gap_:.2%})" in model.proof_
    assert model.lower_bound_ == int(model.lower_bound_)


@pytest.mark.parametrize("time_limit", [-1, float("nan"), "long"])
def test_a_bad_time_limit_is_refused(time_limit: object) -> None:
    with pytest.raises(ModelError, match="KModes: time_limit must be a finite number of at least 0"):
        KModes(2, prove=True, time_limit=time_limit).fit(ROWS)


def test_matrices_stand_for_the_named_distances() -> None:
    rank = np.abs(np.subtract.outer(range(3), range(3))) / 2
    matching = 1.0 - np.eye(3)
    named = KModes(2, distance=["rank", "matching"], prove=True, random_state=0).fit(ROWS)
    given_ = KModes(2, distance=[rank, matching], prove=True, random_state=0).fit(ROWS)
    assert (given_.cost_, given_.gap_) == (pytest.approx(named.cost_), 0.0)
    np.testing.assert_allclose(given_.transform(ROWS), named.transform(ROWS))
    alternated = KModes(2, distance=[rank, matching], max_grid=1, random_state=0).fit(ROWS)
    assert alternated.cost_ >= given_.cost_


def test_a_data_frame_of_distances_is_read_by_its_names() -> None:
    levels = ["c", "a", "b"]
    near = pd.DataFrame([[0, 2, 1], [2, 0, 5], [1, 5, 0]], index=levels, columns=levels)
    model = KModes(1, distance=[near, "matching"], feature_weights=[1, 0], random_state=0).fit(ROWS)
    assert model.cluster_modes_[0, 0] == "c"
    assert model.cost_ == 2 * (2 + 1)


@pytest.mark.parametrize(
    "matrix",
    [
        np.zeros((2, 2)),
        np.full((3, 3), 1.0),
        -np.ones((3, 3)) + np.eye(3),
        np.full((3, 3), np.nan),
        "far",
        object(),
    ],
)
def test_bad_matrices_are_refused(matrix: object) -> None:
    with pytest.raises(ModelError, match="KModes: distance"):
        KModes(2, distance=[matrix, "matching"]).fit(ROWS)
