"""A segmentation while it is disclosed: parts that several rules need, made once, and a check of what no rule can mend."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from segmentry.arrays import Indices, Integers
from segmentry.disclosure.customers import shown_cleaning
from segmentry.disclosure.features import level_counts, shown_features
from segmentry.disclosure.outcomes import HiddenOutcomes, hidden_outcomes, shown_outcomes, shown_strata
from segmentry.disclosure.policy import Policy
from segmentry.disclosure.suppression import small_cells, withheld_parts
from segmentry.errors import DataError
from segmentry.patterns import Cleaning
from segmentry.segmentation import Segmentation, Withheld

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Partial:
    """A complete segmentation and the policy, with those of its parts, as they may be shown, that several rules need."""

    result: Segmentation
    policy: Policy

    @cached_property
    def hidden(self) -> HiddenOutcomes:
        """Which figures of outcomes are withheld."""
        return hidden_outcomes(self.result, self.policy.floor)

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """The table of outcomes as it may be shown."""
        return shown_outcomes(self.result, self.hidden, self.policy.floor)

    @cached_property
    def features(self) -> pd.DataFrame:
        """The table of features as it may be shown."""
        return shown_features(self.result, self.policy.floor)

    @cached_property
    def strata(self) -> pd.DataFrame:
        """The table of strata as it may be shown."""
        return shown_strata(self.result.strata, self.hidden, self.features)

    @cached_property
    def cleaning(self) -> Cleaning:
        """The cleaning as it may be shown."""
        return shown_cleaning(self.result.cleaning, self.policy.floor)

    @cached_property
    def kept(self) -> Indices | None:
        """Positions of the patterns that may be shown; None where none may be, or there are none."""
        patterns = self.result.patterns
        if self.policy.is_for_every_file or patterns is None or self.result.labels is None:
            return None
        return np.flatnonzero(patterns.counts >= self.policy.floor)

    @property
    def withheld_shares(self) -> Integers:
        """Segments of few customers, and another where their share is what the others leave of all."""
        sizes = np.array([s.size for s in self.result.segments], np.float64)
        return np.flatnonzero(withheld_parts(sizes, self.policy.floor)) + 1

    @property
    def n_cells(self) -> int:
        """Number of cells of features that are withheld."""
        return int(self.features["is_withheld"].sum())

    @property
    def has_telling_centres(self) -> bool:
        """Whether the model tells withheld levels: centres are means or most frequent levels, costs distances to these."""
        has_centres = self.result.method in ("k-modes", "k-means")
        return self.policy.is_for_every_file and has_centres and self.n_cells > 0

    @property
    def withheld(self) -> Withheld | None:
        """What a model file does not hold; None where the policy is for every file, because a note then says it."""
        if self.policy.is_for_every_file:
            return None
        n_cells, patterns = len(self.hidden.rows) + self.n_cells, self.result.patterns
        if patterns is None or self.kept is None:
            return Withheld(self.policy.floor, 0, 0, n_cells)
        n_shown = int(patterns.counts[self.kept].sum())
        n_patterns = patterns.n_patterns - len(self.kept)
        return Withheld(self.policy.floor, n_patterns, patterns.n_customers - n_shown, n_cells)


def check_large_enough(result: Segmentation, policy: Policy) -> None:
    """Refuse segments and levels of fewer customers than the policy's floor.

    Raises
    ------
    DataError
        A segment has fewer customers than the policy's floor; or a level has, and the model would tell its share.
    """
    floor = policy.floor
    for segment in result.segments:
        if segment.size < floor:
            raise DataError(
                f"segment {segment.id} ({segment.name}) has {segment.size} customers",
                source=f"min_cell {floor}",
                hint="ask for fewer segments, put it together with another, or lower min_cell",
            )
    if result.method == "given":
        return
    _check_fine_levels(result, floor)
    for name, table in result.features.groupby("feature", sort=False):
        totals = level_counts(result, table).sum(axis=0)
        for i in np.flatnonzero(small_cells(totals, floor)):
            n, level = int(totals[i]), table["level"].iloc[i]
            raise DataError(
                f"{level!r} has {n} customer{'s' if n > 1 else ''}, and the model would tell how many",
                source=f"min_cell {floor}",
                place=("features", name),
                hint="put it together with another level in the recipe, or lower min_cell",
            )


def _check_fine_levels(result: Segmentation, floor: int) -> None:
    """Refuse fine levels of fewer customers, which a model of an ordered feature has."""
    patterns = result.patterns
    if patterns is None:
        return
    for j, feature in enumerate(patterns.features):
        codes = np.asarray(patterns.codes[:, j])
        totals = np.bincount(codes[codes >= 0], patterns.counts[codes >= 0], minlength=len(feature.levels))
        for code in np.flatnonzero(small_cells(totals, floor)) if feature.shown else ():
            raise DataError(
                f"the fine level {feature.levels[code]!r} has {int(totals[code])} customers, and the model would tell how many",
                source=f"min_cell {floor}",
                place=("features", feature.name),
                hint="declare other cuts in the recipe (fine = [...]), or run the table itself with min_cell",
            )
