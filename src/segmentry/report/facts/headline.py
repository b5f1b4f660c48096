"""The first screen: the headline, and what to do next."""

from __future__ import annotations

from segmentry.report import wording
from segmentry.report.facts.insights import InsightFacts
from segmentry.report.facts.segments import CertaintyFact, SegmentFact, certainty_of, levels_of_certainty
from segmentry.segmentation import Segmentation
from segmentry.text.numbers import count, outcome, percent, percent_mark, share
from segmentry.text.words import listed


def headline(result: Segmentation) -> str:
    """Write the result in one line."""
    k, n = len(result.segments), count(result.n_customers)
    verdict = str(result.verdict) if result.verdict is not None else "given"
    alone = wording.HEADLINE_ASKED if is_one_by_wish(result) else wording.HEADLINE_ALONE
    text = alone if k == 1 else wording.HEADLINES[verdict]
    return text.format(n=n, k=k)


def is_one_by_wish(result: Segmentation) -> bool:
    """Whether one segment was asked for where BIC finds more: then the report does not deny that there are segments."""
    return len(result.segments) == 1 and result.choice.is_asked and result.choice.best_by_bic > 1


def _number_instead(result: Segmentation) -> int:
    """Return the number that a run without a wish would have; older files tell the best by BIC alone."""
    return result.choice.recommended or result.choice.best_by_bic


def verdict_words(result: Segmentation) -> tuple[str, str]:
    """Return the verdict's name and its meaning."""
    if is_one_by_wish(result):
        k = _number_instead(result)
        return wording.VERDICT_ASKED, wording.MEANING_ASKED.format(k=k)
    verdict = str(result.verdict) if result.verdict is not None else "given"
    return wording.VERDICTS[verdict], wording.MEANINGS[verdict]


def next_steps(
    result: Segmentation,
    segments: tuple[SegmentFact, ...],
    certainty: CertaintyFact | None,
    insights: InsightFacts | None,
) -> tuple[str, ...]:
    """Write what a reader can do with the result, a sentence or two for each step."""
    if len(segments) == 1:
        asked = wording.NEXT_ASKED.format(k=_number_instead(result))
        return (asked if is_one_by_wish(result) else wording.NEXT_ALONE,)
    steps = [
        _by_verdict(result), *_by_headline(segments), *_by_targets(segments), *_by_cuts(insights), *_by_pair(segments),
        *_by_certainty(certainty), *_by_size(segments),
    ]  # fmt: skip
    if (
        result.recipe.source.id is not None and result.core is not None and result.kinds
    ):  # none of a pattern file
        steps.append(wording.NEXT_FILES)
    return tuple(step for step in steps if step)


def overall_certainty(result: Segmentation) -> CertaintyFact | None:
    """Return the certainty of all customers; None for given segments, and for one segment."""
    if (
        result.method == "given"
        or result.certainty is None
        or result.patterns is None
        or len(result.segments) < 2
    ):
        return None
    return certainty_of(result.certainty, result.patterns.sample_weight, levels_of_certainty(result.method))


def _by_verdict(result: Segmentation) -> str:
    return wording.NEXT_BY_VERDICT.get(str(result.verdict), "")


def _by_headline(segments: tuple[SegmentFact, ...]) -> list[str]:
    """Say between which segments the headline outcome differs most."""
    known = [(s, s.headline) for s in segments if s.headline is not None and s.headline.is_known]
    if len(known) < 2:
        return []
    low, high = (choose(known, key=lambda pair: pair[1].value) for choose in (min, max))
    first = known[0][1]
    if first.determined_by:
        return [wording.NEXT_HEADLINE_DETERMINED.format(outcome=first.label, feature=first.determined_by)]
    if not any(o.is_different for _, o in known):
        return [wording.NEXT_HEADLINE_ALIKE.format(outcome=first.label)]
    written = {name: outcome(o.value, o.is_rate) for name, o in (("low", low[1]), ("high", high[1]))}
    base = outcome(high[1].base_value, high[1].is_rate)
    text = wording.NEXT_HEADLINE
    return [text.format(outcome=high[1].label, **written, most=high[0].id, least=low[0].id, base=base)]


def _by_targets(segments: tuple[SegmentFact, ...]) -> list[str]:
    """Write for each campaign with cost and revenue whom to contact, whom to leave out, where to test first."""
    made = []
    for position, first in enumerate(segments[0].targets):
        by_answer: dict[str, list[str]] = {}
        for s in segments:
            for t in s.targets[position : position + 1]:
                by_answer.setdefault(t.answer, []).append(str(s.id))
        parts = [
            form.format(segments=_segments(by_answer[a])) for a, form in _FORMS.items() if a in by_answer
        ]
        if "contact" not in by_answer and "withheld" not in by_answer:
            parts.insert(0, wording.NEXT_NOBODY_YET if "try" in by_answer else wording.NEXT_NOBODY)
        break_even = percent(first.break_even)
        text = wording.NEXT_CAMPAIGN
        made.append(text.format(campaign=first.label, break_even=break_even, parts="; ".join(parts)))
    return made


_FORMS = {
    "contact": wording.NEXT_CONTACT,
    "try": wording.NEXT_TRY,
    "leave out": wording.NEXT_LEAVE_OUT,
    "doubt": wording.NEXT_DOUBT,
}


def _by_cuts(insights: InsightFacts | None) -> list[str]:
    """Name the simplest cut that explains more of the outcomes than the segments, if there is one."""
    cuts = {cut.label: cut for cut in insights.cuts} if insights is not None else {}
    segments = cuts.get("segments")
    for label, text in _BY_CUT.items():
        cut = cuts.get(label)
        if segments is not None and cut is not None and cut.explained - segments.explained >= _LEAST_MORE:
            shares = {"theirs": percent(cut.explained), "ours": percent(segments.explained)}
            return [text.format(cut=cut.detail, n=count(cut.n_groups), **shares)]
    return []


_LEAST_MORE = 0.01
"""Share of the variation that a simpler cut has to explain more, for which it is worth to divide by it instead."""
_BY_CUT = {
    "one feature": wording.NEXT_ONE_FEATURE,
    "two features": wording.NEXT_FEATURES,
    "tree": wording.NEXT_FEATURES,
}


def _by_pair(segments: tuple[SegmentFact, ...]) -> list[str]:
    """Name the two segments that are hardest to tell apart, if any are confusable."""
    found = [(s, s.neighbour) for s in segments if s.neighbour is not None and s.neighbour.is_confusable]
    if not found:
        return []
    segment, other = max(found, key=lambda pair: pair[1].confusion)
    pair = listed([str(i) for i in sorted((segment.id, other.id))])
    n = round(other.n_between)
    form = wording.NEXT_PAIR if n else wording.NEXT_PAIR_ALONE
    return [form.format(pair=pair, customers=wording.ARE_CLOSE[n > 1].format(n=count(n)))]


def _by_certainty(certainty: CertaintyFact | None) -> list[str]:
    if certainty is None or certainty.above[-1] > 0.9:
        return []
    between, level = share(1 - certainty.above[-1]), percent_mark(certainty.levels[-1])
    return [wording.NEXT_BETWEEN.format(share=between, level=level)]


def _by_size(segments: tuple[SegmentFact, ...]) -> list[str]:
    small = [str(s.id) for s in segments if s.is_small]
    if not small:
        return []
    return [wording.NEXT_SMALL.format(segments=_segments(small))]


def _segments(ids: list[str]) -> str:
    text = wording.SEGMENTS_LIST if len(ids) > 1 else wording.SEGMENT_LIST
    return text.format(ids=listed(ids))
