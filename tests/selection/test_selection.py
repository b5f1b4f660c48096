"""The scan over numbers of segments, and the choice with its reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentry.errors import ModelError
from segmentry.patterns import FeatureLevels, PatternTable, as_codes
from segmentry.selection import choose_k, fit_model, scan


def table(codes: list[list[int]], counts: list[int], n_levels: int = 3) -> PatternTable:
    features = tuple(
        FeatureLevels(f"f{j}", f"F{j}", tuple(f"level {i}" for i in range(n_levels)))
        for j in range(len(codes[0]))
    )
    return PatternTable(features, as_codes(codes), np.asarray(counts, np.int64))


TWO_GROUPS = table(
    [[0, 0, 0], [1, 1, 1], [0, 0, 1], [1, 1, 0], [0, 1, 0], [1, 0, 1]], [400, 400, 20, 20, 20, 20]
)
INDEPENDENT = table([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)], [125] * 8)


def test_bic_finds_two_planted_groups_and_says_why() -> None:
    found = scan(TWO_GROUPS, "latent-class", range(1, 4))
    choice = choose_k(found.table, "latent-class")
    assert choice.k == 2
    assert choice.reason.startswith("BIC is lowest at 2 segments (")
    assert list(found.table["k"]) == [1, 2, 3]
    assert found.table["log_likelihood"].is_monotonic_increasing


def test_independent_features_give_one_segment() -> None:
    choice = choose_k(scan(INDEPENDENT, "latent-class", range(1, 5)).table, "latent-class")
    assert choice.k == 1
    assert "independent" in choice.reason


@pytest.mark.parametrize("method", ["k-modes", "k-means"])
def test_methods_without_a_likelihood_are_chosen_by_latent_classes(method: str) -> None:
    found = scan(TWO_GROUPS, method, range(1, 4))  # type: ignore[arg-type]
    assert found.table["cost"].is_monotonic_decreasing
    choice = choose_k(found.table, method)  # type: ignore[arg-type]
    assert choice.k == 2
    assert choice.reason.startswith(f"{method} has no likelihood")


def test_a_number_that_was_asked_for_is_kept_and_the_other_choice_named() -> None:
    criteria = pd.DataFrame({"k": [1, 2, 3], "bic": [30.0, 10.0, 20.0]})
    choice = choose_k(criteria, "latent-class", asked=3)
    assert (choice.k, choice.is_asked, choice.best_by_bic) == (3, True, 2)
    assert "3 segments asked for; BIC would choose 2." in choice.reason


def test_further_numbers_are_tried_while_bic_falls() -> None:
    assert list(scan(TWO_GROUPS, k=range(1, 2), grows_to=5).table["k"]) == [1, 2, 3]
    assert list(scan(TWO_GROUPS, k=range(1, 2), grows_to=2).table["k"]) == [1, 2]
    assert list(scan(TWO_GROUPS, k=range(1, 2)).table["k"]) == [1]
    assert list(scan(INDEPENDENT, k=range(1, 3), grows_to=5).table["k"]) == [1, 2]


def test_numbers_above_the_patterns_are_left_out_of_the_scan() -> None:
    few = table([[0, 0], [1, 1]], [5, 5])
    assert list(scan(few, "latent-class", range(1, 6)).table["k"]) == [1, 2]


def test_more_segments_than_patterns_is_an_error_with_both_numbers() -> None:
    few = table([[0, 0], [1, 1]], [5, 5])
    with pytest.raises(ModelError, match="3 segments need at least as many patterns.* 2 of"):
        fit_model(few, "k-modes", 3)


def test_k_means_names_the_feature_with_missing_values() -> None:
    holes = table([[0, -1], [1, 1], [0, 1]], [5, 5, 5])
    with pytest.raises(ModelError, match=r"features.f1: 5 customers have no value, and k-means needs one"):
        fit_model(holes, "k-means", 2)


@pytest.mark.parametrize("method", ["latent-class", "k-modes", "k-means"])
def test_criteria_under_weights_equal_replication(method: str) -> None:
    rows = np.repeat(np.asarray(TWO_GROUPS.codes), TWO_GROUPS.counts, axis=0)
    expanded = replace(TWO_GROUPS, codes=as_codes(rows), counts=np.ones(len(rows), np.int64))
    weighted = scan(TWO_GROUPS, method, (1, 2)).table  # type: ignore[arg-type]
    replicated = scan(expanded, method, (1, 2)).table  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(weighted, replicated, rtol=1e-6)


def test_numbers_beyond_three_rises_of_bic_are_shown_and_one_asked_for_is_fitted_in_full() -> None:
    found = scan(INDEPENDENT, "latent-class", range(1, 8), asked=7)
    assert list(found.table["k"]) == list(range(1, 8))
    starts = [found.models[k].n_init for k in range(1, 8)]
    assert starts == [25, 25, 25, 25, 5, 5, 25]
