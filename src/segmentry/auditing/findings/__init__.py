"""Findings: what a person should know before segmenting the table, ranked, with the rows concerned and advice."""

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
)
from segmentry.auditing.findings.numbers import suspect_constants, suspect_missing_codes, suspect_numbers
from segmentry.auditing.findings.relations import suspect_relations
from segmentry.auditing.findings.rows import (
    find_equal_rows,
    find_repeated_ids,
    suspect_children,
    suspect_missing,
)
from segmentry.auditing.findings.texts import suspect_texts
from segmentry.auditing.pairs import ColumnPairs
from segmentry.auditing.roles import Roles
from segmentry.auditing.session import Session
from segmentry.engine import reading_notes
from segmentry.engine.text_files import TextFile
from segmentry.sql.audit.columns import AuditColumn
from segmentry.sql.audit.rows import count_each, rows_where
from segmentry.text.numbers import count
from segmentry.text.words import counted, listed

__all__ = ["FINDING_SEVERITIES", "SEVERITIES", "Finding", "Severity", "find_findings"]
_AT_ONCE = 500
_RANK = {kind: i for i, kind in enumerate(FINDING_SEVERITIES)}


def find_findings(
    session: Session,
    columns: Sequence[AuditColumn],
    facts: Sequence[ColumnFacts],
    roles: Roles,
    pairs: ColumnPairs,
    file: TextFile | None,
) -> tuple[Finding, ...]:
    """Find all findings: wrong values first, then what is worth a look, then what is good to know."""
    if not facts[0].n_rows:
        return (_empty_table(session), *_reading_findings(session), *_ragged_rows(file))
    suspicions = [
        *suspect_numbers(facts, roles),
        *suspect_missing_codes(session, columns, facts, roles),
        *suspect_constants(facts),
        *suspect_texts(session, columns, facts, roles),
        *suspect_missing(columns, facts),
        *suspect_children(facts, roles),
        *suspect_relations(columns, facts, roles, pairs),
    ]
    found = [
        *_reading_findings(session),
        *_ragged_rows(file),
        *find_repeated_ids(session, facts, roles),
        *find_equal_rows(session, facts, roles),
    ]
    found += _count_rows(session, suspicions)
    return tuple(sorted(_without_repetitions(found), key=_rank))


def _without_repetitions(found: Sequence[Finding]) -> list[Finding]:
    """The findings without those that another finding covers."""
    codes = {(f.column, f.rows) for f in found if f.kind == "missing_code"}
    known = {
        f.column
        for f in found
        if f.kind in ("personal_data", "numbers_as_text", "dates_as_text", "mixed_dates")
    }
    read_as_missing = {(f.column, f.rows) for f in found if f.kind in ("infinite", "words_among_numbers")}
    kept: dict[tuple[object, ...], Finding] = {}
    for f in found:
        if f.kind == "missing" and (f.column, f.rows) in read_as_missing:
            continue
        if f.kind == "far_outlier" and (f.column, f.rows) in codes:
            continue
        if f.kind == "leaks_id" and f.column in known:
            continue
        key = (f.kind, f.column) if f.kind in ("leaks_id", "personal_data") else (f.kind, f.columns, f.title)
        kept.setdefault(key, f)
    return list(kept.values())


def _empty_table(session: Session) -> Finding:
    return Finding(
        "no_rows",
        "",
        0,
        "The table has no rows",
        "There is nothing to look at: find out whether the export, the filter or the query that made it went wrong. "
        "segmentry run refuses it.",
        session.standalone_sql(rows_where(exp.true())),
    )


def _reading_findings(session: Session) -> Iterator[Finding]:
    """Findings of the engine's own: how the source was read."""
    for note in reading_notes(session.engine):
        title = note.text.replace("{rows}", counted(note.rows, "row"))
        columns = (note.column,) if note.column else ()
        yield Finding(note.kind, note.column, note.rows, title, note.advice, columns=columns)


def _ragged_rows(file: TextFile | None) -> Iterator[Finding]:
    if file is None or not file.n_rejected:
        return
    lines = [f"line {count(number)}" for number, _ in file.rejected]
    yield Finding(
        "ragged_rows",
        "",
        file.n_rejected,
        f"{counted(file.n_rejected, 'row')} of the file do not fit into the table and are not in the figures: "
        f"{listed(lines, 6)}",
        "Too many or too few fields, or a value of another type than the rest of its column: correct these lines "
        "in the file. segmentry run refuses the file as it is.",
        values=tuple((f"line {number}: {text[:80]}", 1) for number, text in file.rejected),
    )


def _count_rows(session: Session, suspicions: Sequence[Suspicion]) -> Iterator[Finding]:
    """Count the rows of the suspicions, many in one scan, and turn those with enough rows into findings."""
    for start in range(0, len(suspicions), _AT_ONCE):
        part = suspicions[start : start + _AT_ONCE]
        counts = session.ask(
            "How many rows does each finding concern?", count_each([s.condition for s in part])
        )[0]
        for i, s in enumerate(part, 1):
            n = int(counts[f"finding_{i}"])
            if not n:
                continue
            title = s.title.replace("{rows}", counted(n, "row"))
            yield Finding(
                s.kind,
                s.columns[0],
                n,
                title + s.detail,
                s.advice,
                session.standalone_sql(rows_where(s.condition)),
                s.columns,
                s.values,
                summary=title if s.detail else "",
            )


def _rank(f: Finding) -> tuple[int, int]:
    """Order of findings: by kind, then the most rows first, but the fewest outliers first."""
    return _RANK[f.kind], f.rows if f.kind == "far_outlier" else -f.rows
