"""Which features of a table are ordered: what is asked for, and whether the table allows it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmentry.cluster.input.frames import Factor, Levels, TableColumns
from segmentry.cluster.latent_class.criteria import ordered_of
from segmentry.errors import ModelError

DISTRIBUTIONS = ("levels", "ordered")
MOST_LEVELS = 256
"""Levels of an ordered feature above which it has to be cut first."""


def ordered_features(
    asked: object, table: TableColumns[Factor], categories: Sequence[Levels], name: str
) -> list[bool]:
    """Say for each feature whether its classes have a centre and a spread.

    A feature of one or two levels has the same distributions either way, so its levels have probabilities.

    Raises
    ------
    ModelError
        Another number of distributions than features, an unknown one, an ordered feature of text without an order, or of
        too many levels.
    """
    words = _words(asked, len(table.columns), name)
    for j, (word, factor, levels) in enumerate(zip(words, table.columns, categories, strict=True)):
        if word == "ordered":
            _check_order(factor, levels, f"{name}: {table.title(j)}")
    return ordered_of([len(levels) for levels in categories], words)


def _words(asked: object, n_features: int, name: str) -> list[str]:
    if asked is None:
        return ["levels"] * n_features
    words = [asked] * n_features if isinstance(asked, str) else asked
    if not isinstance(words, list | tuple | np.ndarray) or len(words) != n_features:
        seen = f"{len(words)} of them" if isinstance(words, list | tuple | np.ndarray) else repr(asked)
        raise ModelError(
            f"distributions of {name} must be 'levels', 'ordered', or one of them for each of the {n_features} features; got {seen}"
        )
    for word in words:
        if word not in DISTRIBUTIONS:
            raise ModelError(f"a distribution of {name} must be 'levels' or 'ordered'; got {word!r}")
    return [str(word) for word in words]


def _check_order(factor: Factor, levels: Levels, title: str) -> None:
    is_number = levels.dtype.kind in "biuf" or all(isinstance(v, int | float) for v in levels.tolist())
    if not (factor.is_ordered or is_number):
        shown = ", ".join(repr(level) for level in levels.tolist()[:3])
        raise ModelError(
            f"{title} is to be ordered, but its levels have no order: {shown}; give numbers or an ordered "
            "categorical, or let its distribution be 'levels'"
        )
    if len(levels) > MOST_LEVELS:
        raise ModelError(
            f"{title} is to be ordered and has {len(levels):,} levels; cut it into at most {MOST_LEVELS} intervals first "
            "(64 of equal numbers of rows lose next to nothing)"
        )
