"""What a person should know before segmenting the table: ranked, with the rows concerned and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.findings.model import (
    FINDING_SEVERITIES,
    SEVERITIES,
    Finding,
    Severity,
    Suspicion,
    listed_briefly,
    rows_text,
)
from segmentry.auditing.findings.numbers import constant_columns, missing_codes, of_numbers
from segmentry.auditing.findings.relations import of_relations
from segmentry.auditing.findings.rows import of_children, of_equal_rows, of_ids, of_missing
from segmentry.auditing.findings.texts import of_texts
from segmentry.auditing.pairs import ColumnPairs
from segmentry.auditing.roles import Roles
from segmentry.auditing.session import Session
from segmentry.engine.columnar import TextFile
from segmentry.sql.audit.columns import AuditColumn
from segmentry.sql.audit.rows import count_each, rows_where
from segmentry.text.numbers import format_number

__all__ = ["FINDING_SEVERITIES", "SEVERITIES", "Finding", "Severity", "find"]
_AT_ONCE = 500
_RANK = {kind: i for i, kind in enumerate(FINDING_SEVERITIES)}


def find(
    session: Session,
    columns: Sequence[AuditColumn],
    facts: Sequence[ColumnFacts],
    roles: Roles,
    pairs: ColumnPairs,
    file: TextFile | None,
) -> tuple[Finding, ...]:
    """All findings: wrong values first, then what is worth a look, then what is good to know."""
    if not facts[0].n_rows:
        return (_without_rows(session), *_ragged(file))
    suspicions = [
        *of_numbers(facts, roles),
        *missing_codes(session, columns, facts, roles),
        *constant_columns(facts),
        *of_texts(session, columns, facts, roles),
        *of_missing(facts),
        *of_children(facts, roles),
        *of_relations(facts, roles, pairs),
    ]
    found = [*_ragged(file), *of_ids(session, facts, roles), *of_equal_rows(session, facts, roles)]
    found += _counted(session, suspicions)
    return tuple(sorted(_said_once(found), key=_place))


def _said_once(found: Sequence[Finding]) -> list[Finding]:
    """The findings without those that another one says better."""
    codes = {(f.column, f.rows) for f in found if f.kind == "missing_code"}
    known = {
        f.column
        for f in found
        if f.kind in ("personal_data", "numbers_as_text", "dates_as_text", "mixed_dates")
    }
    kept: dict[tuple[object, ...], Finding] = {}
    for f in found:
        if f.kind == "far_outlier" and (f.column, f.rows) in codes:
            continue
        if f.kind == "leaks_id" and f.column in known:
            continue
        key = (f.kind, f.column) if f.kind in ("leaks_id", "personal_data") else (f.kind, f.columns, f.title)
        kept.setdefault(key, f)
    return list(kept.values())


def _without_rows(session: Session) -> Finding:
    return Finding(
        "no_rows",
        "",
        0,
        "The table has no rows",
        "There is nothing to look at: find out whether the export, the filter or the query that made it went wrong. "
        "segmentry run refuses it.",
        session.shown(rows_where(exp.true())),
    )


def _ragged(file: TextFile | None) -> Iterator[Finding]:
    if file is None or not file.n_rejected:
        return
    lines = [f"line {format_number(number, ',')}" for number, _ in file.rejected]
    yield Finding(
        "ragged_rows",
        "",
        file.n_rejected,
        f"{rows_text(file.n_rejected)} of the file do not fit into the table and are not in the figures: "
        f"{listed_briefly(lines)}",
        "Too many or too few fields, or a value of another type than the rest of its column: correct these lines "
        "in the file. segmentry run refuses the file as it is.",
        values=tuple((f"line {number}: {text[:80]}", 1) for number, text in file.rejected),
    )


def _counted(session: Session, suspicions: Sequence[Suspicion]) -> Iterator[Finding]:
    """Count the rows that each suspicion picks, many in one scan."""
    for start in range(0, len(suspicions), _AT_ONCE):
        part = suspicions[start : start + _AT_ONCE]
        counts = session.ask(
            "How many rows does each finding concern?", count_each([s.condition for s in part])
        )[0]
        for i, s in enumerate(part, 1):
            n = int(counts[f"finding_{i}"])
            if n < s.at_least:
                continue
            yield Finding(
                s.kind,
                s.columns[0],
                n,
                s.title.format(rows=rows_text(n)) if "{rows}" in s.title else s.title,
                s.advice,
                session.shown(rows_where(s.condition)),
                s.columns,
                s.values,
            )


def _place(f: Finding) -> tuple[int, int]:
    """By kind, then by rows: most first, but a lone outlier before many."""
    return _RANK[f.kind], f.rows if f.kind == "far_outlier" else -f.rows
