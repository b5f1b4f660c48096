"""Features that depend on each other in pairs and small groups: a table without segments, and without a common cause.

A decomposable graphical model (Lauritzen 1996): features are its nodes, and two that no path of dependence needs are
independent given those between them. Its likelihood is a product of shares, so that edges can be added one after the other
by BIC (Deshpande, Garofalakis & Jordan 2001). Chains, a feature beside its coarsened copy, and answers that follow from others by a
rule are such tables.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Indices
from segmentry.selection.count_tables import CountTables

_MOST_CELLS = 100_000
"""Levels of a clique, multiplied: what is larger is not tried."""


@dataclass(frozen=True)
class DependenceGraph:
    """A decomposable model of one table: each feature with the features that it depends on.

    Attributes
    ----------
    parents
        Features that each feature depends on, among those before it in `order`.
    order
        All features, in an order in which they can be drawn.
    n_edges, n_parameters
        Number of dependences, and of free parameters.
    """

    parents: dict[int, tuple[int, ...]]
    order: tuple[int, ...]
    n_edges: int
    n_parameters: int

    def log_likelihoods(self, tables: CountTables) -> Floats:
        """Return the log-likelihood (n_tables,) of the model fitted to each table."""
        total = np.zeros(len(tables.weights))
        for feature in self.order:
            parents = self.parents[feature]
            total += _entropies(tables, (*parents, feature)) - _entropies(tables, parents)
        return total

    def draw(self, table: CountTables, n_tables: int, rng: np.random.Generator) -> CountTables:
        """Draw tables of as many customers from the model fitted to a table."""
        number, counts = np.arange(n_tables), np.full(n_tables, table.n_customers)
        levels = np.zeros((n_tables, len(self.order)), np.int32)
        for feature in self.order:
            shares, group = _conditional_shares(table, feature, self.parents[feature], levels)
            drawn = rng.multinomial(counts, shares[group])
            row, level = np.nonzero(drawn)
            counts, number, levels = drawn[row, level], number[row], levels[row]
            levels[:, feature] = level
        distinct, pattern = np.unique(levels, axis=0, return_inverse=True)
        weights = np.zeros((n_tables, len(distinct)))
        np.add.at(weights, (number, pattern.reshape(-1)), counts)
        return CountTables(distinct, table.n_levels, weights, table.is_ordered)


def select_graph(table: CountTables) -> DependenceGraph:
    """Add the dependence that lowers BIC most, as long as one does; the table has no missing values."""
    search = _Search(table)
    while (edge := search.best_edge()) is not None:
        search.add(edge)
    return search.graph()


@dataclass
class _Search:
    table: CountTables
    neighbours: dict[int, set[int]] = field(init=False)
    gains: dict[tuple[int, int, tuple[int, ...]], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.neighbours = {j: set() for j in range(len(self.table.n_levels))}

    def best_edge(self) -> tuple[int, int] | None:
        """Return the edge that lowers BIC most and keeps the graph decomposable; None where none lowers it."""
        best, most = None, 0.0
        for one, other in itertools.combinations(self.neighbours, 2):
            if other in self.neighbours[one]:
                continue
            between = self.neighbours[one] & self.neighbours[other]
            if self._is_separated(one, other, between):
                gain = self._gain(one, other, tuple(sorted(between)))
                if gain > most:
                    best, most = (one, other), gain
        return best

    def add(self, edge: tuple[int, int]) -> None:
        """Add an edge."""
        one, other = edge
        self.neighbours[one].add(other)
        self.neighbours[other].add(one)

    def _is_separated(self, one: int, other: int, between: set[int]) -> bool:
        """Whether every path from one to the other passes through what both touch: then their edge makes no hole."""
        seen, pending = {one}, [one]
        while pending:
            for node in self.neighbours[pending.pop()] - between - seen:
                if node == other:
                    return False
                seen.add(node)
                pending.append(node)
        return True

    def _gain(self, one: int, other: int, between: tuple[int, ...]) -> float:
        """Return by how much the edge lowers BIC: conditional information against its parameters."""
        key = (one, other, between)
        if key not in self.gains:
            levels = self.table.n_levels
            cells = float(np.prod([levels[j] for j in between], dtype=float))
            n_free = (levels[one] - 1) * (levels[other] - 1) * cells
            if cells * levels[one] * levels[other] > _MOST_CELLS:
                self.gains[key] = -np.inf
            else:
                parts = ((*between, one, other), between, (*between, one), (*between, other))
                whole, common, left, right = (_entropies(self.table, part)[0] for part in parts)
                self.gains[key] = 2 * (whole + common - left - right) - n_free * np.log(
                    self.table.n_customers
                )
        return self.gains[key]

    def graph(self) -> DependenceGraph:
        """Return the graph with its features in an order of maximum cardinality, in which parents are cliques."""
        order: list[int] = []
        parents: dict[int, tuple[int, ...]] = {}
        n_free, levels = 0, self.table.n_levels
        while len(order) < len(levels):
            left = [j for j in self.neighbours if j not in parents]
            feature = max(left, key=lambda j: (len(self.neighbours[j] & parents.keys()), -j))
            mine = tuple(sorted(self.neighbours[feature] & parents.keys()))
            n_free += max(levels[feature] - 1, 0) * int(np.prod([levels[j] for j in mine], dtype=int))
            parents[feature] = mine
            order.append(feature)
        return DependenceGraph(parents, tuple(order), sum(map(len, parents.values())), n_free)


def _cells(
    table: CountTables, features: tuple[int, ...], codes: npt.NDArray[np.integer]
) -> tuple[Indices, int]:
    """Return the cell of each row of codes in the cross table of some features, and the number of cells."""
    shape = [max(table.n_levels[j], 1) for j in features]
    if not features:
        return np.zeros(len(codes), np.intp), 1
    return np.ravel_multi_index(tuple(codes[:, j] for j in features), shape), int(np.prod(shape))


def _entropies(table: CountTables, features: tuple[int, ...]) -> Floats:
    """Return the sum of n log n (n_tables,) over the cells of the cross table of some features."""
    cells, n_cells = _cells(table, features, table.codes)
    counts = np.stack([np.bincount(cells, weights, minlength=n_cells) for weights in table.weights])
    return np.asarray((counts * np.log(np.where(counts > 0, counts, 1.0))).sum(axis=1))


def _conditional_shares(
    table: CountTables, feature: int, parents: tuple[int, ...], levels: npt.NDArray[np.integer]
) -> tuple[Floats, Indices]:
    """Return the shares (n_cells, n_levels) of a feature's levels for each cell of its parents, and the cell of each row."""
    cells, n_cells = _cells(table, parents, table.codes)
    n = table.n_levels[feature]
    flat = cells * n + table.codes[:, feature]
    counts = np.bincount(flat, table.weights[0], minlength=n_cells * n).reshape(n_cells, n)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.where(totals > 0, counts / np.where(totals > 0, totals, 1.0), 1.0 / n)
    return shares, _cells(table, parents, levels)[0]
