"""Findings between columns: redundant ones, those that follow the id, and what missing values go with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.findings.model import Suspicion, listed
from segmentry.auditing.pairs import Pairs
from segmentry.auditing.roles import Roles
from segmentry.sql.table import column

REDUNDANT = 0.95
_NOTICEABLE_V = 0.1
_CERTAIN_Z = 4.0


def of_relations(facts: Sequence[ColumnFacts], roles: Roles, pairs: Pairs) -> Iterator[Suspicion]:
    """Suspicions that follow from pairs of columns."""
    yield from _leaks(facts, roles, pairs)
    yield from _redundant(roles, pairs)
    yield from _missing_with(pairs)


def _leaks(facts: Sequence[ColumnFacts], roles: Roles, pairs: Pairs) -> Iterator[Suspicion]:
    advice = (
        "It names the customer as the id does, or the order in which customers came: as a feature it would "
        "describe nobody else. Leave it out."
    )
    if roles.id is None:
        return
    for f in facts:
        if (
            f.name != roles.id
            and f.is_unique
            and f.kind in ("text", "number")
            and f.n_rows >= 10
            and _is_key(f)
        ):
            yield Suspicion(
                "leaks_id",
                (f.name,),
                column(f.name).is_(exp.null()).not_(),
                f"{f.name} is different in every row ({{rows}}), like {roles.id}",
                advice,
            )
    for p in pairs.pairs:
        if roles.id in (p.one, p.other) and p.measure == "Spearman" and p.strength >= 0.9:
            other = p.other if p.one == roles.id else p.one
            yield Suspicion(
                "leaks_id",
                (other,),
                column(other).is_(exp.null()).not_(),
                f"{other} rises and falls with {roles.id} (rank correlation {p.value:.2f}, {{rows}})",
                advice,
            )


def _is_key(f: ColumnFacts) -> bool:
    """Amounts with cents can be different in every row, too."""
    return f.kind == "text" or f.is_whole


def _redundant(roles: Roles, pairs: Pairs) -> Iterator[Suspicion]:
    for p in pairs.pairs:
        if roles.id in (p.one, p.other) or max(p.strength, p.cramers_v) < REDUNDANT:
            continue
        both = exp.and_(column(p.one).is_(exp.null()).not_(), column(p.other).is_(exp.null()).not_())
        yield Suspicion(
            "redundant",
            (p.one, p.other),
            both,
            f"{p.one} and {p.other} say the same ({p.measure} {p.value:.2f}, in {{rows}})",
            "Use one of the two as a feature: both would count the same thing twice.",
        )


def _missing_with(pairs: Pairs) -> Iterator[Suspicion]:
    by_column: dict[str, list[str]] = {}
    for m in pairs.missing:
        if m.z >= _CERTAIN_Z and m.cramers_v >= _NOTICEABLE_V:
            by_column.setdefault(m.column, []).append(f"{m.other} (V {m.cramers_v:.2f})")
    for name, others in by_column.items():
        yield Suspicion(
            "missing_goes_with",
            (name,),
            column(name).is_(exp.null()),
            f"{name}: whether it is missing ({{rows}}) goes with {listed(others, 4)}",
            "It is not missing by chance alone: dropping these rows changes who is left. Keep them, and look at "
            "the segments with and without them.",
        )
