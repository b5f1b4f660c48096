"""Survey weights that make no sense, refused; and those that weigh nothing, counted."""

from __future__ import annotations

from segmentry.collecting.tabulation import CollectedRows
from segmentry.errors import DataError
from segmentry.patterns import CleaningStep
from segmentry.recipe import Recipe

_PLACE = ("source", "weight")


def weight_steps(recipe: Recipe, found: CollectedRows) -> list[CleaningStep]:
    """Count the customers without a survey weight, as a step of the cleaning.

    Raises
    ------
    DataError
        A weight is negative, or too large or small to be added up with others; or nobody has one.
    """
    layout, name = found.layout, recipe.source.weight
    if name is None:
        return []
    n_strange = found.n_of(layout.strange_weights)
    if n_strange:
        raise DataError(
            f"{n_strange:,} customers have a weight in {name!r} that is negative, above 1,000,000,000,000 or below 0.000000001",
            place=_PLACE,
            hint="a weight says for how many people a customer stands: mend the column, or drop these customers in a clean step",
        )
    n = found.n_of(layout.weightless)
    if n == found.n_of(layout.counts):
        raise DataError(
            f"no customer has a weight above 0 in {name!r}",
            place=_PLACE,
            hint="name another column, or leave weight out, so that every customer counts once",
        )
    return (
        [CleaningStep(name, "weightless", n, "they are assigned, and shares and means leave them out")]
        if n
        else []
    )
