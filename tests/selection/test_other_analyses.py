"""What depends on our choices: other analyses move whom they ought to move, and the share of analyses tells the truth."""

from __future__ import annotations

import inspect
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.cli.segments import run_command
from segmentry.datasets import sample_households
from segmentry.errors import ModelError
from segmentry.patterns import PatternTable
from segmentry.selection import N_ANALYSES, ChoiceDependence, PatternSegments, fit_model, gather_evidence
from segmentry.selection.analysis_variants import Variants
from segmentry.selection.count_tables import observed_table
from segmentry.selection.other_analyses import analyse_otherwise, labels_of, stays_in
from segmentry.selection.refits import SegmentedTable, refit_of
from structures import as_table, classes

METHODS = ("latent-class", "k-modes", "k-means")


def analysed(
    table: PatternTable, n: int, seed: int = 0, method: str = "latent-class", k: int = 3
) -> tuple[ChoiceDependence, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    counts, rows = observed_table(table, rng)
    labels = fit_model(table, method, k, n_init=10).predict(table.codes)[rows]  # type: ignore[arg-type]
    segmented = SegmentedTable(counts, labels, k, refit_of(method, table))
    found, stays = analyse_otherwise(Variants(table, rows, segmented, method, rng), n)
    return found, stays, segmented.weights


def ordered(table: PatternTable) -> PatternTable:
    return replace(table, features=tuple(replace(f, scale="ordinal") for f in table.features))


@pytest.mark.parametrize("method", METHODS)
def test_clear_classes_survive_and_every_kind_is_tried(method: str) -> None:
    table = ordered(classes(np.random.default_rng(2), 1_500, [3, 4, 3, 5, 3, 4], 3, purity=0.85))
    found, stays, _ = analysed(table, 30, method=method)
    assert found.n_analyses == 30 == sum(one.n_analyses for one in found.analyses)
    assert {one.kind for one in found.analyses} == {
        "feature",
        "levels",
        "edges",
        "number",
        "method",
        "customers",
    }
    assert {one.what for one in found.analyses if one.kind == "number"} == {"2", "4"}
    assert [one.moved for one in found.analyses] == sorted(
        (one.moved for one in found.analyses), reverse=True
    )
    assert min(found.by_segment) > 0.8
    assert stays.min() >= 0
    assert stays.max() <= 1


def test_a_feature_that_few_others_stand_in_for_moves_most() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 2_000)
    typical = np.array([[0, 0, 0, 0, 0], [1, 1, 0, 0, 0], [2, 2, 1, 1, 1]])[truth]
    table = as_table(np.where(rng.random((2_000, 5)) < 0.85, typical, rng.integers(0, 2, (2_000, 5))))
    found, _, _ = analysed(table, 20)
    left_out = {one.what: one.moved for one in found.analyses if one.kind == "feature"}
    assert max(left_out["F0"], left_out["F1"]) > 1.5 * max(left_out["F2"], left_out["F3"], left_out["F4"])


@pytest.mark.parametrize("n", [1, 5, 60])
def test_so_many_analyses_are_made_as_are_asked_for(n: int) -> None:
    table = classes(np.random.default_rng(3), 500, [3, 4, 3], 2)
    assert analysed(table, n, k=2)[0].n_analyses == n


def test_an_analysis_finds_the_same_whatever_was_made_before_it() -> None:
    table = classes(np.random.default_rng(7), 500, [3, 4, 3], 2)
    counts, rows = observed_table(table, np.random.default_rng(0))
    segmented = SegmentedTable(counts, counts.codes[:, 0] % 2, 2, refit_of("latent-class", table))
    made = Variants(table, rows, segmented, "latent-class", np.random.default_rng(0)).chosen(30)
    assert [one.n for one in made if one.kind == "customers"] == [5, 4, 4, 4, 4]
    for one in reversed(made):
        again = one.labels()
        assert len(again) == one.n
        np.testing.assert_array_equal(one.labels(), again)


def test_missing_values_are_also_taken_as_a_level() -> None:
    table = classes(np.random.default_rng(4), 800, [3, 4, 3, 3], 2)
    codes = table.codes.copy()
    codes[::5, 1] = -1
    found, _, _ = analysed(replace(table, codes=codes), 20, k=2)
    kinds = {one.kind: one.what for one in found.analyses}
    assert "missing" in kinds
    assert kinds["method"] == "k-modes"  # k-means takes none


def test_customers_at_nine_in_ten_stay_in_nine_in_ten_new_analyses() -> None:
    table = classes(np.random.default_rng(5), 1_000, [3, 4, 3, 4, 3], 3, purity=0.6)
    _, told, weights = analysed(table, 60, seed=1)
    _, again, _ = analysed(table, 60, seed=2)
    close = (told > 0.82) & (told < 0.97)
    assert close.sum() > 20
    mean_told, mean_again = (np.average(one[close], weights=weights[close]) for one in (told, again))
    assert mean_again == pytest.approx(mean_told, abs=0.03)


def test_customers_stay_in_new_analyses_as_often_as_they_are_told() -> None:
    told, new, customers = [], [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        table = classes(rng, 1_500, [3, 4, 3, 5, 3, 4], 3, purity=0.6)
        counts, rows = observed_table(table, rng)
        labels = fit_model(table, "latent-class", 3, n_init=10).predict(table.codes)[rows]
        segmented = SegmentedTable(counts, labels, 3, refit_of("latent-class", table))
        made = [
            Variants(table, rows, segmented, "latent-class", np.random.default_rng([seed, i]))
            for i in range(3)
        ]
        told.append(analyse_otherwise(made[0], 30)[1])
        new.append(
            np.mean(
                [stays_in(segmented, labels_of(one.chosen(30), segmented)).mean(axis=0) for one in made[1:]],
                axis=0,
            )
        )
        customers.append(segmented.weights)
    shares, again, weights = np.concatenate(told), np.concatenate(new), np.concatenate(customers)
    for low, high in ((0.5, 0.75), (0.75, 0.88), (0.88, 0.92), (0.92, 1.01)):
        group = (shares >= low) & (shares < high)
        mean = [np.average(one[group], weights=weights[group]) for one in (shares, again)]
        assert mean[1] == pytest.approx(mean[0], abs=0.03)


def test_a_run_has_them_and_is_refused_a_number_that_is_none() -> None:
    customers = sample_households(rows=800)
    result = sg.run(customers, HOUSEHOLDS, segments=3, analyses=8)
    assert result.evidence is not None
    assert result.evidence.choices is not None
    assert result.evidence.choices.n_analyses == 8
    assert result.steadiness is not None
    assert result.patterns is not None
    assert result.steadiness.shape == (result.patterns.n_patterns,)
    assert ((result.steadiness >= 0) & (result.steadiness <= 1)).all()
    with pytest.raises(
        ModelError, match="analyses: the number of other analyses is from 0 to 10,000, not -1"
    ):
        sg.run(customers, HOUSEHOLDS, analyses=-1)


@pytest.mark.parametrize("method", METHODS)
def test_what_is_told_is_what_the_segments_of_the_analyses_say(method: str) -> None:
    table = classes(np.random.default_rng(8), 900, [3, 4, 3, 4], 3, purity=0.7)
    segments = PatternSegments.of(fit_model(table, method, 3, n_init=5), 3, table.codes)  # type: ignore[arg-type]
    found = gather_evidence(table, segments, method, n_analyses=20)
    choices, others = found.evidence.choices, found.others
    assert choices is not None
    assert others is not None
    assert others.labels.shape == (20, len(others.rows)) == (len(others.places), table.n_patterns)
    assert others.labels.min() == 0
    own, weights = segments.labels[others.rows], others.weights / others.weights.sum()
    stays = np.zeros(others.labels.shape, bool)
    for i, labels in enumerate(others.labels):
        n = max(3, labels.max() + 1)
        kept = {
            partner: sum(weights[(own == s) & (labels == t)].sum() for s, t in enumerate(partner))
            for partner in permutations(range(n), 3)
        }
        partner = max(kept, key=lambda one: kept[one])
        stays[i] = np.array(partner)[own] == labels
        assert (weights @ stays[i]) == pytest.approx(max(kept.values()))
    moved = [1 - weights @ stays[i] for i in range(20)]
    for place, one in enumerate(choices.analyses):
        mine = np.flatnonzero(others.places == place)
        assert len(mine) == one.n_analyses
        assert one.moved == pytest.approx(np.mean([moved[i] for i in mine]))
    np.testing.assert_allclose(found.steadiness[others.rows], stays.mean(axis=0))


def test_none_are_made_where_none_are_asked_for() -> None:
    table = classes(np.random.default_rng(6), 400, [3, 4, 3], 2)
    segments = PatternSegments.of(fit_model(table, "latent-class", 2), 2, table.codes)
    found = gather_evidence(table, segments, "latent-class")
    assert found.evidence.choices is None
    assert np.isnan(found.steadiness).all()
    assert found.others is None


def test_the_command_makes_as_many_as_the_function() -> None:
    default = inspect.signature(run_command).parameters["analyses"].default
    assert default == N_ANALYSES == inspect.signature(sg.run).parameters["analyses"].default
