"""Which columns of the table a recipe reads, and for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from segmentry.recipe import Recipe
from segmentry.sql.encode import feature_value, outcome_value
from segmentry.sql.expressions import columns_of


@dataclass(frozen=True)
class Reads:
    """Columns that each feature and each outcome reads, by their names."""

    features: Mapping[str, tuple[str, ...]]
    outcomes: Mapping[str, tuple[str, ...]]

    def features_of(self, column: str) -> tuple[str, ...]:
        """Return the features that read a column."""
        return tuple(name for name, columns in self.features.items() if column in columns)

    def outcomes_of(self, column: str) -> tuple[str, ...]:
        """Return the outcomes that read a column."""
        return tuple(name for name, columns in self.outcomes.items() if column in columns)


def reads_of(recipe: Recipe) -> Reads:
    """Return what the features and outcomes of a recipe read."""
    return Reads(
        {f.name: columns_of(feature_value(f)) for f in recipe.features},
        {o.name: columns_of(outcome_value(o, g)) for o, g in recipe.outcome_columns},
    )
