"""Statements about segments: texts, rules, simpler cuts, and features that stand in for protected columns."""

from __future__ import annotations

from dataclasses import dataclass

from segmentry.profiling import rows_of
from segmentry.report.facts.features import labels_of
from segmentry.segmentation import Segmentation


@dataclass(frozen=True)
class RuleFact:
    """A rule that finds a segment without a model: of `n` customers that it takes, `precision` are in it."""

    rule: str
    n: float
    precision: float
    recall: float


@dataclass(frozen=True)
class TextFact:
    """A segment in sentences, and what to do with it."""

    sentences: tuple[str, ...]
    action: str


@dataclass(frozen=True)
class CutFact:
    """A way to cut the customers, and how much of the outcomes' held-out variation it explains."""

    label: str
    detail: str
    n_groups: int
    n: float
    explained: float


@dataclass(frozen=True)
class AssociationFact:
    """How strongly a feature goes with the segments: Cramér's V, and how often its level is guessed right."""

    feature: str
    cramers_v: float
    guessed: float
    guessed_without: float


@dataclass(frozen=True)
class InsightFacts:
    """What is said of all segments together; empty where it was not computed."""

    comparison: str
    cuts: tuple[CutFact, ...]
    questions: str
    associations: tuple[AssociationFact, ...]
    redundant: tuple[str, ...]
    sensitive: tuple[str, ...]

    @property
    def most_explained(self) -> float:
        """Share that a bar of full length stands for."""
        return max((cut.explained for cut in self.cuts), default=0.0) or 1.0


def insight_facts(result: Segmentation) -> InsightFacts | None:
    """Gather what is said of all segments together; None where there are no insights."""
    found = result.insights
    if found is None or len(result.segments) < 2:
        return None
    labels = labels_of(result)
    cuts: tuple[CutFact, ...] = ()
    if len(found.comparison):
        last = found.comparison[found.comparison["outcome"] == found.comparison["outcome"].iloc[-1]]
        cuts = tuple(
            CutFact(
                str(row["cut"]), str(row["detail"] or ""), int(row["n_groups"]), row["n"], row["explained"]
            )
            for row in rows_of(last)
        )
    associations = tuple(
        AssociationFact(labels[row["feature"]], row["cramers_v"], row["guessed"], row["guessed_without"])
        for row in rows_of(found.associations)
        if row["kind"] == "segments"
    )
    return InsightFacts(
        comparison=found.comparison_text,
        cuts=cuts,
        questions=found.questions_text,
        associations=associations,
        redundant=found.redundancy_texts,
        sensitive=found.sensitive_texts,
    )


def rule_fact(result: Segmentation, segment: int) -> RuleFact | None:
    """Return the segment's rule, if there is one; none that takes everybody, which tells nobody apart."""
    if result.insights is None or not len(result.insights.rules) or len(result.segments) < 2:
        return None
    rules = result.insights.rules
    rows = rows_of(rules[rules["segment"] == segment])
    if not rows or not rows[0]["rule"] or not rows[0]["n_conditions"]:
        return None
    return RuleFact(*(rows[0][name] for name in ("rule", "n", "precision", "recall")))


def text_fact(result: Segmentation, segment: int) -> TextFact | None:
    """Return the segment in sentences, if there are any."""
    found = result.insights.texts if result.insights is not None else ()
    text = next((t for t in found if t.segment == segment), None)
    return TextFact(text.sentences, text.action) if text is not None else None
