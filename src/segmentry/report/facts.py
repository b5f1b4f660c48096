"""What the report says, as typed values. Templates and charts show these; they compute nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from segmentry.patterns import CleaningStep
from segmentry.profile import spoken_level
from segmentry.report.formats import percent
from segmentry.report.palette import colour
from segmentry.segmentation import Segment, Segmentation
from segmentry.selection import STABLE, NullTest

MAX_LEVELS_SHOWN = 12
"""A card shows this many levels of a feature, those that set the segment apart most."""


@dataclass(frozen=True)
class LevelFact:
    """A level in a segment: its share there and among all customers; `spoken` is how it reads alone."""

    level: str
    spoken: str
    share: float
    base_share: float
    lift: float
    v_test: float


@dataclass(frozen=True)
class FeatureFact:
    """A feature in a segment, levels in their order; `n_hidden` further levels are not shown."""

    name: str
    label: str
    levels: tuple[LevelFact, ...]
    n_hidden: int


@dataclass(frozen=True)
class OutcomeFact:
    """An outcome in a segment. `scale` is what a bar of full length stands for."""

    name: str
    label: str
    role: str
    n: int
    value: float
    low: float
    high: float
    base_value: float
    lift: float
    total: float
    share_of_total: float
    mix: float
    is_different: bool
    scale: float

    @property
    def is_rate(self) -> bool:
        """Whether the value is a rate, not a mean per customer."""
        return self.role == "flags"


@dataclass(frozen=True)
class GroupFact:
    """Outcomes that belong together, in a segment; `value` is the sum per customer of amounts or counts."""

    name: str
    label: str
    role: str
    outcomes: tuple[OutcomeFact, ...]
    value: float | None
    base_value: float | None


@dataclass(frozen=True)
class TargetFact:
    """Whether contacting the segment pays."""

    outcome: str
    label: str
    rate: float
    low: float
    high: float
    break_even: float
    profit_per_contact: float
    profit: float
    decision: str


@dataclass(frozen=True)
class SegmentFact:
    """Everything that is shown of a segment."""

    segment: Segment
    colour: str
    apart: tuple[LevelFact, ...]
    typical: tuple[str, ...]
    features: tuple[FeatureFact, ...]
    groups: tuple[GroupFact, ...]
    targets: tuple[TargetFact, ...]


@dataclass(frozen=True)
class EvidenceFact:
    """One ground of the verdict: what was measured, beside what it is where the null model holds.

    `kind` says how `value` is written: a share, or a number.
    """

    question: str
    measure: str
    kind: str
    value: float
    null: str
    null_low: float
    null_high: float
    answer: str


@dataclass(frozen=True)
class ReportFacts:
    """Everything that the report shows."""

    title: str
    description: str
    headline: str
    source: str
    method: str
    method_text: str
    choice_reason: str
    verdict: str
    verdict_text: str
    verdict_reason: str
    evidence: tuple[EvidenceFact, ...]
    n_evidence: int
    seed: int
    n_rows: int
    n_customers: int
    n_dropped: int
    n_patterns: int
    n_comparisons: int
    cleaning: tuple[CleaningStep, ...]
    segments: tuple[SegmentFact, ...]
    base_features: tuple[FeatureFact, ...]
    queries: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    is_weighted: bool


VERDICTS = {
    "natural": "Natural segments",
    "reproducible": "Reproducible segments of a continuum",
    "constructive": "A constructed division",
    "none": "No segments",
    "given": "Segments made elsewhere; nothing here says whether they are natural groups.",
}
METHODS = {
    "latent-class": "latent class analysis (EM on the pattern table)",
    "k-modes": "k-modes (swap search over the grid of levels)",
    "k-means": "k-means on standardised ordinal codes",
    "given": "segments that were given in the table",
}


def facts_of(result: Segmentation) -> ReportFacts:
    """Gather what the report shows from a segmentation."""
    patterns = result.patterns
    segments = tuple(_segment(result, s) for s in result.segments)
    return ReportFacts(
        title=result.recipe.title or "Customer segments",
        description=result.recipe.description,
        headline=_headline(result),
        source=result.source,
        method=result.method,
        method_text=METHODS[result.method],
        choice_reason=result.choice.reason,
        verdict=str(result.verdict) if result.verdict is not None else "given",
        verdict_text=VERDICTS[str(result.verdict) if result.verdict is not None else "given"],
        verdict_reason=result.verdict.reason.replace("%", "\N{NO-BREAK SPACE}%")
        if result.verdict is not None
        else "",
        evidence=_evidence(result),
        n_evidence=result.evidence.n_customers if result.evidence is not None else 0,
        seed=result.seed,
        n_rows=result.cleaning.n_rows,
        n_customers=result.n_customers,
        n_dropped=result.cleaning.n_dropped,
        n_patterns=patterns.n_patterns if patterns is not None else 0,
        n_comparisons=int(result.outcomes["p_adjusted"].notna().sum()),
        cleaning=result.cleaning.steps,
        segments=segments,
        base_features=_base_features(result),
        queries=tuple((q.purpose, q.sql) for q in result.queries),
        versions=tuple(result.versions.items()),
        is_weighted=patterns is not None and patterns.weights is not None,
    )


def _headline(result: Segmentation) -> str:
    k, n = len(result.segments), f"{result.n_customers:,} customers"
    if k == 1:
        return f"{n}, and no segments to tell apart"
    largest, smallest = result.segments[0], result.segments[-1]
    return f"{k} segments of {n}, from {percent(smallest.share, 0)} to {percent(largest.share, 0)} of them"


def _evidence(result: Segmentation) -> tuple[EvidenceFact, ...]:
    found = result.evidence
    if found is None:
        return ()
    chance = _tested(
        "Is there more than chance?", "log-likelihood gained by a second segment", found.independence
    )
    facts = [replace(chance, null="independent features", answer=_yes(found.independence.is_beyond))]
    if found.continuum is not None:
        measure = (
            f"log-likelihood of {found.k} segments less that of one factor "
            f"(BIC {found.classes_bic:,.0f} and {found.factor_bic:,.0f})"
        )
        scale = _tested("Is there more than a continuum?", measure, found.continuum)
        answer = _yes(found.is_beyond_continuum)
        facts.append(replace(scale, null="one factor behind all features", answer=answer))
    lowest = found.stability.lowest
    refits = EvidenceFact(
        "Do refits find them again?", "least stable segment, mean Jaccard similarity", "share", lowest,
        "independent features", found.null_low, found.null_high,
        _yes(lowest > found.null_high) if lowest <= found.null_high or lowest >= STABLE else "in part",
    )  # fmt: skip
    return (*facts, refits)


def _tested(question: str, measure: str, test: NullTest) -> EvidenceFact:
    return EvidenceFact(question, measure, "number", test.statistic, "", test.null_low, test.null_high, "")


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def _labels(result: Segmentation) -> dict[str, str]:
    if result.patterns is not None:
        return {f.name: f.label for f in result.patterns.features}
    return {f.name: f.title for f in result.recipe.features}


def _segment(result: Segmentation, segment: Segment) -> SegmentFact:
    features = result.features[result.features["segment"] == segment.id]
    apart = features[(features["v_test"] > 2) & (features["lift"] > 1)].sort_values("v_test", ascending=False)
    best = apart.drop_duplicates("feature").head(3)
    return SegmentFact(
        segment=segment,
        colour=colour(segment.id),
        apart=tuple(_level(row, _labels(result)) for row in best.to_dict("records")),
        typical=segment.typical,
        features=_features(result, features),
        groups=_groups(result, segment.id),
        targets=_targets(result, segment.id),
    )


def _level(row: dict[str, object], labels: dict[str, str]) -> LevelFact:
    spoken = spoken_level(labels[str(row["feature"])], str(row["level"]))
    values: dict[str, Any] = {name: row[name] for name in ("level", "share", "base_share", "lift", "v_test")}
    return LevelFact(spoken=spoken, **values)


def _features(result: Segmentation, rows: object) -> tuple[FeatureFact, ...]:
    labels = _labels(result)
    made = []
    for name, group in rows.groupby("feature", sort=False):  # type: ignore[attr-defined]
        present = group[group["base_share"] > 0]
        strongest = present["v_test"].abs().sort_values(ascending=False).index[:MAX_LEVELS_SHOWN]
        shown = present.loc[present.index.isin(strongest)]
        levels = tuple(_level(row, labels) for row in shown.to_dict("records"))
        made.append(FeatureFact(str(name), labels[str(name)], levels, len(present) - len(shown)))
    return tuple(made)


def _base_features(result: Segmentation) -> tuple[FeatureFact, ...]:
    """The features of all customers, every level shown."""
    labels = _labels(result)
    first = result.features[result.features["segment"] == result.segments[0].id]
    return tuple(
        FeatureFact(
            str(name), labels[str(name)], tuple(_level(r, labels) for r in group.to_dict("records")), 0
        )
        for name, group in first.groupby("feature", sort=False)
    )


def _groups(result: Segmentation, segment: int) -> tuple[GroupFact, ...]:
    named = {c.name: c.label for g in result.recipe.outcomes for c in g.columns}
    titles = {g.name: g.title for g in result.recipe.outcomes}
    table = result.outcomes
    scales = table.groupby("group")[["high", "value"]].max().max(axis=1)
    made = []
    for name, rows in table[table["segment"] == segment].groupby("group", sort=False):
        outcomes = tuple(_outcome(row, named, float(scales[name])) for row in rows.to_dict("records"))
        adds_up = outcomes[0].role != "flags" and len(outcomes) > 1
        made.append(
            GroupFact(
                name=str(name),
                label=titles[str(name)],
                role=outcomes[0].role,
                outcomes=outcomes,
                value=sum(o.value for o in outcomes) if adds_up else None,
                base_value=sum(o.base_value for o in outcomes) if adds_up else None,
            )
        )
    return tuple(made)


def _outcome(row: dict[str, object], named: dict[str, str], scale: float) -> OutcomeFact:
    names = ("n", "value", "low", "high", "base_value", "lift", "total", "share_of_total", "mix", "role")
    return OutcomeFact(
        name=str(row["outcome"]),
        label=named[str(row["outcome"])],
        is_different=bool(row["p_adjusted"] < 0.05),  # type: ignore[operator]
        scale=scale if scale > 0 else 1.0,
        **{name: row[name] for name in names},  # type: ignore[arg-type]
    )


def _targets(result: Segmentation, segment: int) -> tuple[TargetFact, ...]:
    named = {c.name: c.label for g in result.recipe.outcomes for c in g.columns}
    table = result.targeting
    if not len(table):
        return ()
    names = ("outcome", "rate", "low", "high", "break_even", "profit_per_contact", "profit", "decision")
    return tuple(
        TargetFact(label=named[row["outcome"]], **{name: row[name] for name in names})
        for row in table[table["segment"] == segment].to_dict("records")
    )
