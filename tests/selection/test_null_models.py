"""Models without segments: each describes the tables that it is made for better than classes do."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from segmentry.cluster.latent_class.criteria import n_class_parameters
from segmentry.selection.continuum import SHAPES, TraitShape, as_mixture, fit_traits
from segmentry.selection.count_tables import CountTables
from segmentry.selection.dependence_graph import select_graph
from segmentry.selection.null_models import bic_of, hardest_null

RNG = np.random.default_rng
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))]


def counted(codes: np.ndarray) -> CountTables:
    patterns, counts = np.unique(codes.astype(np.int32), axis=0, return_counts=True)
    return CountTables(patterns, [int(column.max()) + 1 for column in patterns.T], counts[None].astype(float))


def cut(values: np.ndarray, n: int = 4) -> np.ndarray:
    return np.column_stack([np.searchsorted(np.quantile(v, np.arange(1, n) / n), v) for v in values.T])


def two_traits(rng: np.random.Generator, n: int) -> np.ndarray:
    place = rng.standard_normal((n, 2))
    return cut(np.repeat(place, 3, axis=1) + 0.8 * rng.standard_normal((n, 6)))


def seasons(rng: np.random.Generator, n: int) -> np.ndarray:
    angle = rng.uniform(0, 2 * np.pi, (n, 1, 1))
    peaks = rng.uniform(0, 2 * np.pi, (6, 1)) + np.linspace(0, 2 * np.pi, 4, endpoint=False)
    logits = 1.5 * np.cos(angle - rng.permuted(peaks, axis=1))
    return (logits + rng.gumbel(size=logits.shape)).argmax(axis=2)


def chain(rng: np.random.Generator, n: int) -> np.ndarray:
    values = [rng.standard_normal(n)]
    for _ in range(5):
        values.append(0.7 * values[-1] + np.sqrt(0.51) * rng.standard_normal(n))
    return cut(np.column_stack(values), 3)


def copied(rng: np.random.Generator, n: int) -> np.ndarray:
    fine = rng.integers(0, 6, n)
    return np.column_stack([fine, fine // 2, *(rng.integers(0, 3, n) for _ in range(4))])


def three_classes(rng: np.random.Generator, n: int) -> np.ndarray:
    truth = rng.integers(0, 3, n)
    typical = rng.permuted(np.tile(np.arange(3), (6, 1)), axis=1)[:, truth].T
    return np.where(rng.random((n, 6)) < 0.75, typical, rng.integers(0, 3, (n, 6)))


def classes_bic(table: CountTables, numbers: range, rng: np.random.Generator) -> float:
    data = table.replicates()
    return min(
        -2 * data.fit(k, 10, rng).log_likelihoods[0]
        + n_class_parameters(k, table.n_levels) * np.log(table.n_customers)
        for k in numbers
    )


@pytest.mark.parametrize(
    ("made", "kinds"),
    [
        (two_traits, {"traits-2"}),
        (chain, {"graph", "traits-2", "traits-3"}),
        (copied, {"graph"}),
        (seasons, {"circle"}),
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_has_no_classes_is_described_better_without(made, kinds: set[str], seed: int) -> None:
    rng = RNG(seed)
    table = counted(made(rng, 2_000))
    null = hardest_null(table)
    assert null.kind in kinds
    assert bic_of(null, 2_000) < classes_bic(table, range(2, 9), rng) - 50


@pytest.mark.parametrize("seed", SEEDS)
def test_classes_are_described_better_by_classes(seed: int) -> None:
    rng = RNG(seed)
    table = counted(three_classes(rng, 2_000))
    assert classes_bic(table, range(3, 4), rng) < bic_of(hardest_null(table), 2_000) - 50


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_shape_nests_independence_and_is_its_own_mixture(shape: TraitShape) -> None:
    data = counted(two_traits(RNG(1), 1_500)).replicates()
    found = fit_traits(data, shape)
    independent = data.fit(1, 1, RNG(0)).log_likelihoods[0]
    assert found.log_likelihoods[0] > independent
    np.testing.assert_allclose(data.values(as_mixture(data, found)), found.log_likelihoods, rtol=1e-9)


def test_parameters_are_counted_by_hand() -> None:
    levels = [2, 4, 1]
    assert TraitShape(1, has_squares=False, lines=((0, 0, -1), (1, 1, -1))).n_parameters(levels) == 2 * 4 + 2
    assert TraitShape(1, has_squares=False).n_parameters(levels) == 2 * 4
    assert TraitShape(1, has_squares=True).n_parameters(levels) == 3 * 4
    assert TraitShape(2, has_squares=False).n_parameters(levels) == 3 * 4 - 1
    assert TraitShape(2, has_squares=False, is_by_rank=True).n_parameters(levels) == 4 + 2 * 2 - 1


def test_a_graph_is_the_saturated_table_where_everything_depends() -> None:
    rng = RNG(2)
    one = rng.integers(0, 2, 4_000)
    other = (one + (rng.random(4_000) < 0.2)) % 2
    table = counted(np.column_stack([one, other, (one & other) ^ (rng.random(4_000) < 0.1)]))
    graph = select_graph(table)
    counts = table.weights[0]
    assert (graph.n_edges, graph.n_parameters) == (3, 7)
    assert graph.log_likelihoods(table)[0] == pytest.approx((counts * np.log(counts / counts.sum())).sum())


def test_a_graph_without_edges_is_independence() -> None:
    codes = RNG(3).integers(0, 3, (2_000, 4))
    table = counted(codes)
    graph = select_graph(table)
    assert (graph.n_edges, graph.n_parameters) == (0, 8)
    independent = table.replicates().fit(1, 1, RNG(0)).log_likelihoods[0]
    assert graph.log_likelihoods(table)[0] == pytest.approx(independent)


def test_drawn_tables_have_the_dependences_of_the_graph() -> None:
    table = counted(chain(RNG(4), 5_000))
    graph = select_graph(table)
    drawn = graph.draw(table, 40, RNG(5))
    assert drawn.weights.sum(axis=1).tolist() == [5_000.0] * 40
    for i, j in itertools.combinations(range(6), 2):
        if j in graph.parents[i] or i in graph.parents[j]:
            assert cross(drawn, i, j) == pytest.approx(cross(table, i, j), abs=0.01)


def cross(tables: CountTables, i: int, j: int) -> np.ndarray:
    flat = tables.codes[:, i] * 3 + tables.codes[:, j]
    return np.bincount(flat, tables.weights.mean(axis=0), minlength=9) / tables.n_customers
