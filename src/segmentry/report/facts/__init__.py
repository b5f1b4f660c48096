"""What the report says, as typed values; charts and templates show these and compute nothing."""

from __future__ import annotations

from dataclasses import dataclass

from segmentry.report import wording
from segmentry.report.facts.choices import ChoicesFact, choices_fact, targeting_texts
from segmentry.report.facts.gains import GainFact, gain_facts
from segmentry.report.facts.headline import (
    headline,
    is_one_by_wish,
    next_steps,
    overall_certainty,
    verdict_words,
)
from segmentry.report.facts.howmany import (
    CriterionFact,
    EvidenceFact,
    LeftOutFact,
    NumberFact,
    SplitFact,
    criterion_facts,
    evidence_facts,
    left_out_facts,
    number_facts,
    split_facts,
)
from segmentry.report.facts.insights import InsightFacts, insight_facts
from segmentry.report.facts.map import MapFact, map_fact
from segmentry.report.facts.method import MethodFact, method_fact
from segmentry.report.facts.segments import CertaintyFact, SegmentFact, segment_facts
from segmentry.segmentation import Segmentation

__all__ = ["ReportFacts", "facts_of"]


@dataclass(frozen=True)
class ReportFacts:
    """Everything that the report shows. What was not computed is None or empty, and its section is left out."""

    title: str
    headline: str
    choice_reason: str
    cautions: tuple[str, ...]
    verdict: str
    is_judged: bool
    verdict_text: str
    verdict_meaning: str
    verdict_reason: str
    n_customers: int
    segments: tuple[SegmentFact, ...]
    certainty: CertaintyFact | None
    next_steps: tuple[str, ...]
    map: MapFact | None
    evidence: tuple[EvidenceFact, ...]
    n_evidence: int
    left_out: tuple[LeftOutFact, ...]
    choices: ChoicesFact | None
    criteria: tuple[CriterionFact, ...]
    numbers: tuple[NumberFact, ...]
    splits: tuple[SplitFact, ...]
    gains: tuple[GainFact, ...]
    targeting: tuple[str, ...]
    insights: InsightFacts | None
    method: MethodFact


def facts_of(result: Segmentation) -> ReportFacts:
    """Gather what the report shows from a segmentation."""
    segments, certainty, insights = segment_facts(result), overall_certainty(result), insight_facts(result)
    verdict_text, verdict_meaning = verdict_words(result)
    choices = choices_fact(result)
    verdict = str(result.verdict) if result.verdict is not None else "given"
    return ReportFacts(
        title=result.recipe.title or wording.TITLE,
        headline=headline(result),
        choice_reason=result.choice.reason,
        cautions=(*result.choice.cautions, *(n.text for n in result.notes if n.kind == "ids")),
        verdict=verdict,
        is_judged=result.verdict is not None and not is_one_by_wish(result),
        verdict_text=verdict_text,
        verdict_meaning=verdict_meaning,
        verdict_reason=result.verdict.reason if result.verdict is not None else "",
        n_customers=result.n_customers,
        segments=segments,
        certainty=certainty,
        next_steps=next_steps(result, segments, certainty, insights),
        map=map_fact(result),
        evidence=evidence_facts(result),
        n_evidence=result.evidence.n_customers if result.evidence is not None else 0,
        left_out=left_out_facts(result),
        choices=choices,
        criteria=criterion_facts(result),
        numbers=number_facts(result),
        splits=split_facts(result),
        gains=gain_facts(result),
        targeting=targeting_texts(result, choices),
        insights=insights,
        method=method_fact(result),
    )
