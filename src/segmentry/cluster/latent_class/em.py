"""EM for mixtures of independent features: many starts in one batch, accelerated by SQUAREM."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from functools import partial
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, LevelCodes
from segmentry.cluster.input.collapsed_rows import WeightedPatterns, sorted_rows
from segmentry.cluster.latent_class.acceleration import squarem_cycle
from segmentry.cluster.latent_class.grouped_normals import GroupedNormals
from segmentry.cluster.latent_class.ordered import OrderedFeatures, ordered_columns
from segmentry.cluster.latent_class.packed_rows import PackedRows

BLOCK_ENTRIES = 2**17  # entries of a block of joint probabilities, to stay in a core's cache
_CACHED, _CACHED_ORDERED = 2 * 10**7, 10**6
"""Entries of a design matrix that is kept; of larger ones the rows are packed. With ordered features a row of it is nearly empty."""
TINY = 1e-300  # stands for 0 in a logarithm
_FAR = -70.0  # smallest log-probability in single precision, where numbers without all their digits take long
_ORDERED_PRIOR = (
    1.0  # rows: without them classes drift to spikes within a level, where the likelihood is flat
)
_LONGEST = 1e6  # of the steps that are extrapolated by
_LEAST: dict[type, float] = {np.float32: 1e-20, np.float64: 1e-290}
"""Probability of a row from which its classes can be told apart without taking the largest off."""


class DesignMatrix:
    """The patterns as one-hot rows (n_patterns, 1 + n_columns): 1, then one column per level, 0 where missing.

    `prior` is the weight of the Dirichlet prior in rows, see `pseudo_rows`; `precision` that of the joint probabilities;
    `ordered` the features that have a centre and a spread in every class, None where there are none, and `ordered_at` their positions.
    """

    precision: type[np.floating] = np.float64
    may_pack = True
    """Whether rows are combinations of levels, so that those of a large design can be packed."""
    has_rare_rows = False
    """Whether a row was next to impossible in every class; from then on the largest log-probability is taken off."""

    def __init__(
        self, patterns: WeightedPatterns, prior: float = 0.0, is_ordered: Sequence[bool] | None = None
    ) -> None:
        self.prior = prior
        has_levels = [n > 0 for n in patterns.n_levels]
        self.n_levels = [n for n in patterns.n_levels if n]
        self.codes = patterns.codes[:, has_levels]
        self.weights = patterns.weights
        self.total_weight = patterns.total_weight
        self.starts = np.cumsum([0, *self.n_levels])[:-1]
        self.n_columns = sum(self.n_levels)
        self.feature_of = np.repeat(np.arange(len(self.n_levels)), self.n_levels)
        self._pseudo_rows: dict[int, Floats] = {}
        self._coarse: DesignMatrix | None = None
        kept = [] if is_ordered is None else [o for o, has in zip(is_ordered, has_levels, strict=True) if has]
        n_entries = len(self.codes) * self.n_columns
        is_packed = self.may_pack and n_entries > (_CACHED_ORDERED if any(kept) else _CACHED)
        self.packed = PackedRows(self.codes, self.n_levels) if is_packed else None
        kind = np.float64 if n_entries <= _CACHED else np.uint8
        self._rows = None if self.packed else self._one_hot(self.codes, kind)
        self.ordered_at = np.flatnonzero(kept)
        self.ordered = ordered_columns(self.n_levels, kept)
        if self.ordered is not None:
            self.ordered = replace(self.ordered, margins=self.margins()[self.ordered.places])

    def __len__(self) -> int:
        return len(self.weights)

    def coarse(self) -> DesignMatrix:
        """Return a design whose ordered features have few levels, on which mixtures can compete; itself without such features.

        Rows that become equal are added up.
        """
        if self.ordered is None:
            return self
        if self._coarse is None:
            self._coarse = self._made_coarse(self.ordered)
        return self._coarse

    def _made_coarse(self, ordered: OrderedFeatures) -> DesignMatrix:
        codes, n_levels = self.codes.copy(), list(self.n_levels)
        for j, part in zip(self.ordered_at, ordered.coarse_levels(), strict=True):
            codes[:, j] = np.append(part, -1)[codes[:, j]]
            n_levels[j] = int(part[-1]) + 1
        first, place = sorted_rows(codes)
        distinct = codes[first]
        weights = np.bincount(place, self.weights, len(distinct)).astype(np.float64)
        orders = [np.arange(n) for n in n_levels]
        patterns = WeightedPatterns(distinct, weights, np.arange(len(distinct)), n_levels, orders)
        is_ordered = np.isin(np.arange(len(n_levels)), self.ordered_at)
        return self.like(patterns, is_ordered.tolist())

    def like(self, patterns: WeightedPatterns, is_ordered: Sequence[bool]) -> DesignMatrix:
        """Return the design of other patterns, with the same prior."""
        return DesignMatrix(patterns, self.prior, is_ordered)

    def refined(self, parameters: Floats, coarse: DesignMatrix) -> Floats:
        """Return mixtures of this design in place of those of its `coarse` one."""
        if self.ordered is None or coarse.ordered is None:
            return parameters
        own, theirs = self.ordered.others, coarse.ordered.others
        tail = parameters[..., 1 + coarse.n_columns :]
        refined = np.zeros((*parameters.shape[:-1], 1 + self.n_columns + tail.shape[-1]))
        refined[..., own] = parameters[..., theirs]
        refined[..., 1 + self.n_columns :] = tail
        return self.ordered.with_margins(refined)

    def rough(self) -> Self:
        """Return the same design in single precision: half the time or less, and log-likelihoods right to 1e-5 of a row.

        Enough to tell runs apart, not to follow one to its end.
        """
        other = copy(self)
        other.precision = np.float32
        if self._rows is not None and self._rows.dtype == self.precision:
            other._rows = self._rows.astype(np.float32)
        return other

    def blocks(self, n_models: int) -> Iterator[tuple[npt.NDArray[Any], Floats]]:
        """Yield rows and their weights, as many at a time as suits `n_models` mixture parts."""
        for part in self.parts(max(n_models, self.n_columns)):
            rows = self._one_hot(self.codes[part], self.precision) if self._rows is None else self._rows[part]
            yield rows.astype(self.precision, copy=False), self.weights[part]

    def dense(self) -> npt.NDArray[Any]:
        """Return all rows, one-hot."""
        return self._one_hot(self.codes, self.precision) if self._rows is None else self._rows

    def parts(self, n_entries: int, least: int = 64) -> Iterator[slice]:
        """Yield slices of the rows, as many at a time as suits so many entries of each, but at least so many."""
        height = max(least, BLOCK_ENTRIES // n_entries)
        return (slice(start, start + height) for start in range(0, len(self.weights), height))

    def batches(self, n_models: int) -> Iterator[tuple[slice, npt.NDArray[Any], Floats]]:
        """Yield blocks of rows with their weights, and which runs they count in: all of them."""
        for rows, weights in self.blocks(n_models):
            yield slice(None), rows, weights

    def levels(self, parameters: Floats, normals: GroupedNormals | None = None) -> Floats:
        """Return the shares of the classes and the probabilities of the levels (..., 1 + n_columns) of a mixture.

        `normals` are those of its ordered features, where they are known.
        """
        return parameters if self.ordered is None else self.ordered.levels(parameters, normals)

    def fitted(self, counts: Floats, parameters: Floats, normals: GroupedNormals | None) -> Floats:
        """Return the parameters that make expected counts (..., 1 + n_columns) likelier than `parameters`, with `normals`, do."""
        counts = self.folded(counts, parameters[..., : 1 + self.n_columns])
        head = counts if normals is None else counts.copy()
        head[..., 0] /= counts[..., 0].sum(axis=0)
        head[..., 1:] = self.normalise(counts[..., 1:], parameters[..., 1 : 1 + self.n_columns])
        if normals is None or self.ordered is None:
            return head
        return self.ordered.fitted(normals, counts[..., 1:], head)

    def folded(self, counts: Floats, levels: Floats) -> Floats:  # noqa: ARG002 - joined features spread counts by them
        """Return counts (..., 1 + n_columns) of counts of all columns that rows have."""
        return counts

    @property
    def width(self) -> int:
        """Return the columns that rows have."""
        return 1 + self.n_columns if self._rows is None else int(self._rows.shape[1])

    def margins(self) -> Floats:
        """Return the share of every level in its feature (n_columns,)."""
        if self.packed is not None:
            totals = self.packed.by_level(self.packed.totals(self.weights[None]))[0, 1:]
            return self.normalise(totals, totals)
        totals = sum(
            (weights @ rows[:, 1:] for rows, weights in self.blocks(1)), start=np.zeros(self.n_columns)
        )
        return self.normalise(totals, totals)

    def pseudo_rows(self, n_classes: int) -> Floats:
        """Return what the prior adds to the expected counts (1 + n_columns,) of every class.

        Galindo-Garre & Vermunt (2006): `prior` rows per class and feature, spread over the levels as the
        margins are, and `prior` rows over the classes in all, spread evenly. Ordered features have at least one row.
        """
        found = self._pseudo_rows.get(n_classes)
        if found is None:
            found = self.prior * np.concatenate([[1 / n_classes], self.margins()])
            if self.ordered is not None:
                found[self.ordered.at] = max(self.prior, _ORDERED_PRIOR) * self.ordered.margins
            self._pseudo_rows[n_classes] = found
        return found

    @property
    def has_prior(self) -> bool:
        """Return whether there is a prior on any parameter."""
        return self.prior > 0 or self.ordered is not None

    def normalise(self, counts: Floats, fallback: Floats) -> Floats:
        """Divide counts (..., n_columns) by their sum per feature; where that is 0, take `fallback`."""
        if not self.n_columns:
            return counts
        sums = np.add.reduceat(counts, self.starts, axis=-1)
        divisor = sums.take(self.feature_of, axis=-1)
        if sums.all():
            return counts / divisor
        return np.where(divisor > 0, counts / np.where(divisor > 0, divisor, 1.0), fallback)

    def _one_hot(self, codes: LevelCodes, kind: type[np.generic]) -> npt.NDArray[Any]:
        rows = np.zeros((len(codes), 1 + self.n_columns), kind)
        rows[:, 0] = 1
        for j, (start, n) in enumerate(zip(self.starts, self.n_levels, strict=True)):
            np.equal(codes[:, [j]], np.arange(n, dtype=np.int32), out=rows[:, 1 + start : 1 + start + n])
        return rows


def em_step(design: DesignMatrix, parameters: Floats) -> tuple[Floats, Floats]:
    """Return the parameters after one EM step, and the log-likelihoods (n_starts,) before it.

    With a prior both are those of the posterior: the log-likelihoods plus the log-density of the prior, but
    for a constant.
    """
    normals = None if design.ordered is None else design.ordered.common(parameters)
    logs = _logs(design.levels(parameters, normals))
    counts, log_likelihoods = _counts(design, logs.astype(design.precision, copy=False))
    if design.has_prior:
        pseudo = design.pseudo_rows(len(parameters))
        own = slice(len(pseudo))
        log_likelihoods += np.add.reduce(logs[..., own] @ pseudo, axis=0)
        counts[..., own] += pseudo
    return design.fitted(counts, parameters, normals), log_likelihoods


def expected_counts(design: DesignMatrix, levels: Floats) -> tuple[Floats, Floats]:
    """Return how often each class and level is expected, in the shape of `levels`, and log-likelihoods."""
    return _counts(design, _logs(levels).astype(design.precision, copy=False))


def _logs(levels: Floats) -> Floats:
    logs = np.maximum(levels, TINY)
    return np.log(logs, out=logs)


def _counts(design: DesignMatrix, logs: npt.NDArray[Any]) -> tuple[Floats, Floats]:
    if design.packed is not None:
        return _packed_counts(design, design.packed, logs)
    n_classes, n_starts, width = logs.shape
    counts = np.zeros(logs.shape)
    log_likelihoods = np.zeros(n_starts)
    for runs, rows, weights in design.batches(n_classes * n_starts):
        flat = logs[:, runs].reshape(-1, width)
        largest = _largest(weights)
        cube, values = _expected(design, partial(np.matmul, flat, rows.T), n_classes, weights / largest)
        log_likelihoods[runs] += largest * values
        counts[:, runs] += largest * (cube.reshape(len(flat), -1) @ rows).reshape(n_classes, -1, width)
    return counts, log_likelihoods


def _packed_counts(design: DesignMatrix, packed: PackedRows, logs: Floats) -> tuple[Floats, Floats]:
    """Return the same where rows are packed."""
    n_classes, n_starts, width = logs.shape
    tables = packed.tables(logs.reshape(-1, width))
    totals = np.zeros(tables.shape)
    log_likelihoods, largest = np.zeros(n_starts), _largest(design.weights)
    for part in design.parts(n_classes * n_starts, least=packed.n_cells):
        weights = design.weights[part] / largest
        cube, values = _expected(design, partial(packed.sums, tables, part), n_classes, weights)
        log_likelihoods += largest * values
        totals += packed.totals(cube.reshape(-1, len(weights)), part)
    return largest * packed.by_level(totals).reshape(logs.shape), log_likelihoods


def _largest(weights: Floats) -> np.float64:
    """Return what weights are divided by: without it, single precision would not hold weights of any size."""
    return np.float64(weights.max() or 1.0)


def _expected(
    design: DesignMatrix, log_joint: Callable[[], npt.NDArray[Any]], n_classes: int, weights: Floats
) -> tuple[npt.NDArray[Any], Floats]:
    """Return the weights of rows in each class (n_classes, n_starts, n_rows), and log-likelihoods (n_starts,).

    `log_joint` makes the joint log-probabilities (n_classes * n_starts, n_rows).
    """
    cube, total, peak = _joint(design, log_joint, n_classes)
    values = ((np.log(total) + peak) * weights).sum(axis=1)
    cube *= (weights / total).astype(cube.dtype, copy=False)
    return cube, values


def _joint(
    design: DesignMatrix, log_joint: Callable[[], npt.NDArray[Any]], n_classes: int
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any] | float]:
    """Return the joint probabilities (n_classes, n_starts, n_rows), their sums over the classes, and what was taken off.

    The largest log-probability of each row is taken off only where that is needed: it is two passes more.
    """
    cube = log_joint()
    cube = cube.reshape(n_classes, -1, cube.shape[-1])
    if not design.has_rare_rows:
        total = _exponentials(cube)
        if total.min() > _LEAST[cube.dtype.type]:
            return cube, total, 0.0
        design.has_rare_rows = True
        cube = log_joint().reshape(cube.shape)
    peak = cube.max(axis=0)
    cube -= peak
    return cube, _exponentials(cube), peak


def _exponentials(cube: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Replace logarithms by probabilities, and return the sums over the classes."""
    if cube.dtype == np.float32:
        np.maximum(cube, _FAR, out=cube)
    np.exp(cube, out=cube)
    return np.asarray(cube.sum(axis=0))


def accelerated_cycle(design: DesignMatrix, start: Floats) -> tuple[Floats, Floats]:
    """Take three EM steps, of which the last may leap ahead; return the log-likelihoods (n_runs,) at `start`, too."""
    return squarem_cycle(partial(em_step, design), start, _LONGEST, partial(_feasible, design))


def _feasible(design: DesignMatrix, leap: Floats, safe: Floats) -> Floats:
    """Pull the parameters back to positive shares: not below a tenth of the safe ones."""
    ordered, levels = design.ordered, slice(1, 1 + design.n_columns)
    pulled = None if ordered is None else ordered.pulled(leap, safe)
    leap = np.maximum(leap, 0.1 * safe)
    leap[..., 0] /= leap[..., 0].sum(axis=0)
    leap[..., levels] = design.normalise(leap[..., levels], safe[..., levels])
    if ordered is not None:
        leap[..., ordered.own] = pulled
    return leap
