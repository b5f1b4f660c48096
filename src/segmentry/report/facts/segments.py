"""A segment as its card shows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentry.pages.palette import repeat, tone
from segmentry.report.facts.features import (
    FeatureFact,
    FeatureRows,
    HistogramFact,
    LevelFact,
    histogram_facts,
    labels_of,
)
from segmentry.report.facts.insights import RuleFact, TextFact, rule_fact, text_fact
from segmentry.report.facts.outcomes import GroupFact, OutcomeFact, TargetFact, group_facts, target_facts
from segmentry.segmentation import Segmentation
from segmentry.segmentation.shown_patterns import with_shown_patterns

LEVELS_OF_CERTAINTY = (0.9, 0.8, 0.7)
LEVELS_BY_DISTANCE = (0.75, 0.5, 0.25)
"""Levels for methods whose certainty is made of distances: below a quarter another segment is nearly as near."""
FEW_CUSTOMERS = 100
"""Number of customers below which a segment is called small: a rate's interval is then some 20 points wide."""


@dataclass(frozen=True)
class CertaintyFact:
    """How clearly customers belong to a segment: the mean, and the shares at or above each of three levels (`above`)."""

    mean: float
    above: tuple[float, ...]
    levels: tuple[float, ...]

    @property
    def parts(self) -> tuple[float, ...]:
        """Shares below the lowest level, between it and the middle one, between that and the highest, and above."""
        most, more, half = self.above
        return (1 - half, half - more, more - most, most)


@dataclass(frozen=True)
class NeighbourFact:
    """The segment that is hardest to tell from this one, how many are between them, features that separate them or do not."""

    id: int
    name: str
    n_between: float
    exchanged: float
    overlap: str
    confusion: float
    separated_by: tuple[str, ...]
    alike_in: tuple[str, ...]
    is_confusable: bool


@dataclass(frozen=True)
class SegmentFact:
    """Everything that is shown of a segment; `tone` names its colour.

    `named_for` is the name that it would have, where somebody gave it another, and `name_share` the share of its customers for whom that
    name holds. `headline` is the headline outcome of the recipe; where the recipe names one, it stands in place of the best campaign.
    """

    id: int
    name: str
    size: int
    share: float
    tone: str
    is_small: bool
    apart: tuple[LevelFact, ...]
    typical: tuple[str, ...]
    typical_share: float
    certainty: CertaintyFact | None
    stability: float | None
    neighbour: NeighbourFact | None
    text: TextFact | None
    rule: RuleFact | None
    worth: GroupFact | None
    best_campaign: OutcomeFact | None
    headline: OutcomeFact | None
    features: tuple[FeatureFact, ...]
    histograms: tuple[HistogramFact, ...]
    groups: tuple[GroupFact, ...]
    targets: tuple[TargetFact, ...]
    named_for: str = ""
    name_share: float | None = None
    note: str = ""

    @property
    def repeat(self) -> int:
        """How often the colours were used up before this segment; from 1 on its areas have a second mark."""
        return repeat(self.id)


def segment_facts(result: Segmentation) -> tuple[SegmentFact, ...]:
    """Gather all segments, by number."""
    groups, features, rates = group_facts(result), FeatureRows.of(result), _ranking_rates(result)
    return tuple(
        _segment(result, i, groups[s.id], features, rates.get(s.id, {}))
        for i, s in enumerate(result.segments)
    )


def _ranking_rates(result: Segmentation) -> dict[int, dict[str, float]]:
    """Return by segment the rates that rank segments, shrunken towards those of all customers; none where there is one segment alone."""
    found: dict[int, dict[str, float]] = {}
    if result.insights is None or len(result.segments) < 2:
        return found
    known = result.insights.ranking[result.insights.ranking["shrunken_rate"].notna()]
    for segment, outcome, rate in zip(
        known["segment"], known["outcome"], known["shrunken_rate"], strict=True
    ):
        found.setdefault(int(segment), {})[outcome] = float(rate)
    return found


def _segment(
    result: Segmentation,
    position: int,
    groups: tuple[GroupFact, ...],
    features: FeatureRows,
    rates: dict[str, float],
) -> SegmentFact:
    segment = result.segments[position]
    named = result.recipe.headline_outcome
    first = named.name if named is not None else None
    return SegmentFact(
        id=segment.id,
        name=segment.name,
        size=segment.size,
        share=segment.share,
        tone=tone(segment.id),
        is_small=segment.size < FEW_CUSTOMERS,
        apart=features.apart(segment.id),
        typical=segment.typical,
        typical_share=_typical_share(result, position),
        certainty=_certainty(result, position),
        stability=_stability(result, position),
        neighbour=_neighbour(result, segment.id),
        text=text_fact(result, segment.id),
        rule=rule_fact(result, segment.id),
        worth=next((g for g in groups if g.role == "amounts" and g.value is not None), None),
        best_campaign=None if first is not None else _best_campaign(result, groups, rates),
        headline=next((o for g in groups for o in g.outcomes if o.name == first), None),
        features=features.features(segment.id),
        histograms=histogram_facts(result, segment.id),
        groups=groups,
        targets=target_facts(result, segment.id),
        named_for=segment.named_for,
        name_share=segment.name_share,
        note=segment.note,
    )


def _best_campaign(
    result: Segmentation, groups: tuple[GroupFact, ...], rates: dict[str, float]
) -> OutcomeFact | None:
    """Find the campaign whose rate is highest compared with all customers, if anybody accepted any.

    `rates` are those that rank segments. The highest rate as such would name the campaign that everybody likes, even if this segment
    likes it less; it is taken where there is one segment alone.
    """
    campaigns = {c.name for g in result.recipe.outcomes if g.campaign for c in g.columns}
    flags = [
        o for g in groups if g.is_rates for o in g.outcomes
        if o.value > 0 and o.base_value > 0 and o.name in campaigns
    ]  # fmt: skip
    lifts = {o.name: round(rates.get(o.name, o.value) / o.base_value, 9) for o in flags}
    return max(flags, key=lambda o: (lifts[o.name], o.value), default=None)


def _typical_share(result: Segmentation, position: int) -> float:
    """Compute the share of the segment that has its most frequent combination of levels."""
    result = with_shown_patterns(result)
    if result.patterns is None or result.labels is None:
        return float("nan")
    mine = result.patterns.sample_weight[result.labels == position]
    return float(mine.max() / mine.sum()) if mine.sum() > 0 else float("nan")


def _certainty(result: Segmentation, position: int) -> CertaintyFact | None:
    if (
        result.method == "given"
        or result.certainty is None
        or result.labels is None
        or result.patterns is None
    ):
        return None
    if len(result.segments) < 2:
        return None
    mine = result.labels == position
    return certainty_of(
        result.certainty[mine], result.patterns.sample_weight[mine], levels_of_certainty(result.method)
    )


def levels_of_certainty(method: str) -> tuple[float, ...]:
    """Return the levels by which certainty is reported, the highest first; below the last a customer is between segments."""
    return LEVELS_OF_CERTAINTY if method == "latent-class" else LEVELS_BY_DISTANCE


def certainty_of(
    certainty: np.ndarray, weight: np.ndarray, levels: tuple[float, ...] = LEVELS_OF_CERTAINTY
) -> CertaintyFact | None:
    """Compute the certainty of some patterns; None where they hold no customer."""
    total = float(weight.sum())
    if total <= 0:
        return None
    above = tuple(float(weight[certainty >= level - 1e-12].sum() / total) for level in levels)
    return CertaintyFact(float((certainty * weight).sum() / total), above, levels)


def _neighbour(result: Segmentation, segment: int) -> NeighbourFact | None:
    pairs = result.evidence.pairs if result.evidence is not None else ()
    found = next((p for p in pairs if segment in (p.first, p.second)), None)
    if found is None:
        return None
    other = found.second if found.first == segment else found.first
    labels = labels_of(result)
    return NeighbourFact(
        id=other,
        name=result.segments[other - 1].name,
        n_between=found.n_between,
        exchanged=found.exchanged,
        overlap=found.overlap,
        confusion=found.confusion,
        separated_by=tuple(labels[name] for name in found.separated_by),
        alike_in=tuple(labels[name] for name in found.alike_in),
        is_confusable=found.is_confusable,
    )


def _stability(result: Segmentation, position: int) -> float | None:
    found = result.evidence.stability.jaccard if result.evidence is not None else ()
    return found[position] if position < len(found) and len(found) == len(result.segments) else None
