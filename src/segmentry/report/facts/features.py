"""Who is in a segment: its levels compared with all customers, and the raw values behind the levels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from segmentry.profiling import rows_of
from segmentry.report.facts.densities import DensityFact, density_facts
from segmentry.segmentation import Segmentation
from segmentry.text.edges import NumberKind, kind_of_numbers
from segmentry.text.levels import LevelNames

MAX_LEVELS_SHOWN = 12
"""Number of levels of a feature that a card shows: those that set the segment apart most."""
MAX_APART = 3
"""Number of levels, of different features, that say what sets a segment apart."""


@dataclass(frozen=True)
class LevelFact:
    """A level in a segment: its share there and among all customers; `spoken` is a name that is understood without the feature's."""

    level: str
    spoken: str
    count: float
    share: float
    base_share: float
    lift: float
    v_test: float
    share_of_level: float


@dataclass(frozen=True)
class MiddleFact:
    """The median of an ordered number in a segment, the middle half of its customers, and the median of all customers.

    `kind` says how the numbers are written, `is_rough` whether they are the nearest known ones.
    """

    median: float
    low: float
    high: float
    base_median: float
    kind: NumberKind = "number"
    is_rough: bool = False


@dataclass(frozen=True)
class FeatureFact:
    """A feature in a segment, levels in their order; `middle` and `density` are there for ordered numbers, where they are known."""

    name: str
    label: str
    levels: tuple[LevelFact, ...]
    middle: MiddleFact | None = None
    density: DensityFact | None = None

    @property
    def shown(self) -> tuple[LevelFact, ...]:
        """The levels that a card has room for: those that set the segment apart most, in their order."""
        strongest = sorted(self.levels, key=_strength)[:MAX_LEVELS_SHOWN]
        return tuple(level for level in self.levels if level in strongest)

    @property
    def n_hidden(self) -> int:
        """Number of levels that a card leaves out."""
        return len(self.levels) - len(self.shown)


@dataclass(frozen=True)
class BinFact:
    """Customers from `low` up to below `high`; the outermost bins are open and have a missing end."""

    low: float
    high: float
    n: int
    share: float
    base_share: float


@dataclass(frozen=True)
class HistogramFact:
    """The raw values of a feature's column in a segment and among all customers."""

    feature: str
    label: str
    n: int
    base_n: int
    bins: tuple[BinFact, ...]
    kind: NumberKind = "number"


def level_names_of(result: Segmentation) -> LevelNames:
    """Return what writes levels so that they are understood without their feature."""
    return LevelNames.of(rows["level"].astype(str).unique() for _, rows in result.features.groupby("feature"))


def labels_of(result: Segmentation) -> dict[str, str]:
    """Return the labels of features by name."""
    if result.patterns is not None:
        return {f.name: f.label for f in result.patterns.features}
    return {f.name: f.title for f in result.recipe.features}


@dataclass(frozen=True)
class FeatureRows:
    """The rows of the table of features by segment: read once, because every segment asks for its own."""

    by_segment: dict[int, list[dict[Any, Any]]]
    said: _Said
    kinds: dict[str, NumberKind]
    densities: dict[tuple[int, str], DensityFact]
    n_segments: int

    @classmethod
    def of(cls, result: Segmentation) -> FeatureRows:
        """Read the table of a result."""
        rows: dict[int, list[dict[Any, Any]]] = {}
        for row in rows_of(result.features):
            rows.setdefault(int(row["segment"]), []).append(row)
        return cls(rows, _Said.of(result), _kinds(result), density_facts(result), len(result.segments))

    def apart(self, segment: int) -> tuple[LevelFact, ...]:
        """Find the levels that set a segment apart most, one per feature; none where there is one segment."""
        if self.n_segments < 2:
            return ()
        over = [
            r for r in self.by_segment.get(segment, ()) if _above(r, "v_test", 2) and _above(r, "lift", 1)
        ]
        best: dict[str, dict[Any, Any]] = {}
        for row in sorted(over, key=lambda r: -r["v_test"]):
            best.setdefault(row["feature"], row)
        return tuple(self.said.level(row) for row in list(best.values())[:MAX_APART])

    def features(self, segment: int) -> tuple[FeatureFact, ...]:
        """Gather the features of a segment, those that set it apart most first, without levels that nobody has."""
        groups: dict[str, list[dict[Any, Any]]] = {}
        for row in self.by_segment.get(segment, ()):
            groups.setdefault(str(row["feature"]), []).append(row)
        made = [
            FeatureFact(
                name,
                self.said.labels[name],
                tuple(
                    self.said.level(r) for r in rows if r["base_share"] is None or not r["base_share"] <= 0
                ),
                _middle(rows[0], self.kinds),
                self.densities.get((segment, name)) if _are_all_shown(rows) else None,
            )
            for name, rows in groups.items()
        ]
        return tuple(sorted(made, key=lambda f: min(map(_strength, f.levels), default=0.0)))


def _above(row: dict[Any, Any], name: str, bound: float) -> bool:
    return row[name] is not None and row[name] > bound


def _are_all_shown(rows: list[dict[Any, Any]]) -> bool:
    """Whether the share of no level is withheld, of which a density would tell too much."""
    return not any(row["share"] is None or math.isnan(row["share"]) for row in rows)


def _middle(first: dict[Any, Any], kinds: dict[str, NumberKind]) -> MiddleFact | None:
    if "median" not in first:
        return None
    names = ("median", "lower_quartile", "upper_quartile", "base_median")
    median, low, high, base = (float(first[name]) for name in names)
    is_rough = first.get("quartiles") not in (None, "exact")  # files of earlier versions do not say
    found = MiddleFact(median, low, high, base, kinds[first["feature"]], is_rough)
    return None if math.isnan(found.median) else found


def base_features(result: Segmentation) -> tuple[FeatureFact, ...]:
    """Gather the features of all customers with every level, also those that nobody has."""
    said = _Said.of(result)
    first = result.features[result.features["segment"] == 1]
    return tuple(
        FeatureFact(str(name), said.labels[str(name)], tuple(said.level(r) for r in rows_of(group)))
        for name, group in first.groupby("feature", sort=False)
    )


def histogram_facts(result: Segmentation, segment: int) -> tuple[HistogramFact, ...]:
    """Gather the raw values of the numeric features, where they were counted."""
    if not len(result.histograms):
        return ()
    labels, kinds = labels_of(result), _kinds(result)
    made = []
    for name, rows in result.histograms.groupby("feature", sort=False):
        base = rows.groupby("bin", sort=True).agg({"low": "first", "high": "first", "count": "sum"})
        mine = rows[rows["segment"] == segment].set_index("bin")["count"].reindex(base.index, fill_value=0)
        n, base_n = int(mine.sum()), int(base["count"].sum())
        if not n:
            continue
        shares, base_shares = mine.to_numpy() / n, base["count"].to_numpy() / base_n
        bins = tuple(
            BinFact(float(low), float(high), int(count), float(share), float(base_share))
            for low, high, count, share, base_share in zip(
                base["low"], base["high"], mine, shares, base_shares, strict=True
            )
        )
        made.append(HistogramFact(str(name), labels[str(name)], n, base_n, bins, kinds[str(name)]))
    return tuple(made)


def _kinds(result: Segmentation) -> dict[str, NumberKind]:
    """Say of each feature how its numbers are written."""
    return {f.name: kind_of_numbers(f.sql, f.edges or ()) for f in result.recipe.features}


def _strength(level: LevelFact) -> float:
    """Return the key that sorts levels, the strongest first; those with withheld figures come last."""
    return 0.0 if math.isnan(level.v_test) else -abs(level.v_test)


@dataclass(frozen=True)
class _Said:
    """What features and their levels are called."""

    labels: dict[str, str]
    names: LevelNames

    @classmethod
    def of(cls, result: Segmentation) -> _Said:
        return cls(labels_of(result), level_names_of(result))

    def level(self, row: dict[Any, Any]) -> LevelFact:
        spoken = self.names.level(self.labels[str(row["feature"])], str(row["level"]))
        names = ("count", "share", "base_share", "lift", "v_test", "share_of_level")
        values = {name: float(row[name]) if row[name] is not None else np.nan for name in names}
        return LevelFact(level=str(row["level"]), spoken=spoken, **values)
