"""Levels that two segmentations of the same features have in common, and models that place customers by these."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from segmentry.arrays import Floats, Indices
from segmentry.cluster.pattern_model import AssignmentTables
from segmentry.errors import DataError
from segmentry.patterns import Codes, FeatureLevels, PatternTable, as_codes
from segmentry.recipe import Feature, Recipe
from segmentry.recipe.levels import coded_edges


@dataclass(frozen=True)
class Side:
    """One of two segmentations: its recipe with every level filled in, and the patterns of its customers."""

    recipe: Recipe
    patterns: PatternTable


@dataclass(frozen=True)
class KnownTables:
    """Numbers by which customers are placed, as a model that does no more than that."""

    known: AssignmentTables

    def assignment_tables(self) -> AssignmentTables:
        """Return the numbers."""
        return self.known


@dataclass(frozen=True)
class CommonLevels:
    """What two segmentations know alike of each feature, by its position.

    Attributes
    ----------
    cuts
        Cuts that both have, of numbers whose fine levels differ. Other features have the same levels.
    positions
        Level of now of each earlier level, of the other features; -1 where nobody had it.
    """

    cuts: dict[int, list[Any]]
    positions: dict[int, Indices]

    @classmethod
    def of(cls, then: Side, now: Side) -> CommonLevels:
        """Find the levels that both have.

        Raises
        ------
        DataError
            The features differ, or one of them has levels that cannot be brought together.
        """
        mine, theirs = then.patterns.features, now.patterns.features
        if [f.name for f in mine] != [f.name for f in theirs]:
            raise DataError(
                f"has the features {[f.name for f in mine]}, the recipe {[f.name for f in theirs]}",
                source="--previous",
                hint="numbers are kept between recipes with the same features",
            )
        cuts, positions = {}, {}
        for j, (own, other) in enumerate(zip(mine, theirs, strict=True)):
            features = then.recipe.features[j], now.recipe.features[j]
            is_fine = any(f.fine is not None and f.edges is not None for f in features)
            if is_fine and own.levels != other.levels:
                cuts[j] = _common_cuts(features, own, other)
            else:
                used = sorted({*np.asarray(then.patterns.codes[:, j]).tolist()} - {-1})
                positions[j] = _by_name(own, other, used)
        return cls(cuts, positions)

    def codes(self, side: Side, *, is_now: bool) -> Codes:
        """Return the patterns of one side by the common levels; other features in the levels of now where `is_now` says so."""
        codes = np.asarray(side.patterns.codes).copy()
        for j, cuts in self.cuts.items():
            feature, levels = side.recipe.features[j], side.patterns.features[j]
            codes[:, j] = np.append(_positions(cuts, _cuts(feature, levels)), -1)[codes[:, j]]
        for j, position in self.positions.items() if is_now else ():
            codes[:, j] = np.append(position, -1)[codes[:, j]]
        return as_codes(codes)

    def placing(self, model: Any, recipe: Recipe) -> Any:
        """Return what places customers by the common levels as a model would that knows them as all it has of these features.

        A class has of levels that are put together the sum of their probabilities; a centre is as far from them as it is from each, on
        average, because fine levels have about as many customers each.
        """
        if not self.cuts:
            return model
        known = model.assignment_tables()
        tables, categories = list(known.tables), list(known.categories)
        for j, cuts in self.cuts.items():
            to = _positions(cuts, coded_edges(recipe.features[j]))[np.asarray(categories[j], np.intp)]
            tables[j] = _put_together(tables[j], to, is_likelihood=known.kind == "likelihood")
            categories[j] = np.unique(to)
        return KnownTables(replace(known, tables=tables, categories=categories))


def _put_together(own: Floats, to: Indices, *, is_likelihood: bool) -> Floats:
    """Return the numbers (n_common, n_clusters) of the common levels that some level of a model belongs to."""
    parts = [own[to == level] for level in np.unique(to)]
    if is_likelihood:
        return np.array([-np.logaddexp.reduce(-rows, axis=0) for rows in parts])
    return np.array([rows.mean(axis=0) for rows in parts])


def _positions(common: list[Any], cuts: tuple[Any, ...]) -> Indices:
    return np.searchsorted(common, [-np.inf, *cuts], side="right")


def _cuts(feature: Feature, levels: FeatureLevels) -> tuple[Any, ...]:
    """Return the cuts between the levels of a table, which are those of the recipe or finer."""
    return coded_edges(feature) if levels.shown else tuple(feature.edges or ())


def _common_cuts(features: tuple[Feature, Feature], own: FeatureLevels, other: FeatureLevels) -> list[Any]:
    """Return the cuts that two tables of a number have in common."""
    mine, theirs = _cuts(features[0], own), _cuts(features[1], other)
    is_alike = features[0].closed == features[1].closed
    common = sorted({*mine} & {*theirs}) if is_alike else []
    if not common:
        raise DataError(
            "has no cut that it had before",
            source="--previous",
            place=("features", own.name),
            hint="numbers are kept between recipes with edges in common",
        )
    return common


def _by_name(own: FeatureLevels, other: FeatureLevels, used: list[int]) -> Indices:
    """Return the level of now of each earlier one; `used` are those that earlier customers have."""
    position = {level: i for i, level in enumerate(other.levels)}
    unknown = [own.levels[i] for i in used if own.levels[i] not in position]
    if unknown:
        raise DataError(
            f"the level {unknown[0]!r} is not among {list(other.levels)}",
            source="--previous",
            place=("features", own.name),
            hint="numbers are kept between recipes with the same levels",
        )
    return np.array([position.get(level, -1) for level in own.levels], np.intp)
