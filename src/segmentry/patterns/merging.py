"""Checks that pattern tables were made by the same recipe, and the union of levels that were found in each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from segmentry.errors import DataError
from segmentry.patterns.common_fine import with_common_fine
from segmentry.patterns.features import FeatureLevels
from segmentry.patterns.table import PatternTable, as_codes

_SHOWN = 160


def check_alike(one: PatternTable, other: PatternTable) -> None:
    """Raise DataError where two tables do not add up."""
    _check_made_alike(one, other)
    if one.features != other.features:
        mine, theirs = ([(f.name, f.levels) for f in t.features] for t in (one, other))
        differing = next((a[0] for a, b in zip(mine, theirs, strict=False) if a != b), "their number")
        raise DataError(f"pattern tables of different recipes do not add up: features differ ({differing})")
    if one.outcomes != other.outcomes:
        raise DataError("pattern tables of different recipes do not add up: outcomes differ")
    if (one.weights is None) != (other.weights is None):
        raise DataError("a pattern table with survey weights does not add up with one without")


def _check_made_alike(one: PatternTable, other: PatternTable) -> None:
    """Raise DataError for the first place in which the recipes of two tables differ.

    Tables of earlier versions do not know their recipe; their features and outcomes are compared elsewhere.
    """
    if one.made_by and other.made_by:
        differing = first_difference(one.made_by, other.made_by)
        if differing is not None:
            raise DataError(f"pattern tables of different recipes do not add up: {differing}")


def first_difference(mine: Any, theirs: Any) -> str | None:
    """Say where two `PatternTable.made_by` differ; None where they are equal."""
    for place in (*mine, *(p for p in theirs if p not in mine)):
        a, b = (json.loads(made.get(place, "null")) for made in (mine, theirs))
        found = {part.pop("found", None) for part in (a, b) if isinstance(part, dict)}
        if a == b:
            continue
        kind = place.partition(".")[0] if place.startswith(("features", "outcomes")) else place
        if (
            "edges" in found
            and isinstance(a, dict)
            and isinstance(b, dict)
            and a.get("edges") != b.get("edges")
        ):
            return (
                f"{kind} differ ({place.partition('.')[2]}): its edges were found in each table, "
                f"{a.get('edges')} and {b.get('edges')}; write one set into the recipe (edges = [...]), or collect one like the other (--like FILE)"
            )
        name = f" ({place.partition('.')[2]})" if kind != place else ""
        return f"{kind} differ{name}: {_short(a)} and {_short(b)}; collect both by one recipe"
    return None


def unite_levels(tables: Sequence[PatternTable]) -> list[PatternTable]:
    """Return the tables with the union of levels that were found in each table and not declared, and with their common cuts."""
    united = list(tables)
    if len({tuple(f.name for f in t.features) for t in tables}) > 1:
        return united
    united = with_common_fine(united)
    for j, feature in enumerate(tables[0].features):
        parts = [json.loads(t.made_by.get(f"features.{feature.name}", "{}")) for t in united]
        without = [{k: v for k, v in p.items() if k != "levels"} for p in parts]
        is_found = all(p.get("found") == "levels" for p in parts)
        if is_found and all(w == without[0] for w in without) and len({str(p["levels"]) for p in parts}) > 1:
            united = _with_all_levels(united, j, parts)
    return united


def _with_all_levels(tables: list[PatternTable], j: int, parts: list[dict[str, Any]]) -> list[PatternTable]:
    labels: dict[Any, str] = {}
    for table, part in zip(tables, parts, strict=True):
        labels |= dict(zip(part["levels"], table.features[j].levels, strict=False))
    values = sorted(labels, key=lambda v: (isinstance(v, str), v))
    missing = tables[0].features[j].levels[len(parts[0]["levels"]) :]
    levels = (*(labels[v] for v in values), *missing)
    made = json.dumps({**parts[0], "levels": values}, ensure_ascii=False, sort_keys=True)
    return [
        _recoded(
            table,
            j,
            replace(table.features[j], levels=levels),
            made,
            [values.index(v) for v in part["levels"]],
        )
        for table, part in zip(tables, parts, strict=True)
    ]


def _recoded(
    table: PatternTable, j: int, feature: FeatureLevels, made: str, position: list[int]
) -> PatternTable:
    is_missing_level = len(table.features[j].levels) > len(position)
    new = np.array([*position, *([len(feature.levels) - 1] if is_missing_level else []), -1], np.int32)
    codes = np.asarray(table.codes).copy()
    codes[:, j] = new[codes[:, j]]
    features = (*table.features[:j], feature, *table.features[j + 1 :])
    made_by = {**table.made_by, f"features.{feature.name}": made}
    return replace(table, features=features, codes=as_codes(codes), made_by=made_by)


def _short(part: Any) -> str:
    text = "nothing" if part is None else json.dumps(part, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
