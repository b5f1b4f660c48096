"""What the number of customers does not allow: it is refused, left out, or said as a caution."""

from __future__ import annotations

from math import floor

import numpy as np

from segmentry.cluster.latent_class.criteria import n_class_parameters, ordered_of
from segmentry.errors import DataError, ModelError
from segmentry.patterns import PatternTable, joined_as_one
from segmentry.profiling import level_names, spoken_code
from segmentry.text.numbers import count
from segmentry.text.words import listed

PER_FEATURE = 70
"""Customers per feature; below it the segments of a sample are rarely those of the population (Dolnicar, Gruen,
Leisch & Schmidt 2014)."""


def n_parameters(patterns: PatternTable, k: int) -> int:
    """Return the free parameters of `k` latent classes; levels and combinations of joined features that no customer has add none.

    Of a feature with fine levels, the levels that are shown count: thresholds between the others describe all customers
    together, whatever their classes.
    """
    patterns = joined_as_one(patterns)
    n_levels = [len(np.unique(column[column >= 0])) for column in patterns.as_shown().codes.T]
    return n_class_parameters(k, n_levels, ordered_of(n_levels, [f.distribution for f in patterns.features]))


def check_sample_size(patterns: PatternTable, asked: int | None, method: str) -> None:
    """Refuse tables that cannot be segmented, and more latent classes than the customers can determine.

    Raises
    ------
    DataError
        There are no customers; nobody has a value of a feature; all have the same levels; or even one segment has as many parameters as
        there are customers.
    ModelError
        The classes asked for have as many parameters as there are customers.
    """
    n = floor(patterns.n_effective)
    for feature, column in zip(patterns.features, np.asarray(patterns.codes).T, strict=True):
        if len(column) and (column < 0).all():
            raise DataError(
                "no customer has a value",
                place=("features", feature.name),
                hint="leave the feature out, or look at how its column is read",
            )
    if patterns.n_patterns == 1:
        codes = patterns.codes[0].tolist()
        words = level_names(patterns)
        levels = ", ".join(spoken_code(words, f, c) for f, c in zip(patterns.features, codes, strict=True))
        raise DataError(
            f"all {count(n)} customers have the same levels ({levels}): nothing tells them apart",
            hint="add features, or let the recipe make finer bins",
        )
    if n_parameters(patterns, 1) >= n:
        raise DataError(
            f"{count(n)} customers, and the levels of the features alone have "
            f"{count(n_parameters(patterns, 1))} parameters",
            hint="group levels, leave features out, or take more customers",
        )
    if asked is not None and method == "latent-class" and n_parameters(patterns, asked) >= n:
        raise ModelError(
            f"{asked} latent classes have {count(n_parameters(patterns, asked))} "
            f"parameters, and there are {count(n)} customers",
            source="segments",
            hint=f"ask for at most {max_classes(patterns)}, or group levels",
        )


def max_classes(patterns: PatternTable) -> int:
    """Return the largest number of latent classes with fewer parameters than there are customers."""
    per_class = n_parameters(patterns, 2) - n_parameters(patterns, 1)
    return max(1, (floor(patterns.n_effective) - 1 - n_parameters(patterns, 1)) // per_class + 1)


def cautions(
    patterns: PatternTable, numbers: list[int], k: int, method: str = "latent-class"
) -> tuple[str, ...]:
    """Return sentences on what to keep in mind about `k` segments, chosen among `numbers` as far as the method allows."""
    n, n_features = floor(patterns.n_effective), len(patterns.features)
    said = []
    if n < PER_FEATURE * n_features:
        said.append(
            f"{count(n)} customers are few for {n_features} features: below about {PER_FEATURE} per feature "
            f"({count(PER_FEATURE * n_features)}) the segments of a sample are rarely those of the population."
        )
    codes = np.asarray(patterns.codes)
    alike = [
        f.label for f, column in zip(patterns.features, codes.T, strict=True) if column.max() == column.min()
    ]
    if alike:
        said.append(f"All customers are alike in {listed(alike)}, which so forms no segments.")
    left_out = [number for number in numbers if number > max_classes(patterns)]
    if left_out and method == "latent-class":
        said.append(
            f"Only up to {max_classes(patterns)} segments were tried: {left_out[0]} latent classes have "
            f"{count(n_parameters(patterns, left_out[0]))} parameters, and there are {count(n)} customers."
        )
    if k > 1 and n_parameters(patterns, k) >= patterns.n_patterns - 1:
        said.append(
            f"{k} latent classes have {count(n_parameters(patterns, k))} parameters for {count(patterns.n_patterns)} patterns: "
            "they can fit whatever comes."
        )
    return tuple(said)
