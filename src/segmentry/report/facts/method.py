"""Method and data: what was read and dropped, which queries ran, and how the segments were found."""

from __future__ import annotations

from dataclasses import dataclass

from segmentry.patterns import CleaningStep
from segmentry.report import wording
from segmentry.report.facts.features import FeatureFact, base_features
from segmentry.segmentation import Segmentation


@dataclass(frozen=True)
class QueryFact:
    """A query that ran, with the question that it answered."""

    purpose: str
    sql: str
    rows: int | None


@dataclass(frozen=True)
class FindingFact:
    """What an audit found in the table, and what to do about it; `severity` is wrong, check or know."""

    severity: str
    title: str
    advice: str


@dataclass(frozen=True)
class MethodFact:
    """Everything that another person needs to repeat the run."""

    source: str
    description: str
    method: str
    method_text: str
    seed: int
    n_rows: int
    n_customers: int
    n_dropped: int
    n_patterns: int
    n_comparisons: int
    is_weighted: bool
    has_design: bool
    cleaning: tuple[CleaningStep, ...]
    features: tuple[FeatureFact, ...]
    recipe: str
    queries: tuple[QueryFact, ...]
    versions: tuple[tuple[str, str], ...]
    min_cell: int | None
    notes: tuple[str, ...]
    limits: tuple[str, ...]
    findings: tuple[FindingFact, ...]


def method_fact(result: Segmentation) -> MethodFact:
    """Gather the method and the data."""
    patterns = result.patterns
    return MethodFact(
        source=result.source,
        description=result.recipe.description,
        method=result.method,
        method_text=wording.METHOD_NAMES[result.method],
        seed=result.seed,
        n_rows=result.cleaning.n_rows,
        n_customers=result.n_customers,
        n_dropped=result.cleaning.n_dropped,
        n_patterns=patterns.n_patterns if patterns is not None else 0,
        n_comparisons=result.n_comparisons,
        is_weighted=patterns is not None and patterns.weights is not None,
        has_design=len(result.design) > 0,
        cleaning=result.cleaning.steps,
        features=base_features(result),
        recipe=result.recipe.to_toml(),
        queries=tuple(QueryFact(" ".join(q.purpose.split()), q.sql, q.rows) for q in result.queries),
        versions=tuple(result.versions.items()),
        min_cell=result.min_cell,
        notes=tuple(n.text for n in result.notes if n.kind != "ids"),
        limits=_limits(result),
        findings=tuple(FindingFact(f.severity, f.title, f.advice) for f in result.findings),
    )


def weights_text(fact: MethodFact) -> str:
    """Say that customers carry weights; empty where each counts once."""
    intervals = "" if fact.has_design else wording.KISH
    return wording.WEIGHTED.format(intervals=intervals) if fact.is_weighted else ""


def _limits(result: Segmentation) -> tuple[str, ...]:
    """Write the limits of the figures."""
    is_several = len(result.segments) > 1
    has_rates = any(g.role == "flags" for g in result.recipe.outcomes)
    is_found = is_several and result.method != "given"
    limits = [wording.LIMIT_FEATURES, wording.LIMIT_MODAL] if is_found else []
    limits += [wording.LIMIT_RATES] if has_rates else []
    has_best = result.recipe.headline == "" and any(
        g.campaign for g in result.recipe.outcomes if g.role == "flags"
    )
    limits += [wording.LIMIT_BEST] if has_best and is_several else []
    return tuple(limits)
