"""Features whose classes have a centre and a spread: where a mixture keeps them, and how they are fitted.

A mixture (n_classes, n_runs, width) keeps the shares of the classes in its first column, then a column per level of
all features. Features of distribution "levels" have their probabilities there, ordered ones their thresholds, the same in
every class. Behind follow the centres of all ordered features, then the logarithms of their spreads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import ndtri

from segmentry.arrays import Floats, Indices, LevelCodes
from segmentry.cluster.latent_class.grouped_normals import (
    BEYOND,
    SPREADS,
    Columns,
    GroupedNormals,
    matched_thresholds,
    maximise,
    reach_of_step,
    within,
)

_LEAST_SHARE = 1e-9  # of a level that a sample lacks
_COARSE = 12  # levels with which mixtures compete
_ROUNDS = 12  # steps by which a mixture is found from its levels
_START_SPREAD, _START_REACH = 0.7, 0.8  # of a class that begins around one customer


@dataclass(frozen=True)
class OrderedFeatures:
    """The ordered features of a design.

    Attributes
    ----------
    columns
        The columns of their levels, counted among those of ordered features.
    places
        (n_ordered_columns,) where these are among the columns of all levels.
    margins
        (n_ordered_columns,) shares of the levels in all rows.
    n_columns
        Columns of the levels of all features.
    """

    columns: Columns
    places: Indices
    margins: Floats
    n_columns: int

    @property
    def n_features(self) -> int:
        """Return the number of ordered features."""
        return len(self.columns.sizes)

    @cached_property
    def at(self) -> Indices:
        """Return the columns of a mixture that hold thresholds."""
        return 1 + self.places

    @cached_property
    def own(self) -> Indices:
        """Return the columns of a mixture that hold ordered features: thresholds, centres, spreads."""
        tail = np.arange(2 * self.n_features) + 1 + self.n_columns
        return np.concatenate([self.at, tail])

    @property
    def others(self) -> Indices:
        """Return the columns of a mixture that hold the shares of the classes and all other features."""
        return np.delete(np.arange(1 + self.n_columns), self.at)

    def normals(self, mixture: Floats) -> GroupedNormals:
        """Return the distributions of a mixture (..., width)."""
        tail = mixture[..., 1 + self.n_columns :]
        centres, logs = tail[..., : self.n_features], tail[..., self.n_features :]
        return GroupedNormals(self.columns, centres, np.exp(logs), mixture.take(self.at, axis=-1))

    def common(self, mixture: Floats) -> GroupedNormals:
        """Return the distributions of a mixture (n_classes, n_runs, width) with thresholds (n_runs, n_columns) of all classes.

        Mixtures that are crossed bring thresholds of their own.
        """
        own = self.normals(mixture)
        thresholds = np.add.reduce(own.thresholds, axis=0)
        thresholds /= len(mixture)
        return GroupedNormals(self.columns, own.centres, own.spreads, thresholds)

    def levels(self, mixture: Floats, normals: GroupedNormals | None = None) -> Floats:
        """Return the shares of the classes and the probabilities of all levels (..., 1 + n_columns)."""
        found = mixture[..., : 1 + self.n_columns].copy()
        found[..., self.at] = (normals or self.normals(mixture)).masses
        return found

    def fitted(self, before: GroupedNormals, counts: Floats, head: Floats) -> Floats:
        """Return a mixture whose ordered features make `counts` of all levels likelier, and with `head` for the rest."""
        after = self._standardised(maximise(before, counts.take(self.places, axis=-1)), head[..., 0])
        return self._joined(head, after)

    def pulled(self, leap: Floats, safe: Floats) -> Floats:
        """Return the own columns of a leap, shortened to where thresholds keep their order and spreads their bounds."""
        there, here = leap[..., self.own], safe[..., self.own]
        n = len(self.places)
        step = there - here
        length = np.minimum(reach_of_step(self.columns, here[..., :n], step[..., :n]), 1.0)
        length = np.concatenate([self.columns.spread(length), length, length], axis=-1)
        pulled = here + length * step
        logs = pulled[..., n + self.n_features :]
        np.clip(logs, *np.log(SPREADS), out=logs)
        return np.asarray(pulled)

    def around(self, seeds: LevelCodes, head: Floats) -> Floats:
        """Return mixtures whose classes begin around single rows, of ordered codes `seeds` (n_classes, n_runs, n_features)."""
        scores = ndtri(self._middles())
        known = scores[np.maximum(seeds, 0) + self.columns.starts]
        centres = np.where(seeds >= 0, _START_REACH * known, 0.0)
        return self.with_margins(self._joined(head, self._begun(centres, _START_SPREAD)))

    def single(self, head: Floats) -> Floats:
        """Return the mixture of one class, which has the margins exactly."""
        shape = (*head.shape[:-1], self.n_features)
        return self.with_margins(self._joined(head, self._begun(np.zeros(shape), 1.0)))

    def of_levels(self, levels: Floats) -> Floats:
        """Return the mixtures whose levels come nearest to the probabilities `levels` (n_classes, n_runs, 1 + n_columns)."""
        mixture, counts = self.single(levels), levels[..., 1:] * levels[..., :1]
        for _ in range(_ROUNDS):
            mixture = self.fitted(self.common(mixture), counts, levels)
        return mixture

    def with_margins(self, mixture: Floats) -> Floats:
        """Return the mixture with the thresholds at which its levels have their shares in all rows."""
        before = self.normals(mixture)
        margins = np.maximum(self.margins, _LEAST_SHARE) if (self.margins <= 0).any() else self.margins
        normals = (before.centres, before.spreads)
        thresholds = matched_thresholds(self.columns, mixture[..., 0], normals, margins)
        return self._joined(
            mixture, self._standardised(replace(before, thresholds=thresholds), mixture[..., 0])
        )

    def coarse_levels(self) -> list[Indices]:
        """Return for each feature the coarse level of its levels: groups of about as many customers."""
        parts = np.split(self._middles(), self.columns.starts[1:])
        groups = [np.unique((_COARSE * part).astype(np.intp), return_inverse=True)[1] for part in parts]
        return [np.asarray(group if len(group) > _COARSE else np.arange(len(group))) for group in groups]

    def _middles(self) -> Floats:
        """Return the share of customers (n_ordered_columns,) below the middle of each level."""
        ends = np.concatenate([np.cumsum(part) for part in np.split(self.margins, self.columns.starts[1:])])
        return np.clip(ends - self.margins / 2, _LEAST_SHARE, 1 - _LEAST_SHARE)

    def _begun(self, centres: Floats, spread: float) -> GroupedNormals:
        thresholds = np.zeros((*centres.shape[:-1], len(self.places)))
        return GroupedNormals(self.columns, centres, np.full_like(centres, spread), thresholds)

    def _standardised(self, normals: GroupedNormals, shares: Floats) -> GroupedNormals:
        """Choose the scale on which all customers together have the mean 0 and the standard deviation 1."""
        weights, total = (shares / np.add.reduce(shares, axis=0))[..., None], np.add.reduce
        mean = total(weights * normals.centres, axis=0)
        centres = normals.centres - mean
        scale = np.sqrt(total(weights * (np.square(normals.spreads) + np.square(centres)), axis=0))
        centres /= scale
        where = self.columns.spread
        thresholds = normals.thresholds - where(mean)
        thresholds /= where(scale)
        thresholds[..., self.columns.last] = BEYOND
        return GroupedNormals(self.columns, centres, within(normals.spreads / scale, *SPREADS), thresholds)

    def _joined(self, head: Floats, normals: GroupedNormals) -> Floats:
        """Return a mixture: what is not ordered from `head`, the rest from `normals`."""
        joined = np.empty((*head.shape[:-1], 1 + self.n_columns + 2 * self.n_features))
        joined[..., : 1 + self.n_columns] = head[..., : 1 + self.n_columns]
        joined[..., self.at] = normals.thresholds
        tail = joined[..., 1 + self.n_columns :]
        tail[..., : self.n_features] = normals.centres
        np.log(normals.spreads, out=tail[..., self.n_features :])
        return joined


def ordered_columns(n_levels: Sequence[int], is_ordered: Sequence[bool]) -> OrderedFeatures | None:
    """Return the ordered ones of features with so many levels, without their margins; None where there are none."""
    at = np.flatnonzero(is_ordered)
    if not len(at):
        return None
    places = np.flatnonzero(np.isin(np.repeat(np.arange(len(n_levels)), n_levels), at))
    columns = Columns(np.asarray(n_levels, np.intp)[at])
    return OrderedFeatures(columns, places, np.zeros(len(places)), sum(n_levels))
