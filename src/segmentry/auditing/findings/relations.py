"""Findings between columns: redundant columns, columns that follow the id, columns that missing values go with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.findings.model import Suspicion
from segmentry.auditing.pairs import ColumnPair, ColumnPairs
from segmentry.auditing.roles import Roles, is_called_id
from segmentry.sql.audit.columns import AuditColumn
from segmentry.sql.table import column
from segmentry.text.numbers import ratio
from segmentry.text.words import listed

REDUNDANT_COLUMNS = 0.95
LEAST_ROWS = 20
"""Smallest number of rows for a finding: on fewer rows, columns go together by chance."""
_NOTICEABLE_V = 0.1
_CERTAIN_Z = 4.0
_LEAST_MISSING = 10


def suspect_relations(
    columns: Sequence[AuditColumn], facts: Sequence[ColumnFacts], roles: Roles, pairs: ColumnPairs
) -> Iterator[Suspicion]:
    """Suspect pairs of columns."""
    yield from _suspect_leaks(facts, roles, pairs)
    yield from _suspect_redundant(roles, pairs)
    yield from _suspect_missing_with({c.name: c for c in columns}, pairs)


def _suspect_leaks(facts: Sequence[ColumnFacts], roles: Roles, pairs: ColumnPairs) -> Iterator[Suspicion]:
    advice = (
        "It names the customer as the id does, or the order in which customers came: as a feature it would "
        "describe nobody else. Leave it out."
    )
    if roles.id is None:
        return
    for f in facts:
        if f.name != roles.id and f.is_unique and f.n_rows >= LEAST_ROWS and _may_be_key(f):
            yield Suspicion(
                "leaks_id",
                (f.name,),
                column(f.name).is_(exp.null()).not_(),
                f"{f.name} is different in every row ({{rows}}), like {roles.id}",
                advice,
            )
    for p in pairs.pairs:
        if (
            roles.id in (p.one, p.other)
            and p.measure == "Spearman"
            and p.strength >= 0.9
            and p.n >= LEAST_ROWS
        ):
            other = p.other if p.one == roles.id else p.one
            yield Suspicion(
                "leaks_id",
                (other,),
                column(other).is_(exp.null()).not_(),
                f"{other} rises and falls with {roles.id} (rank correlation {ratio(p.value)}, {{rows}})",
                advice,
            )


def _may_be_key(f: ColumnFacts) -> bool:
    """Whether it holds texts, or whole numbers that are called an id or count the rows; amounts may be unique by chance."""
    if f.kind != "number" or not f.is_whole:
        return f.kind == "text"
    span = f.highest - f.lowest
    return is_called_id(f.name) or span == f.n_rows - 1


def _suspect_redundant(roles: Roles, pairs: ColumnPairs) -> Iterator[Suspicion]:
    for p in pairs.pairs:
        if (
            roles.id in (p.one, p.other)
            or max(p.strength, p.cramers_v) < REDUNDANT_COLUMNS
            or p.n < LEAST_ROWS
        ):
            continue
        both = exp.and_(column(p.one).is_(exp.null()).not_(), column(p.other).is_(exp.null()).not_())
        yield Suspicion(
            "redundant",
            (p.one, p.other),
            both,
            f"{_sameness(p)}, in {{rows}})",
            "Use one of the two as a feature: both would count the same thing twice.",
        )


def _sameness(p: ColumnPair) -> str:
    """Say how two columns are redundant; Cramér's V is 1 where the one with fewer levels follows from the other."""
    if p.strength >= REDUNDANT_COLUMNS and p.measure != "Cramér's V":
        return f"{p.one} and {p.other} say nearly the same ({p.measure} {ratio(p.value)}"
    (few, coarse), (many, fine) = sorted(zip(p.n_levels, (p.one, p.other), strict=True))
    if few == many:
        return f"{p.one} and {p.other} say the same (Cramér's V {ratio(p.cramers_v)}"
    return f"{coarse} follows from {fine} (Cramér's V {ratio(p.cramers_v)}"


def _suspect_missing_with(columns: Mapping[str, AuditColumn], pairs: ColumnPairs) -> Iterator[Suspicion]:
    by_column: dict[str, tuple[list[str], list[str]]] = {}
    for m in pairs.missing:
        differing, together = by_column.setdefault(m.column, ([], []))
        if m.n_missing < _LEAST_MISSING:
            continue
        if m.z >= _CERTAIN_Z and m.cramers_v >= _NOTICEABLE_V:
            differing.append(f"{m.other} (V {ratio(m.cramers_v)})")
        if m.n_both_missing >= 0.5 * m.n_missing:
            together.append(m.other)
    for name, (differing, together) in by_column.items():
        if not differing:
            continue
        also = f"; {listed(together, 4)} {_is(together)} mostly missing there, too" if together else ""
        yield Suspicion(
            "missing_goes_with",
            (name,),
            columns[name].value().is_(exp.null()),
            f"{name}: whether it is missing ({{rows}}) goes with {listed(differing, 4)}{also}",
            "It is not missing by chance alone: dropping these rows changes who is left. Keep them, and look at "
            "the segments with and without them.",
        )


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
