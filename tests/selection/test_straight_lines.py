"""Customers who tick one level throughout: a table without segments may hold them, and they are told of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from segmentry.patterns import FeatureLevels, PatternTable
from segmentry.selection import PatternSegments, choose_k, gather_evidence, judge_evidence, scan
from segmentry.selection.continuum import TraitShape, as_mixture, fit_traits
from segmentry.selection.count_tables import CountTables, from_mixture, observed_table, sample_table
from segmentry.selection.null_models import bic_of, hardest_null
from segmentry.selection.straight_lines import straight_lines
from structures import classes, structure_table

RNG = np.random.default_rng
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))]
N_LEVELS = [5, 5, 5, 5, 5, 5, 2]


def survey(rng: np.random.Generator, n: int, share: float, with_trait: bool = False) -> PatternTable:
    """Six answers of five levels and a flag; a share of the customers tick the same level throughout the six."""
    place = rng.standard_normal(n) if with_trait else np.zeros(n)
    answers = []
    for _ in range(6):
        value = place + rng.standard_normal(n)
        answers.append(
            np.searchsorted(np.quantile(value, np.cumsum(rng.dirichlet(np.full(5, 6.0)))[:-1]), value)
        )
    codes = np.column_stack(answers)
    lazy = rng.random(n) < share
    codes[lazy] = rng.integers(0, 5, n)[lazy, None]
    return structure_table(np.column_stack([codes, rng.random(n) < 0.4]).astype(np.int32), N_LEVELS)


def features(n_levels: list[int]) -> tuple[FeatureLevels, ...]:
    return tuple(FeatureLevels(f"f{j}", "", tuple(map(str, range(n)))) for j, n in enumerate(n_levels))


def test_lines_are_those_of_the_largest_battery_that_somebody_has() -> None:
    codes = np.array(
        [[2, 2, 2, 2, 2, 1, 1], [0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 0, 1, 1], [-1, -1, -1, -1, -1, 0, 0]]
    )
    found = straight_lines(features([3, 3, 3, 3, 3, 2, 2]), codes.astype(np.int32))
    assert found is not None
    assert found.tolist() == [[0, 0, 0, 0, 0, -1, -1], [2, 2, 2, 2, 2, -1, -1]]


@pytest.mark.parametrize("n_levels", [[3, 3, 3, 3, 4], [2] * 8, [3, 4, 5, 6, 7]], ids=str)
def test_few_answers_flags_and_different_levels_are_no_battery(n_levels: list[int]) -> None:
    assert straight_lines(features(n_levels), np.zeros((1, len(n_levels)), np.int32)) is None


def test_a_battery_whose_customers_all_differ_has_no_lines() -> None:
    assert straight_lines(features([3] * 5), np.array([[0, 1, 2, 0, 1]], np.int32)) is None


@pytest.mark.parametrize("with_trait", [False, True])
@pytest.mark.parametrize("share", [0.05, 0.1])
def test_they_are_counted_and_are_no_classes(share: float, with_trait: bool) -> None:
    table, _ = observed_table(survey(RNG(1), 3_000, share, with_trait), RNG(0))
    null = hardest_null(table)
    assert null.kind == "traits-1"
    assert null.on_lines == pytest.approx(share, abs=0.025)
    assert bic_of(null, 3_000) < bic_of(hardest_null(replace(table, lines=None)), 3_000) - 50


def test_nobody_is_said_to_tick_one_level_throughout_where_answers_are_independent() -> None:
    table, _ = observed_table(survey(RNG(2), 3_000, 0.0), RNG(0))
    assert table.lines is not None
    assert hardest_null(table).on_lines == 0.0


@pytest.mark.parametrize("seed", SEEDS)
def test_classes_are_still_described_better_by_classes(seed: int) -> None:
    table, _ = observed_table(classes(RNG(seed), 3_000, [4] * 7, 3), RNG(0))
    null, data = hardest_null(table), table.replicates()
    value = float(data.fit(3, 10, RNG(0)).log_likelihoods[0])
    n_free = TraitShape(1, has_squares=False, n_classes=3).n_parameters(table.n_levels) - sum(
        n - 1 for n in table.n_levels
    )
    assert np.log(3_000) * n_free - 2 * value < bic_of(null, 3_000) - 50


def test_a_shape_with_lines_is_its_own_mixture_and_draws_as_many() -> None:
    table, _ = observed_table(survey(RNG(3), 4_000, 0.1), RNG(0))
    assert table.lines is not None
    data = table.replicates()
    found = fit_traits(data, TraitShape(1, has_squares=False, lines=tuple(map(tuple, table.lines.tolist()))))
    mixture = as_mixture(data, found)
    np.testing.assert_allclose(data.values(mixture), found.log_likelihoods, rtol=1e-9)
    assert mixture[-len(table.lines) :, 0].sum() == pytest.approx(found.on_lines)
    drawn = from_mixture(table, mixture, 20, RNG(0))
    assert on_a_line(drawn).mean() == pytest.approx(on_a_line(table)[0], rel=0.05)


def on_a_line(table: CountTables) -> np.ndarray:
    answers = table.codes[:, :6]
    return np.asarray(
        table.weights[:, (answers == answers[:, :1]).all(axis=1)].sum(axis=1) / table.n_customers
    )


def test_groups_and_samples_keep_the_lines() -> None:
    rng = RNG(4)
    patterns = survey(rng, 4_000, 0.1)
    ordered = tuple(replace(f, scale="ordinal", distribution="ordered") for f in patterns.features[:6])
    table, _ = observed_table(replace(patterns, features=(*ordered, patterns.features[6])), rng)
    grouped = table.grouped()
    assert grouped.lines is not None
    has_all = (grouped.codes[:, None, :6] == grouped.lines[None, :, :6]).all(axis=2)
    assert has_all.any(axis=0).all()
    assert (grouped.lines[:, 6] == -1).all()
    assert hardest_null(grouped).on_lines > 0.03
    sampled = sample_table(table, 300, rng)
    assert sampled.lines is not None
    assert (sampled.lines < np.array(sampled.n_levels)).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_segments_of_straight_lines_are_not_natural_and_the_verdict_says_why(seed: int) -> None:
    table = survey(RNG(seed), 1_500, 0.08)
    found = scan(table, "latent-class", range(1, 7))
    choice = choose_k(found.table, "latent-class")
    assert choice.k > 1
    segments = PatternSegments.of(found.models[choice.k], choice.k, table.codes)
    evidence = gather_evidence(table, segments, "latent-class").evidence
    verdict = judge_evidence(evidence, choice.best_by_bic)
    assert verdict != "natural"
    assert evidence.straight_lines == pytest.approx(0.08, abs=0.025)
    assert "tick the same level throughout" in verdict.reason
