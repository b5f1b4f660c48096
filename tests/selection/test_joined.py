"""Joined features are one to everything that asks how many segments there are and whether there are any."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

import segmentry as sg
from segmentry.patterns import FeatureLevels, PatternTable, as_codes, joined_as_one
from segmentry.selection import (
    InnerDependence,
    PatternSegments,
    choose_k,
    fit_model,
    gather_evidence,
    measure_inner_dependence,
    scan,
)
from segmentry.selection.sample_size import n_parameters
from structures import as_table, classes, continuum, dependent_pair, independent_columns


def joined(table: PatternTable, one: str, other: str) -> PatternTable:
    partner = {one: other, other: one}
    features = tuple(replace(f, joined=partner.get(f.name, "")) for f in table.features)
    return replace(table, features=features)


def test_as_one_they_are_a_feature_of_combinations() -> None:
    features = tuple(
        FeatureLevels(name, name.upper(), ("no", "yes"), joined=partner)
        for name, partner in (("a", "c"), ("b", ""), ("c", "a"))
    )
    table = PatternTable(
        features, as_codes([[0, 1, 1], [1, 0, 0], [1, 1, -1], [-1, 0, 0]]), np.array([4, 3, 2, 1])
    )
    whole = joined_as_one(table)
    assert [(f.name, f.label, f.joined) for f in whole.features] == [("a & c", "A & C", ""), ("b", "B", "")]
    assert whole.features[0].levels == ("no & no", "no & yes", "yes & no", "yes & yes")
    assert whole.codes.tolist() == [[1, 1], [2, 0], [-1, 1], [-1, 0]]
    assert joined_as_one(table.without_feature(2)).codes.tolist() == [[0, 1], [1, 0], [1, 1], [-1, 0]]


@pytest.mark.parametrize("n_others", [0, 1])
def test_the_only_two_features_are_never_to_be_joined(n_others: int) -> None:
    rng = np.random.default_rng(0)
    first = rng.integers(0, 4, 2_000)
    second = np.where(rng.random(2_000) < 0.6, first, rng.integers(0, 4, 2_000))
    others = rng.integers(0, 3, (2_000, n_others))
    table = as_table(np.column_stack([first, second, others]).astype(np.int32))
    assert (measure_inner_dependence(table).joined_pair is None) == (n_others == 0)


def test_two_features_that_depend_on_each_other_alone_are_no_segments() -> None:
    rng = np.random.default_rng(0)
    first = rng.integers(0, 3, 1_500)
    second = np.where(rng.random(1_500) < 0.6, first, rng.integers(0, 3, 1_500))
    table = as_table(np.column_stack([first, second, rng.integers(0, 3, (1_500, 3))]).astype(np.int32))
    whole = joined(table, "f0", "f1")
    bics = {
        name: scan(t, k=range(1, 4)).table.set_index("k")["bic"]
        for name, t in (("apart", table), ("joined", whole))
    }
    assert bics["apart"].idxmin() > 1
    assert bics["joined"].idxmin() == 1
    assert n_parameters(whole, 2) == scan(whole, k=[2]).table["n_parameters"][0]
    segments = PatternSegments.of(fit_model(whole, "latent-class", 3, n_init=5), 3, whole.codes)
    evidence = gather_evidence(whole, segments, "latent-class").evidence
    assert not evidence.independence.is_beyond
    assert {one.feature for one in evidence.left_out} == {f.name for f in table.features}
    assert max(one.cramers_v for one in evidence.left_out) < 0.1


@pytest.mark.parametrize("method", ["latent-class", "k-modes"])
def test_the_evidence_names_joined_features_apart(method: str) -> None:
    table = joined(as_table(dependent_pair(np.random.default_rng(0), 1_500)), "f3", "f4")
    model = fit_model(table, method, 2)  # type: ignore[arg-type]
    segments = PatternSegments.of(model, 2, table.codes)
    found = gather_evidence(table, segments, method, n_analyses=12)
    names = {f.name for f in table.features}
    assert {one.feature for one in found.evidence.left_out} == names
    for pair in found.evidence.pairs:
        assert set(pair.separated_by) | set(pair.alike_in) <= names
    assert found.evidence.choices is not None
    assert found.evidence.choices.n_analyses == 12
    assert not np.isnan(found.steadiness).any()


def test_a_run_with_joined_features_finds_the_planted_segments_and_is_saved(tmp_path) -> None:  # type: ignore[no-untyped-def]
    import pandas as pd

    rows = dependent_pair(np.random.default_rng(0), 1_500)
    rows[np.random.default_rng(1).random(rows.shape) < 0.05] = -1
    frame = pd.DataFrame(rows, columns=list("abcde")).astype("Int64").mask(lambda t: t < 0)
    frame["id"] = np.arange(len(frame))
    content = {
        "source": {"id": "id"},
        "features": [
            {"name": name, "column": name, "levels": [0, 1, 2] if name in "de" else [0, 1]}
            for name in "abcde"
        ],
        "model": {"joined": [["d", "e"]]},
    }
    result = sg.run(frame, sg.Recipe.from_dict(content), analyses=0)
    assert result.verify().is_equal
    again = sg.load(result.save(tmp_path / "model.json"))
    assert again.recipe.model.joined == (("d", "e"),)
    assert again.verify().is_equal
    pd.testing.assert_frame_equal(again.assign(frame), result.assign(frame))
    assert result.choice.best_by_bic == 2 == len(result.segments)
    apart = sg.run(frame, sg.Recipe.from_dict({**content, "model": {}}), analyses=0)
    assert apart.choice.best_by_bic > 2


@pytest.mark.parametrize("seed", [0, 1])
def test_the_pair_that_depends_inside_is_named_with_what_joining_it_gains(seed: int) -> None:
    table = as_table(dependent_pair(np.random.default_rng(seed), 1_500))
    inside = measure_inner_dependence(table)
    pair = inside.joined_pair
    assert pair is not None
    assert pair.features == ("f3", "f4")
    assert pair.residual > 20
    assert (pair.n_joined, pair.joined_bic < pair.apart_bic) == (2, True)
    criteria = scan(joined(table, "f3", "f4"), k=range(1, 4)).table
    assert pair.joined_bic == pytest.approx(criteria["bic"].min(), abs=1.0)
    choice = choose_k(scan(table, k=range(1, 6)).table, "latent-class", inside=inside)
    assert "f3 and f4 depend on each other inside the segments (bivariate residual" in choice.reason
    assert choice.reason.endswith('write joined = [["f3", "f4"]] into [model].')
    assert "joined" not in choose_k(scan(table, k=range(1, 6)).table, "k-means", inside=inside).reason
    assert InnerDependence.from_dict(json.loads(json.dumps(asdict(inside)))) == inside
    assert measure_inner_dependence(joined(table, "f3", "f4")).joined_pair is None


@pytest.mark.parametrize("seed", [0, 1])
def test_no_pair_is_named_where_none_depends_inside(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for table in (
        independent_columns(rng, 2_000, [4, 3, 3, 4, 2]),
        classes(rng, 2_000, [3, 4, 3, 5, 3, 4], 4),
        continuum(rng, 2_000, [3, 4, 3, 5, 3, 4], 1.0),
    ):
        assert measure_inner_dependence(table).joined_pair is None


def test_where_one_of_the_two_is_missing_both_are_compared_without() -> None:
    rows = dependent_pair(np.random.default_rng(0), 2_000)
    rows[np.random.default_rng(1).random(2_000) < 0.2, 3] = -1
    pair = measure_inner_dependence(as_table(rows)).joined_pair
    assert pair is not None
    assert pair.features == ("f3", "f4")
    rows[rows[:, 3] < 0, 4] = -1
    again = measure_inner_dependence(as_table(rows)).joined_pair
    assert again is not None
    assert again.joined_bic == pytest.approx(pair.joined_bic, abs=1.0)
