"""What the number of customers does not allow: refused, left out, or said."""

from __future__ import annotations

from segmentry.errors import DataError, ModelError
from segmentry.patterns import PatternTable
from segmentry.text.numbers import format_number

PER_FEATURE = 70
"""Customers per feature below which segments of a sample are rarely those of the population (Dolnicar, Gruen,
Leisch & Schmidt 2014)."""


def n_parameters(patterns: PatternTable, k: int) -> int:
    """Return the free parameters of `k` latent classes; levels that no customer has add none."""
    import numpy as np

    seen = [len(np.unique(column[column >= 0])) for column in patterns.codes.T]
    return k - 1 + k * sum(max(n - 1, 0) for n in seen)


def check_enough(patterns: PatternTable, asked: int | None, method: str) -> None:
    """Refuse tables that cannot be segmented, and a number of latent classes that they cannot hold.

    Raises
    ------
    DataError
        There are no customers; all have the same levels; or even one segment has as many parameters as there are
        customers.
    ModelError
        The classes asked for have as many parameters as there are customers.
    """
    n = patterns.n_customers
    if patterns.n_patterns == 1:
        codes = patterns.codes[0].tolist()
        levels = ", ".join(
            f"{f.label} {f.levels[c] if c >= 0 else 'missing'}"
            for f, c in zip(patterns.features, codes, strict=True)
        )
        raise DataError(
            f"all {format_number(n, ',')} customers have the same levels ({levels}): nothing "
            "tells them apart",
            hint="add features, or let the recipe make finer bins",
        )
    if n_parameters(patterns, 1) >= n:
        raise DataError(
            f"{format_number(n, ',')} customers, and the levels of the features alone have "
            f"{format_number(n_parameters(patterns, 1), ',')} parameters",
            hint="group levels, leave features out, or take more customers",
        )
    if asked is not None and method == "latent-class" and n_parameters(patterns, asked) >= n:
        raise ModelError(
            f"{asked} latent classes have {format_number(n_parameters(patterns, asked), ',')} "
            f"parameters, and there are {format_number(n, ',')} customers",
            source="segments",
            hint=f"ask for at most {max_classes(patterns)}, or group levels",
        )


def max_classes(patterns: PatternTable) -> int:
    """Return the largest number of latent classes with fewer parameters than there are customers."""
    per_class = n_parameters(patterns, 2) - n_parameters(patterns, 1)
    return max(1, (patterns.n_customers - 1 - n_parameters(patterns, 1)) // per_class + 1)


def cautions(
    patterns: PatternTable, numbers: list[int], k: int, method: str = "latent-class"
) -> tuple[str, ...]:
    """Return in words what to keep in mind about `k` segments, chosen among `numbers` as far as the method allows."""
    n, n_features = patterns.n_customers, len(patterns.features)
    said = []
    if n < PER_FEATURE * n_features:
        said.append(
            f"{format_number(n, ',')} customers are few for {n_features} features: below about {PER_FEATURE} per feature "
            f"({format_number(PER_FEATURE * n_features, ',')}) the segments of a sample are rarely those of the population."
        )
    left_out = [number for number in numbers if number > max_classes(patterns)]
    if left_out and method == "latent-class":
        said.append(
            f"Only up to {max_classes(patterns)} segments were tried: {left_out[0]} latent classes have "
            f"{format_number(n_parameters(patterns, left_out[0]), ',')} parameters, and there are {format_number(n, ',')} customers."
        )
    if k > 1 and n_parameters(patterns, k) >= patterns.n_patterns - 1:
        said.append(
            f"{k} latent classes have {format_number(n_parameters(patterns, k), ',')} parameters for {format_number(patterns.n_patterns, ',')} patterns: "
            "they can fit whatever comes."
        )
    return tuple(said)
