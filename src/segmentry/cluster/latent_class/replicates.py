"""Latent classes fitted to many weightings of the same patterns, or of several tables, at once: bootstrap and null distributions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Indices
from segmentry.cluster.input.collapsed_rows import WeightedPatterns
from segmentry.cluster.latent_class.acceleration import run_until_still
from segmentry.cluster.latent_class.em import (
    BLOCK_ENTRIES,
    TINY,
    DesignMatrix,
    accelerated_cycle,
    expected_counts,
)
from segmentry.cluster.latent_class.starts import around_rows

_SHORT, _LONG, _LONG_ORDERED = 6, 100, 60  # cycles of every start, and of the best start of each replicate
_OF_ALL = 0.1  # share of all customers in classes that are made of groups
ROUGH = 1e-6  # tolerance from which on runs are followed in single precision
_TOLERANCE = 1e-7  # relative change of a cycle that ends a run


@dataclass(frozen=True)
class Mixtures:
    """One mixture per replicate: `parameters` (n_classes, n_replicates, 1 + n_columns), log-likelihoods."""

    parameters: Floats
    log_likelihoods: Floats


class Replicates:
    """Patterns under several weightings.

    Parameters
    ----------
    codes : ndarray of int (n_patterns, n_features)
        Level codes; -1 is missing.
    n_levels : sequence of int
        Levels per feature.
    weights : ndarray (n_replicates, n_patterns)
        The weight of each pattern in each replicate; a replicate has the same total as the others.
    is_ordered : sequence of bool, default=None
        Features whose classes have a centre and a spread. Mixtures are the probabilities of their levels all the same.
    """

    def __init__(
        self,
        codes: npt.NDArray[np.integer],
        n_levels: list[int],
        weights: Floats,
        is_ordered: Sequence[bool] | None = None,
    ) -> None:
        whole = WeightedPatterns(
            codes=np.asarray(codes, np.int32),
            weights=np.asarray(weights, np.float64).sum(axis=0),
            first_rows=np.arange(len(codes)),
            n_levels=list(n_levels),
            level_orders=[np.arange(n) for n in n_levels],
        )
        self.weights = np.asarray(weights, np.float64)
        self._design = _ReplicateDesign(whole, [self.weights], is_ordered)

    @classmethod
    def side_by_side(cls, tables: Sequence[Replicates]) -> Replicates:
        """Return the replicates of several tables of the same features, each with its own patterns, to be fitted at once.

        They have no `weights` in common; `labels_by_table` and `fit` are for them.
        """
        joined = object.__new__(cls)
        joined._design = _ReplicateDesign.joined([table._design for table in tables])
        return joined

    def __len__(self) -> int:
        return self._design.n_runs

    def of(self, chosen: Indices) -> Replicates:
        """Return some of the replicates."""
        part = object.__new__(Replicates)
        part.weights = self.weights[chosen]
        part._design = self._design.of(chosen)
        return part

    def rough(self) -> Replicates:
        """Return the same replicates in single precision: enough to follow a fit to a relative change of `ROUGH`, see `DesignMatrix.rough`."""
        other = copy(self)
        other._design = self._design.rough()
        return other

    def fit(
        self,
        n_classes: int,
        n_starts: int,
        rng: np.random.Generator,
        *,
        warm: Floats | None = None,
        n_short: int = _SHORT,
        tolerance: float = _TOLERANCE,
    ) -> Mixtures:
        """Fit a mixture to every replicate: the best of a few short random starts, followed to its end.

        `warm` (n_classes, 1 + n_columns) is one start more, the same for all, or with an axis of replicates in the middle one for
        each; every start takes `n_short` cycles; a run ends when a cycle changes its log-likelihood by no more than
        `tolerance`, relatively.
        """
        starts = self._starts(n_classes, 1 if n_classes == 1 else n_starts, rng)
        ordered = self._design.ordered
        if ordered is not None and n_classes == 1:
            return self._mixtures(starts[:, :, 0])
        if ordered is not None:
            flat = starts.reshape(n_classes, -1, starts.shape[-1])
            starts = around_rows(self._design, ordered, flat, rng).reshape(*starts.shape[:3], -1)
        if warm is not None:
            warm = warm if warm.ndim == 3 else warm[:, None]
            warm = warm if ordered is None else ordered.of_levels(warm)
            shape = (n_classes, len(self), 1, warm.shape[-1])
            starts = np.concatenate([starts, np.broadcast_to(warm[:, :, None], shape)], axis=2)
        return self._follow(self._best_starts(starts, 1 if n_classes == 1 else n_short), tolerance)

    def labels(self, parameters: Floats) -> Indices:
        """Return the most probable class (n_replicates, n_patterns) of every pattern in each mixture."""
        return self.labels_by_table(parameters)[0]

    def labels_by_table(self, parameters: Floats) -> list[Indices]:
        """Return for each table the most probable class (n_replicates, n_patterns) of its patterns in its mixtures."""
        logs = np.log(np.maximum(parameters, TINY))
        return [
            np.asarray((logs[:, runs, 1:] @ rows[:, 1:].T + logs[:, runs, :1]).argmax(axis=0))
            for runs, rows, _ in self._design.tables()
        ]

    @property
    def starts(self) -> Indices:
        """Return the first column of each feature."""
        return self._design.starts

    @property
    def n_levels(self) -> list[int]:
        """Return the levels of each feature that has any."""
        return self._design.n_levels

    def mixture_of(self, labels: Indices, n_classes: int) -> Floats:
        """Return the mixture (n_classes, 1 + n_columns) whose classes are groups of the patterns, all replicates together.

        A tenth of each class's shares are those of all customers, so that no level is excluded from a class for good.
        """
        design, weights = self._design, self.weights.sum(axis=0)
        parts = np.zeros((n_classes, len(weights)))
        parts[labels, np.arange(len(labels))] = weights
        sums, whole = parts @ design.rows, weights @ design.rows
        margins = design.normalise(whole, whole)
        shares = np.maximum(parts.sum(axis=1), TINY)
        levels = (1 - _OF_ALL) * design.normalise(sums, margins) + _OF_ALL * margins
        return np.column_stack([shares / shares.sum(), levels])

    def margins(self) -> Floats:
        """Return the share of every level in its feature (n_replicates, n_columns)."""
        totals = self.weights @ self._design.rows
        return self._design.normalise(totals, totals)

    def expected_counts(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Return the expected counts (n_classes, n_replicates, 1 + n_columns), of all first, and the log-likelihoods."""
        return expected_counts(self._design, parameters)

    def values(self, mixture: Floats) -> Floats:
        """Return the log-likelihood (n_replicates,) of one mixture (n_classes, 1 + n_columns) in each."""
        shape = (len(mixture), len(self), mixture.shape[1])
        return self.expected_counts(np.broadcast_to(mixture[:, None], shape))[1]

    def first_axes(self, n_axes: int, mixture: Floats | None = None) -> Floats:
        """Return the first principal axes of the levels (n_axes, n_columns), all replicates together.

        With a mixture (n_classes, 1 + n_columns), those of what it leaves unexplained between the features.
        """
        weights = self.weights.sum(axis=0) / self.weights.sum()
        rows = self._design.rows
        shares = weights @ rows
        spread = np.sqrt(np.maximum(shares, 1e-6))
        expected = np.outer(shares, shares) if mixture is None else self._expected_pairs(mixture, weights)
        covariance = (rows.T * weights) @ rows - expected
        if mixture is not None:
            for start, n in zip(self.starts, self.n_levels, strict=True):
                covariance[start : start + n, start : start + n] = 0.0
        axes = np.linalg.eigh(covariance / np.outer(spread, spread))[1]
        return np.asarray(axes[:, : -n_axes - 1 : -1].T / spread)

    def _expected_pairs(self, mixture: Floats, weights: Floats) -> Floats:
        """Return how often a mixture has every two levels together (n_columns, n_columns)."""
        logs = np.log(np.maximum(mixture, TINY))
        joint = logs[:, 1:] @ self._design.rows.T + logs[:, :1]
        shares = np.exp(joint - joint.max(axis=0))
        fitted = (shares / shares.sum(axis=0)).T @ mixture[:, 1:]
        return np.asarray((fitted.T * weights) @ fitted)

    def _starts(self, n_classes: int, n_starts: int, rng: np.random.Generator) -> Floats:
        """Return parameters (n_classes, n_replicates, n_starts, 1 + n_columns) after random class shares."""
        design = self._design
        starts = np.empty((n_classes, len(self), n_starts, 1 + design.n_columns))
        for s in range(n_starts):
            for runs, rows, weights in design.tables():
                shares = rng.standard_exponential((n_classes, *weights.shape))
                parts = shares * (weights / shares.sum(axis=0))
                starts[:, runs, s, 0] = parts.sum(axis=2)
                starts[:, runs, s, 1:] = parts @ rows[:, 1:]
        starts[..., 0] /= starts[..., 0].sum(axis=0)
        starts[..., 1:] = design.normalise(starts[..., 1:], design.margins())
        return starts

    def _best_starts(self, starts: Floats, n_cycles: int) -> Floats:
        n_classes, n_replicates, n_starts, width = starts.shape
        runs = starts.reshape(n_classes, n_replicates * n_starts, width)
        design = self._design.rough().of(np.repeat(np.arange(n_replicates), n_starts))
        values = np.empty(0)
        for _ in range(n_cycles):
            runs, values = accelerated_cycle(design, runs)
        best = values.reshape(n_replicates, n_starts).argmax(axis=1) + np.arange(n_replicates) * n_starts
        return runs[:, best]

    def _follow(self, parameters: Floats, tolerance: float) -> Mixtures:
        design = self._design.rough() if tolerance >= ROUGH else self._design

        def cycle(running: Indices, moving: Floats) -> tuple[Floats, Floats]:
            return accelerated_cycle(design.of(running), moving)

        most = _LONG if self._design.ordered is None else _LONG_ORDERED
        found = run_until_still(cycle, parameters, tolerance, most).parameters
        return self._mixtures(self._design.levels(found))

    def _mixtures(self, levels: Floats) -> Mixtures:
        return Mixtures(levels, expected_counts(self._design, levels)[1])


class _ReplicateDesign(DesignMatrix):
    """A design whose weights differ between the runs of a batch.

    The runs of a table follow each other, and each table has its own part of the rows: `run_weights` has for each an array
    (n_runs, n_patterns).
    """

    may_pack = False

    def __init__(
        self, patterns: WeightedPatterns, run_weights: list[Floats], is_ordered: Sequence[bool] | None = None
    ) -> None:
        super().__init__(patterns, 0.0, is_ordered)
        self.run_weights = run_weights
        self._rows = self.dense().astype(np.float64, copy=False)

    @classmethod
    def joined(cls, designs: Sequence[_ReplicateDesign]) -> _ReplicateDesign:
        """Return one design of several with the same features."""
        whole = WeightedPatterns(
            codes=np.concatenate([design.codes for design in designs]),
            weights=np.concatenate([design.weights for design in designs]),
            first_rows=np.arange(sum(map(len, designs))),
            n_levels=designs[0].n_levels,
            level_orders=[np.arange(n) for n in designs[0].n_levels],
        )
        is_ordered = np.isin(np.arange(len(whole.n_levels)), designs[0].ordered_at)
        return cls(whole, [w for design in designs for w in design.run_weights], is_ordered.tolist())

    @property
    def rows(self) -> Floats:
        """Return the levels alone (n_patterns, n_columns)."""
        return self.dense()[:, 1:]

    @property
    def n_runs(self) -> int:
        """Return the number of runs."""
        return sum(map(len, self.run_weights))

    def tables(self) -> Iterator[tuple[slice, npt.NDArray[Any], Floats]]:
        """Yield for each table its runs, its rows and the weights (n_runs, n_patterns) of these."""
        run = row = 0
        for weights in self.run_weights:
            n_runs, n_rows = weights.shape
            yield slice(run, run + n_runs), self.dense()[row : row + n_rows], weights
            run, row = run + n_runs, row + n_rows

    def of(self, runs: Indices) -> _ReplicateDesign:
        """Return the design for a batch of other runs: one per entry, by their number here; those of a table after each other."""
        other = object.__new__(_ReplicateDesign)
        other.__dict__.update(self.__dict__)
        if len(self.run_weights) == 1:
            other.run_weights = [self.run_weights[0][runs]]
            return other
        ends = np.cumsum([0, *map(len, self.run_weights)])
        cuts = np.searchsorted(runs, ends)
        other.run_weights = [
            weights[runs[a:b] - first]
            for weights, first, (a, b) in zip(self.run_weights, ends[:-1], pairwise(cuts), strict=True)
        ]
        return other

    def batches(self, n_models: int) -> Iterator[tuple[slice, npt.NDArray[Any], Floats]]:
        n_classes = n_models // max(self.n_runs, 1)
        for runs, rows, weights in self.tables():
            if not len(weights):
                continue
            height = max(64, BLOCK_ENTRIES // max(n_classes * len(weights), self.n_columns))
            for start in range(0, len(rows), height):
                part = slice(start, start + height)
                yield runs, rows[part], weights[:, part]

    def margins(self) -> Floats:
        totals = self.weights @ self.rows
        return self.normalise(totals, totals)
