"""The first screen: the headline, and what to do next."""

from __future__ import annotations

from segmentry.report.facts.segments import CertaintyFact, SegmentFact, certainty_of
from segmentry.report.formats import and_list, percent
from segmentry.segmentation import Segmentation


def headline(result: Segmentation) -> str:
    """The result in one line."""
    k, n = len(result.segments), f"{result.n_customers:,} customers"
    if k == 1:
        return f"{n}, and no segments to tell apart"
    by_share = sorted(result.segments, key=lambda s: -s.share)  # numbers that were kept are in another order
    largest, smallest = by_share[0], by_share[-1]
    return f"{k} segments of {n}, from {percent(smallest.share, 0)} to {percent(largest.share, 0)} of them"


def next_steps(
    result: Segmentation, segments: tuple[SegmentFact, ...], certainty: CertaintyFact | None
) -> tuple[str, ...]:
    """What a reader can do with the result, from what was found; each a sentence or two."""
    if len(segments) == 1:
        return ("Treat these customers alike, or describe them by other features: these do not divide them.",)
    steps = [
        _by_verdict(result), *_by_targets(segments), *_by_pair(segments), *_by_certainty(certainty),
        *_by_size(segments),
    ]  # fmt: skip
    if result.recipe.source.id is not None and result.core is not None:
        steps.append(
            "Every customer's segment is in assignments.parquet; segmentation.json assigns new ones."
        )
    return tuple(step for step in steps if step)


def overall_certainty(result: Segmentation) -> CertaintyFact | None:
    """The certainty of all customers; None for given segments, and for one segment."""
    if (
        result.method == "given"
        or result.certainty is None
        or result.patterns is None
        or len(result.segments) < 2
    ):
        return None
    return certainty_of(result.certainty, result.patterns.sample_weight)


def _by_verdict(result: Segmentation) -> str:
    return {
        "natural": "Plan by segment: the groups are found again in redrawn customers.",
        "reproducible": "Plan by segment where a cut helps, and expect customers near a cut to be alike.",
        "constructive": "Use the segments as a working division, and check it again on new customers.",
        "none": "Do not act on these segments: independent features give as much.",
    }.get(str(result.verdict) if result.verdict is not None else "", "")


def _by_targets(segments: tuple[SegmentFact, ...]) -> list[str]:
    """Per campaign with money: whom to contact, whom to leave out, where to test first."""
    made = []
    for position, first in enumerate(segments[0].targets):
        by_decision: dict[str, list[str]] = {}
        for s in segments:
            for t in s.targets[position : position + 1]:
                by_decision.setdefault(t.decision, []).append(str(s.id))
        parts = []
        if "contact" in by_decision:
            parts.append(f"contact {_segments(by_decision['contact'])}")
        if "unclear" in by_decision:
            parts.append(
                f"test {_segments(by_decision['unclear'])} on a sample, the interval includes the break-even"
            )
        if "leave out" in by_decision:
            parts.append(f"leave out {_segments(by_decision['leave out'])}")
        text = "; ".join(parts)
        made.append(f"{first.label}, which pays above {percent(first.break_even, 1)}: {text}.")
    return made


def _by_pair(segments: tuple[SegmentFact, ...]) -> list[str]:
    """The two segments that are hardest to tell apart, if any are confusable."""
    found = [(s, s.neighbour) for s in segments if s.neighbour is not None and s.neighbour.is_confusable]
    if not found:
        return []
    segment, other = max(found, key=lambda pair: pair[1].confusion)
    return [
        f"Segments {and_list([str(i) for i in sorted((segment.id, other.id))])} are hard to tell apart: "
        f"{other.n_between:,.0f} customers are nearly as close to the other."
    ]


def _by_certainty(certainty: CertaintyFact | None) -> list[str]:
    if certainty is None or certainty.above[-1] > 0.9:
        return []
    between = percent(1 - certainty.above[-1], 0)
    return [
        f"{between} of the customers lie between segments (certainty below 70 %): do not address them by segment."
    ]


def _by_size(segments: tuple[SegmentFact, ...]) -> list[str]:
    small = [str(s.id) for s in segments if s.is_small]
    if not small:
        return []
    return [f"Read the figures of {_segments(small)} by their intervals: few customers are behind them."]


def _segments(ids: list[str]) -> str:
    return f"segment{'s' if len(ids) > 1 else ''} {and_list(ids)}"
