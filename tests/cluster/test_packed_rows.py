"""Rows of a large design are packed: a step, margins, fits and standard errors are those of one-hot rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentry.cluster import LatentClass
from segmentry.cluster.input.collapsed_rows import read_training
from segmentry.cluster.latent_class import em
from segmentry.cluster.latent_class.joined import Pair, new_design
from segmentry.cluster.latent_class.packed_rows import PackedRows
from segmentry.cluster.latent_class.starts import random_starts


def keep_entries(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Keep designs of so many entries one-hot, and pack larger ones."""
    monkeypatch.setattr(em, "_CACHED", most)
    monkeypatch.setattr(em, "_CACHED_ORDERED", most)


def test_designs_of_ordered_features_are_packed_from_a_million_entries() -> None:
    rng = np.random.default_rng(7)
    for n_rows, is_packed in ((8_000, False), (18_000, True)):
        X = np.column_stack([rng.integers(0, 30, n_rows) for _ in range(4)])
        patterns = read_training(LatentClass(missing_value=-1), X, np.ones(n_rows)).patterns
        packed = {kind: new_design(patterns, (), 0.0, [kind] * 4).packed for kind in (False, True)}
        assert packed[False] is None
        assert (packed[True] is not None) == is_packed


def two_designs(
    monkeypatch: pytest.MonkeyPatch, X: np.ndarray, weights: np.ndarray, is_ordered: list[bool], joined: bool
) -> list[em.DesignMatrix]:
    """The design of the same rows one-hot, and packed."""
    made = []
    for cached in (10**9, 0):
        keep_entries(monkeypatch, cached)
        patterns = read_training(LatentClass(missing_value=-1), X, weights).patterns
        pairs = (Pair(0, 1, (patterns.n_levels[0], patterns.n_levels[1])),) if joined else ()
        made.append(new_design(patterns, pairs, 0.5, is_ordered))
    assert [design.packed is not None for design in made] == [False, True]
    return made


def table(seed: int, n_rows: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.integers(0, n, n_rows) for n in (3, 2, 70, 40, 5, 90)])
    return X, rng.integers(1, 9, n_rows).astype(float)


@pytest.mark.parametrize("is_rough", [False, True])
@pytest.mark.parametrize(
    ("is_ordered", "joined", "holes"),
    [
        ([False] * 6, False, True),
        ([False] * 6, True, False),
        ([False, False, True, True, False, True], False, True),
    ],
)
def test_a_step_is_that_of_one_hot_rows(
    monkeypatch: pytest.MonkeyPatch, is_ordered: list[bool], joined: bool, holes: bool, is_rough: bool
) -> None:
    X, weights = table(3)
    if holes:
        X[::7, 0], X[::5, 2], X[::11] = -1, -1, -1
    dense, packed = two_designs(monkeypatch, X, weights, is_ordered, joined)
    np.testing.assert_allclose(packed.margins(), dense.margins(), rtol=1e-12)
    parameters = random_starts(dense, 3, 4, np.random.default_rng(0))
    np.testing.assert_allclose(random_starts(packed, 3, 4, np.random.default_rng(0)), parameters, rtol=1e-9)
    if is_rough:
        dense, packed = dense.rough(), packed.rough()
    (expected, values), (found, other_values) = (em.em_step(d, parameters) for d in (dense, packed))
    np.testing.assert_allclose(found, expected, rtol=2e-4 if is_rough else 1e-9, atol=1e-6 if is_rough else 0)
    np.testing.assert_allclose(other_values, values, rtol=1e-6 if is_rough else 1e-12)


def test_rows_next_to_impossible_in_every_class_count(monkeypatch: pytest.MonkeyPatch) -> None:
    X, weights = table(4)
    dense, packed = two_designs(monkeypatch, X, weights, [False] * 6, joined=False)
    parameters = random_starts(dense, 2, 1, np.random.default_rng(0))
    parameters[..., 1:] = np.where(np.arange(parameters.shape[-1] - 1) % 2, parameters[..., 1:], 1e-200)
    (expected, values), (found, other_values) = (em.em_step(d, parameters) for d in (dense, packed))
    assert packed.has_rare_rows
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    np.testing.assert_allclose(other_values, values, rtol=1e-12)


def test_rows_that_lack_one_of_two_joined_features_stay_one_hot(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_entries(monkeypatch, 0)
    X, weights = table(5)
    X[::3, 1] = -1
    patterns = read_training(LatentClass(missing_value=-1), X, weights).patterns
    pair = Pair(0, 1, (patterns.n_levels[0], patterns.n_levels[1]))
    assert new_design(patterns, (pair,), 0.0, [False] * 6).packed is None


@pytest.mark.parametrize("asked", ["levels", "ordered"])
def test_a_fit_and_its_standard_errors_are_those_of_one_hot_rows(
    monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    rng = np.random.default_rng(6)
    X = rng.integers(0, 4, (600, 5)) + 3 * rng.integers(0, 2, (600, 1))
    fits, errors = [], []
    for cached in (10**9, 0):
        keep_entries(monkeypatch, cached)
        model = LatentClass(2, distributions=asked, n_init=3, random_state=0, tol=1e-12).fit(X)
        fits.append(model)
        errors.append(model.standard_errors(X).class_prior)
    dense, packed = fits
    assert packed.log_likelihood_ == pytest.approx(dense.log_likelihood_, rel=1e-9)
    np.testing.assert_allclose(packed.class_prior_, dense.class_prior_, rtol=1e-5)
    np.testing.assert_allclose(errors[1], errors[0], rtol=1e-3)


@settings(max_examples=30)
@given(st.lists(st.integers(1, 80), min_size=1, max_size=7), st.integers(0, 2**32 - 1))
def test_sums_and_totals_are_those_of_one_number_per_level(n_levels: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = np.column_stack([rng.integers(-1, n, 50) for n in n_levels]).astype(np.int32)
    numbers, weights = rng.normal(size=(2, 1 + sum(n_levels))), rng.random((2, 50))
    ends = np.cumsum([1, *n_levels])
    one_hot = np.zeros((50, numbers.shape[1]))
    one_hot[:, 0] = 1
    for j, start in enumerate(ends[:-1]):
        has = codes[:, j] >= 0
        one_hot[has, start + codes[has, j]] = 1
    packed = PackedRows(codes, n_levels)
    np.testing.assert_allclose(packed.sums(packed.tables(numbers), slice(None)), numbers @ one_hot.T)
    np.testing.assert_allclose(packed.by_level(packed.totals(weights)), weights @ one_hot)
