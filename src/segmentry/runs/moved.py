"""Two segmentations of the same customers: how many are in both segments of each pair, and who moves from one to the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from segmentry.arrays import Floats, Labels
from segmentry.collecting.collection import collect_sums
from segmentry.engine import Engine
from segmentry.errors import DataError
from segmentry.patterns import PatternTable, as_codes
from segmentry.recipe import Feature, Recipe
from segmentry.recipe.models import CleanStep
from segmentry.runs.pattern_tables import at_levels_of
from segmentry.scoring import score_patterns
from segmentry.segmentation import Segmentation

FIRST = " (A)"
"""End of the names of features that both have, but in other levels."""


@dataclass(frozen=True)
class Moved:
    """Customers of two segmentations.

    Attributes
    ----------
    overlap
        (n_one, n_other) customers in each pair of segments.
    partner
        Position of the other's segment that continues each segment of the one; -1 where none does.
    n_apart
        Customers that only one of the two has, because it drops those without a value.
    """

    overlap: Floats
    partner: tuple[int, ...]
    n_apart: float = 0.0

    @property
    def n_customers(self) -> float:
        """Customers that both have."""
        return float(self.overlap.sum())

    @property
    def share(self) -> float:
        """Share of the customers who are not in the segment that continues theirs."""
        kept = sum(self.overlap[i, j] for i, j in enumerate(self.partner) if j >= 0)
        return 1.0 - float(kept) / max(self.n_customers, 1e-300)

    @property
    def share_by_chance(self) -> float:
        """The same share, were each customer's segments of the two unrelated, and all sizes as they are."""
        n = max(self.n_customers, 1e-300)
        return moved(np.outer(self.overlap.sum(axis=1), self.overlap.sum(axis=0)) / n)[1]


def moved(overlap: Floats) -> tuple[tuple[int, ...], float]:
    """Match segments one to one so that as few as possible move (Kuhn 1955); return the partners, and the share that moves."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(overlap, maximize=True)
    partner = np.full(len(overlap), -1)
    partner[rows] = columns
    return tuple(partner.tolist()), 1.0 - float(overlap[rows, columns].sum()) / max(
        float(overlap.sum()), 1e-300
    )


def moved_between(
    one: Segmentation, other: Segmentation, fine: PatternTable | None, engine: Engine | None
) -> Moved:
    """Find out who moves between two segmentations of one source.

    Parameters
    ----------
    one, other
        Segmentations with their models.
    fine
        Table of finer levels, of which both may be made without reading the customers.
    engine
        Engine that reads them otherwise; None where there are patterns alone.

    Raises
    ------
    DataError
        The two replace values of the table differently, or the patterns do not hold the levels of both.
    """
    joint = _joint(one.recipe, other.recipe)
    table = None if fine is None else _rolled(fine, joint, one.recipe)
    if table is None and engine is not None:
        table = collect_sums(engine, joint, outcomes=False).patterns
    if table is None:
        raise DataError("the patterns do not hold the levels of both", source="comparison")
    return _counted(table, one, other)


def _counted(table: PatternTable, one: Segmentation, other: Segmentation) -> Moved:
    mine, is_mine = _labels(table, one, FIRST)
    theirs, is_theirs = _labels(table, other, "")
    weight = table.sample_weight
    overlap = np.zeros((len(one.segments), len(other.segments)))
    both = is_mine & is_theirs
    np.add.at(overlap, (mine[both], theirs[both]), weight[both])
    return Moved(overlap, moved(overlap)[0], float(weight[is_mine ^ is_theirs].sum()))


def _labels(table: PatternTable, result: Segmentation, end: str) -> tuple[Labels, Any]:
    """Return the segment of each pattern, and whether the segmentation has these customers at all."""
    known = {f.name: j for j, f in enumerate(table.features)}
    features = result.recipe.features
    columns = [known.get(f"{f.name}{end}", known.get(f.name, -1)) for f in features]
    codes = as_codes(np.asarray(table.codes)[:, columns])
    is_there = np.ones(len(codes), bool)
    for j, feature in enumerate(features):
        if feature.missing == "drop":
            is_there &= np.asarray(codes[:, j]) >= 0
    return score_patterns(result.core, codes)[0], is_there


def _joint(one: Recipe, other: Recipe) -> Recipe:
    """Return a recipe with the levels of both: features that differ are there twice, and nobody is dropped for want of a value."""
    theirs = {f.name: f for f in other.features}
    own = [f for f in one.features if not _is_same(f, theirs.get(f.name))]
    features = [*map(_kept, other.features), *(_kept(f, FIRST if f.name in theirs else "") for f in own)]
    changes = {
        "features": tuple(features),
        "clean": _cleaned(one.clean, other.clean),
        "outcomes": (), "strata": (), "sensitive": (), "names": (), "headline": "",
    }  # fmt: skip
    return other.model_copy(update=changes)


def _is_same(one: Feature, other: Feature | None) -> bool:
    return other is not None and _kept(one) == _kept(other)


def _kept(feature: Feature, end: str = "") -> Feature:
    """Return a feature under another name, of whose customers none is dropped."""
    missing = "keep" if feature.missing in ("drop", "error") else feature.missing
    return feature.model_copy(update={"name": f"{feature.name}{end}", "missing": missing})


def _cleaned(one: Iterable[CleanStep], other: Iterable[CleanStep]) -> tuple[CleanStep, ...]:
    """Return the steps of both, which drop whom either drops."""
    mine, theirs = (
        {step.model_dump_json(exclude={"step", "why"}): step for step in steps} for steps in (one, other)
    )
    if [k for k, s in mine.items() if s.replace] != [k for k, s in theirs.items() if s.replace]:
        raise DataError(
            "the two replace values of the table differently, so their levels mean different things",
            source="comparison",
        )
    more = [step for key, step in mine.items() if key not in theirs]
    taken = {step.step.casefold() for step in theirs.values()}
    named = (s.model_copy(update={"step": f"{s.step}_A"}) if s.step.casefold() in taken else s for s in more)
    return (*theirs.values(), *named)


def _rolled(fine: PatternTable, joint: Recipe, one: Recipe) -> PatternTable | None:
    """Make the joint table of finer levels, of which features that are there twice are copied; None where it cannot be."""
    twice = [f.name for f in one.features if any(g.name == f"{f.name}{FIRST}" for g in joint.features)]
    known = [f.name for f in fine.features]
    if not set(twice) <= set(known) or any('"drop"' in part for part in fine.made_by.values()):
        return None
    places = [known.index(name) for name in twice]
    made_by = {k: v for k, v in fine.made_by.items() if not k.startswith("outcomes.")}
    made_by |= {f"features.{name}{FIRST}": made_by[f"features.{name}"] for name in twice}
    codes = np.asarray(fine.codes)
    doubled = replace(
        fine.without_outcomes(),
        features=(*fine.features, *(replace(fine.features[j], name=f"{known[j]}{FIRST}") for j in places)),
        codes=as_codes(np.column_stack([codes, *(codes[:, j] for j in places)])),
        made_by=made_by,
    )
    order = {f.name: i for i, f in enumerate(doubled.features)}
    if any(f.name not in order for f in joint.features):
        return None
    in_order = tuple(sorted(joint.features, key=lambda f: order[f.name]))
    rolled = at_levels_of(doubled, joint.model_copy(update={"features": in_order}))
    return None if rolled is None else rolled[0]
