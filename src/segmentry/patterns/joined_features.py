"""Features that are joined: they may depend on each other within segments, so that they count as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from segmentry.patterns.features import FeatureLevels
from segmentry.patterns.table import PatternTable, as_codes

APART = " & "
"""Stands between the names of two joined features, and of their levels, where they are one."""


def joined_positions(features: Sequence[FeatureLevels]) -> list[tuple[int, int]]:
    """Return the positions of joined features; one whose partner is not there is joined no longer."""
    at = {feature.name: j for j, feature in enumerate(features)}
    return [
        (j, at[feature.joined])
        for j, feature in enumerate(features)
        if feature.joined in at and j < at[feature.joined]
    ]


def columns_as_one(features: Sequence[FeatureLevels]) -> list[int]:
    """Return for each feature its position in `joined_as_one`."""
    second = {other: one for one, other in joined_positions(features)}
    kept = [j for j in range(len(features)) if j not in second]
    return [kept.index(second.get(j, j)) for j in range(len(features))]


def joined_as_one(table: PatternTable) -> PatternTable:
    """Return the same rows with one feature of combinations in place of two joined ones, missing where either is.

    Patterns that become equal are not added up.
    """
    pairs = dict(joined_positions(table.features))
    if not pairs:
        return table
    features, columns = [], []
    for j, feature in enumerate(table.features):
        if j in pairs.values():
            continue
        column = np.asarray(table.codes[:, j])
        if j in pairs:
            other = table.features[pairs[j]]
            second = np.asarray(table.codes[:, pairs[j]])
            column = np.where((column < 0) | (second < 0), -1, column * len(other.levels) + second)
            levels = tuple(f"{a}{APART}{b}" for a in feature.levels for b in other.levels)
            feature = replace(  # noqa: PLW2901 - the one that stands for both
                feature,
                name=f"{feature.name}{APART}{other.name}",
                label=f"{feature.label}{APART}{other.label}",
                levels=levels,
                scale="nominal",
                distance="matching",
                joined="",
            )
        features.append(feature)
        columns.append(column)
    return replace(table, features=tuple(features), codes=as_codes(np.column_stack(columns)))
