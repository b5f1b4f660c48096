"""Customers of a recipe without a scan: made of finer levels, where every sum is equal to that of a scan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats
from segmentry.collecting.collection import Collected, Fine, collected_before, counted_alone
from segmentry.collecting.design import check_design
from segmentry.collecting.exactness import EXACT, bounds_of_sums
from segmentry.engine import Engine
from segmentry.patterns import PatternTable, as_codes
from segmentry.recipe import Recipe
from segmentry.runs.pattern_tables import at_levels_of
from segmentry.runs.sources import Customers, Source
from segmentry.sql.formula import MISSING, UNSEEN

_MOST_COLUMNS = 50
"""Of so many features whose values may be unseen, a whole number tells which are."""


@dataclass(frozen=True)
class KnownCustomers:
    """Finer levels of a large table.

    Attributes
    ----------
    fine
        Their patterns.
    groups
        What their scan grouped by: the step that dropped rows, and codes.
    bounds
        What their sums are at most; see `bounds_of_sums`.
    """

    fine: PatternTable
    groups: npt.NDArray[np.int32]
    bounds: Floats

    @classmethod
    def of(cls, engine: Engine, collected: Collected) -> KnownCustomers | None:
        """Return those of a large table; None where a scan could find other sums."""
        if (
            not collected.lacks_halves
            or collected.groups is None
            or collected.groups.shape[1] > _MOST_COLUMNS
        ):
            return None
        bounds = bounds_of_sums(engine, collected)
        return None if bounds is None else cls(collected.patterns, collected.groups, bounds)

    def customers(self, source: Source, recipe: Recipe, fine: Fine) -> Customers | None:
        """Return the customers of a recipe as a scan would find them; None where they are not known."""
        engine, rolled = source.engine, at_levels_of(self.fine, recipe)
        if engine is None or rolled is None or not self._is_exact(recipe):
            return None
        n_groups = self._n_groups(recipe, rolled[0].n_patterns)
        collected = collected_before(engine, recipe, fine, *rolled, n_groups)
        if collected is None:
            return None
        check_design(engine, collected.matched)
        return Customers(source, collected.matched.recipe, collected.patterns, collected)

    def _is_exact(self, recipe: Recipe) -> bool:
        """Whether no sum of the recipe's patterns is rounded."""
        if self.bounds.sum(axis=0).max(initial=0.0) < EXACT:
            return True
        added = at_levels_of(replace(self.fine, cubes=self.bounds), recipe)
        return added is not None and added[0].cubes is not None and bool((added[0].cubes < EXACT).all())

    def _n_groups(self, recipe: Recipe, n_patterns: int) -> int:
        """Count the rows that the scan of a recipe would have: dropped ones are apart, and so are missing values and unseen ones."""
        names = {feature.name for feature in recipe.features}
        kept = [j for j, feature in enumerate(self.fine.features, 1) if feature.name in names]
        apart = self.groups[:, 0].astype(np.int64)
        for j in kept:
            apart = 2 * apart + (self.groups[:, j] == UNSEEN)
        if not apart.any():
            return n_patterns
        return sum(self._n_together(recipe, apart == one) for one in np.unique(apart))

    def _n_together(self, recipe: Recipe, rows: npt.NDArray[np.bool_]) -> int:
        """Count what becomes of some rows, of which all are dropped by the same step, or none, and lack the same values."""
        codes = np.maximum(self.groups[rows, 1:], MISSING)
        made_by = {
            place: part for place, part in self.fine.made_by.items() if not place.startswith("outcomes.")
        }
        table = replace(self.fine.without_outcomes(), made_by=made_by)
        table = replace(table, codes=as_codes(codes), counts=np.ones(len(codes), np.int64))
        rolled = at_levels_of(table, counted_alone(recipe))
        assert rolled is not None  # noqa: S101 - the table itself can be brought to these levels
        return rolled[0].n_patterns
