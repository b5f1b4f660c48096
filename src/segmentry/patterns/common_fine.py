"""Tables whose fine levels differ, brought to those that all of them have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from segmentry.patterns.roll_up import Finer, rolled_up
from segmentry.patterns.table import PatternTable
from segmentry.text.numbers import count


def with_common_fine(tables: Sequence[PatternTable]) -> list[PatternTable]:
    """Return the tables with the cuts, and the values of groups, that each of them has; those of the recipe are among them.

    Features that differ in more than their fine levels are left as they are.
    """
    asked: dict[str, Any] = {}
    for feature in tables[0].features:
        parts = [json.loads(t.made_by.get(f"features.{feature.name}", "{}")) for t in tables]
        without = [{k: v for k, v in p.items() if k != "fine"} for p in parts]
        if all(w == without[0] for w in without) and len({str(p.get("fine")) for p in parts}) > 1:
            asked[feature.name] = _common(parts)
    return [rolled_up(table, _needed(table, asked)) for table in tables] if asked else list(tables)


def said_of_lost(tables: Sequence[PatternTable], common: PatternTable) -> str | None:
    """Say how many fine levels are left of those that single tables have; None where all are."""
    lost = []
    for j, feature in enumerate(common.features):
        most = max(len(table.features[j].levels) for table in tables)
        if len(feature.levels) < most:
            lost.append(f"{feature.label}: {count(len(feature.levels))} of {count(most)}")
    if not lost:
        return None
    return (
        f"fine levels differ, and only those that all tables have are left ({'; '.join(lost)}); "
        "to keep all, collect each like the first (--like FILE; in Python: like=...)"
    )


def _common(parts: Sequence[dict[str, Any]]) -> Finer:
    """What is fine in all tables; nothing where that is no more than the recipe declares."""
    made = parts[0]
    n_declared = len(made.get("edges") or made.get("levels") or made.get("groups", ()))
    first, *others = (p.get("fine", ()) for p in parts)
    common = tuple(v for v in first if all(v in other for other in others))
    return Finer(common if len(common) > n_declared else ())


def _needed(table: PatternTable, asked: dict[str, Any]) -> dict[str, Any]:
    """What has to be put together in a table: nothing where its levels are the declared ones."""
    return {f.name: asked[f.name] for f in table.features if f.name in asked and f.shown}
