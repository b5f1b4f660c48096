"""Tables without segments, fitted to the customers: the one that describes them best is what segments have to beat."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

import numpy as np

from segmentry.arrays import Floats
from segmentry.selection.continuum import CYCLES, SHAPES, Traits, TraitShape, as_mixture, fit_traits
from segmentry.selection.count_tables import CountTables, from_mixture
from segmentry.selection.dependence_graph import DependenceGraph, select_graph

_FIRST_CYCLES, _KEPT, _MORE_CYCLES = 7, 3, 13
"""Cycles of EM that each shape gets; of so many that are best by then, further cycles; the best is followed to its end."""
_CYCLES_OF_DRAWN = 10
"""Cycles of drawn tables, which begin at the fitted model."""


class NullModel(Protocol):
    """A model of dependent features without segments."""

    @property
    def kind(self) -> str:
        """``traits-1``, ``traits-2``, ``traits-3``, ``circle`` or ``graph``."""

    @property
    def on_lines(self) -> float:
        """Share of the customers who tick one level throughout a battery, whatever else the model says of them."""

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood of the fitted table."""

    @property
    def n_parameters(self) -> int:
        """Number of free parameters."""

    def draw(self, table: CountTables, n_tables: int, rng: np.random.Generator) -> CountTables:
        """Draw tables of as many customers from the model."""

    def refit(self, drawn: CountTables) -> Floats:
        """Return the log-likelihood (n_tables,) of the model fitted to each drawn table."""


@dataclass(frozen=True)
class TraitsModel:
    """Continuous traits behind all features."""

    traits: Traits
    n_parameters: int

    @property
    def kind(self) -> str:
        """The number of traits, or that they lie on a circle."""
        return "circle" if self.traits.shape.is_circle else f"traits-{self.traits.shape.n_traits}"

    @property
    def on_lines(self) -> float:
        """Share of the customers who tick one level throughout."""
        return self.traits.on_lines

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood of the fitted table."""
        return float(self.traits.log_likelihoods[0])

    def draw(self, table: CountTables, n_tables: int, rng: np.random.Generator) -> CountTables:
        """Draw tables from the mixture of the nodes."""
        return from_mixture(table, as_mixture(table.replicates(), self.traits), n_tables, rng)

    def refit(self, drawn: CountTables) -> Floats:
        """Fit the traits anew, from those of the observed table."""
        found = fit_traits(drawn.replicates(), self.traits.shape, self.traits, _CYCLES_OF_DRAWN)
        return found.log_likelihoods


@dataclass(frozen=True)
class GraphModel:
    """Dependences between single features."""

    found: DependenceGraph
    log_likelihood: float

    @property
    def kind(self) -> str:
        """A graph."""
        return "graph"

    @property
    def on_lines(self) -> float:
        """Nobody: there are no straight lines in a graph."""
        return 0.0

    @property
    def n_parameters(self) -> int:
        """Number of free parameters."""
        return self.found.n_parameters

    def draw(self, table: CountTables, n_tables: int, rng: np.random.Generator) -> CountTables:
        """Draw feature after feature."""
        return self.found.draw(table, n_tables, rng)

    def refit(self, drawn: CountTables) -> Floats:
        """Take the shares of each table."""
        return self.found.log_likelihoods(drawn)


def bic_of(model: NullModel, n_customers: float) -> float:
    """Return the Bayesian information criterion of a null model."""
    return -2 * model.log_likelihood + model.n_parameters * float(np.log(n_customers))


class _SameTable:
    """A table as the key of a cache: equal to one of the same codes and weights."""

    def __init__(self, table: CountTables) -> None:
        self.table = table
        lines = b"" if table.lines is None else table.lines.tobytes()
        self.content = (table.codes.shape, table.codes.tobytes(), table.weights.tobytes(), lines)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SameTable) and self.content == other.content

    def __hash__(self) -> int:
        return hash(self.content)


def hardest_null(table: CountTables) -> NullModel:
    """Fit tables without segments to one table; return the one that describes it best by BIC.

    That of the last table is kept: a run asks for it twice where it looks at all customers.

    Traits are one, two or three, or places on a circle; a third is tried where two describe the table better than one. Beside them some customers may tick
    one level throughout a battery. Graphs of dependences are fitted to tables without missing values.
    """
    return _hardest(_SameTable(table))


@lru_cache(maxsize=1)
def _hardest(key: _SameTable) -> NullModel:
    table = key.table
    models: list[NullModel] = [_best_traits(table)]
    if (table.codes >= 0).all():
        graph = select_graph(table)
        models.append(GraphModel(graph, float(graph.log_likelihoods(table)[0])))
    return min(models, key=lambda model: bic_of(model, table.n_customers))


def _best_traits(table: CountTables) -> TraitsModel:
    data, n = table.replicates(), table.n_customers
    most = max(len(data.n_levels) - 2, 1)

    def fitted(shape: TraitShape, start: TraitsModel | None = None, n_cycles: int = CYCLES) -> TraitsModel:
        traits = fit_traits(data, shape, None if start is None else start.traits, n_cycles)
        return TraitsModel(traits, shape.n_parameters(data.n_levels))

    def bic(model: TraitsModel) -> float:
        return bic_of(model, n)

    shapes = [shape for shape in SHAPES if shape.n_traits <= most]
    if table.lines is not None:
        lines = tuple(map(tuple, table.lines.tolist()))
        shapes += [replace(shape, lines=lines) for shape in shapes]
    tried = [fitted(shape, n_cycles=_FIRST_CYCLES) for shape in shapes]
    best = min((fitted(m.traits.shape, m, _MORE_CYCLES) for m in sorted(tried, key=bic)[:_KEPT]), key=bic)
    rivals = [best]
    if best.traits.shape.n_traits == 2 and most >= 3:
        more = replace(best.traits.shape, n_traits=3, has_squares=False, is_circle=False)
        rivals.append(fitted(more, n_cycles=_FIRST_CYCLES + _MORE_CYCLES))
    if not best.traits.shape.is_circle:  # a circle is at its end sooner than three traits
        rivals = [min(rivals, key=bic)]
    return min((fitted(one.traits.shape, one) for one in rivals), key=bic)
