"""The audit's page: views of the facts, a template, one HTML file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.drawings import ends, histogram_svg
from segmentry.auditing.findings import SEVERITIES, Finding, Severity
from segmentry.auditing.pairs import ColumnPair, ColumnPairs
from segmentry.auditing.questions import Answer
from segmentry.auditing.roles import Roles
from segmentry.auditing.values import value_text
from segmentry.pages import render_page
from segmentry.text import numbers
from segmentry.text.words import counted, listed

if TYPE_CHECKING:
    from segmentry.auditing.result import Audit

MAX_CARDS = 120
"""Columns with a card of their own; further ones stand in a table."""
MAX_FINDINGS = 100
MAX_SCRIPT = 200_000
_TOP = 8
_PAIRS = 20
_OF_A_KIND = 3
_FORMS: dict[str, Callable[[Any], str]] = {
    "whole": numbers.count,
    "number": numbers.number,
    "share": numbers.percent,
}
_HEADINGS = {
    "wrong": ("Wrong, or hardly possible", "Repair these first."),
    "check": ("Worth a look", "Somebody has to decide."),
    "know": ("Good to know", "For the recipe."),
}


@dataclass(frozen=True)
class Run:
    """Findings of one kind: the first are shown, of many the others folded under one line."""

    shown: tuple[Finding, ...]
    folded: tuple[Finding, ...] = ()
    summary: str = ""


@dataclass(frozen=True)
class Group:
    """Findings of one severity."""

    severity: Severity
    heading: str
    hint: str
    runs: tuple[Run, ...]
    n_more: int = 0


@dataclass(frozen=True)
class Bar:
    """A labelled bar: its text, its length in percent, and the figures beside it."""

    label: str
    length: float
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """A column as its card shows it."""

    name: str
    anchor: str
    kind: str
    missing: str
    drawing: Markup
    ends: tuple[str, str]
    top: tuple[Bar, ...]
    n_more_values: int
    figures: tuple[tuple[str, str], ...]
    note: str


@dataclass(frozen=True)
class AuditTable:
    """An answer as the page shows it."""

    question: str
    header: tuple[str, ...]
    rows: tuple[Bar, ...]
    has_bars: bool
    note: str


@dataclass(frozen=True)
class ColumnPairRow:
    """A pair as the page shows it."""

    pair: ColumnPair
    names: str
    length: float
    value: str
    v: str


def audit_page(audit: Audit) -> str:
    """Render the page."""
    years = {*audit.roles.births, *audit.roles.years}
    cards = [_card(i, c, is_year=c.name in years) for i, c in enumerate(audit.columns[:MAX_CARDS], 1)]
    content: dict[str, Any] = {
        "audit": audit,
        "headline": _headline(audit),
        "groups": _groups(audit.findings),
        "tables": [_table(a) for a in audit.answers if not _is_on_a_card(a)],
        "cards": cards,
        "further": [_short(c, is_year=c.name in years) for c in audit.columns[MAX_CARDS:]],
        "pairs": [_pair(p) for p in audit.pairs.pairs[:_PAIRS]],
        "pairs_note": _pairs_note(audit.pairs),
        "guess": _guess_note(audit.roles),
        "n_missing": sum(c.n_missing > 0 for c in audit.columns),
        "queries": audit.sql if len(audit.sql) <= MAX_SCRIPT else "",
    }
    return render_page("audit", **content)


def framed(audit: Audit) -> str:
    """The page in a frame of its own, for notebooks."""
    text = escape(audit_page(audit))
    return (
        f'<iframe srcdoc="{text}" title="Audit of {escape(audit.name)}" '
        'style="width:100%;height:720px;border:1px solid #8888;border-radius:8px"></iframe>'
    )


def _headline(audit: Audit) -> str:
    n = len(audit.findings)
    n_wrong = sum(f.severity == "wrong" for f in audit.findings)
    if not audit.n_rows:
        return f"{counted(len(audit.columns), 'column')} and no row"
    size = f"{counted(audit.n_rows, 'row')} and {counted(len(audit.columns), 'column')}"
    if not n:
        return f"{size}, and nothing to complain of"
    wrong = f": {n_wrong} wrong or hardly possible" if n_wrong else ""
    return f"{counted(n, 'finding')} in {size}{wrong}"


def _groups(findings: Sequence[Finding]) -> list[Group]:
    groups = []
    for severity in SEVERITIES:
        found = tuple(f for f in findings if f.severity == severity)
        if found:
            heading, hint = _HEADINGS[severity]
            more = max(0, len(found) - MAX_FINDINGS)
            groups.append(Group(severity, heading, hint, _runs(found[:MAX_FINDINGS]), more))
    return groups


def _runs(findings: Sequence[Finding]) -> tuple[Run, ...]:
    return tuple(_run(tuple(run)) for _, run in groupby(findings, key=lambda f: f.kind))


def _run(findings: tuple[Finding, ...]) -> Run:
    if len(findings) <= _OF_A_KIND + 1:
        return Run(findings)
    folded = findings[_OF_A_KIND:]
    names = [f"{listed(value_text(c, most=30) for c in f.columns)} ({numbers.count(f.rows)})" for f in folded]
    return Run(
        findings[:_OF_A_KIND],
        folded,
        f"{len(folded)} more of this kind, with their rows: {listed(names, 12)}",
    )


def _table(a: Answer) -> AuditTable:
    a = _without_sameness(a)
    at = a.bars
    highest = max((float(r[at] or 0) for r in a.rows), default=0.0) if at is not None else 0.0
    rows = []
    for row in a.rows:
        cells = tuple(_cell(v, form) for v, form in zip(row[1:], a.forms[1:], strict=True))
        length = 100 * float(row[at] or 0) / highest if at is not None and highest else 0.0
        rows.append(Bar(value_text(row[0]), length, cells))
    return AuditTable(a.question, a.header[1:], tuple(rows), at is not None and len(rows) > 1, a.note)


def _without_sameness(a: Answer) -> Answer:
    """The answer without its last column where that says the same in every one of several rows."""
    if a.header[-1] != "customers with a value" or len(a.rows) < 2 or len({r[-1] for r in a.rows}) > 1:
        return a
    n = a.rows[0][-1]
    note = f"{a.note} Of {numbers.count(float(n or 0))} customers.".strip()
    return replace(a, header=a.header[:-1], forms=a.forms[:-1], rows=tuple(r[:-1] for r in a.rows), note=note)


def _is_on_a_card(a: Answer) -> bool:
    """Categories stand on the cards of their columns."""
    return a.name.startswith("categories") and len(a.rows) <= _TOP


def _cell(value: object, form: str) -> str:
    return _FORMS[form](value) if form in _FORMS else str(value)


def _card(i: int, c: ColumnFacts, *, is_year: bool) -> Card:
    bars = c.kind in ("number", "date") and not _has_few_values(c)
    top = () if bars else tuple(_bar(c, value, n, is_year=is_year) for value, n in c.top_values[:_TOP])
    drawing = (
        histogram_svg(c.histogram, is_year=is_year, is_whole=c.is_whole, name=c.name) if bars else Markup()
    )
    return Card(
        name=value_text(c.name),
        anchor=f"column-{i}",
        kind=f"{c.kind}, {c.sql_type}" if c.kind != "other" else c.sql_type,
        missing=numbers.percent(c.n_missing / c.n_rows) if c.n_missing else "",
        drawing=drawing,
        ends=ends(c.histogram, is_year=is_year, is_whole=c.is_whole) if drawing else ("", ""),
        top=top,
        n_more_values=max(0, c.n_distinct - len(top)) if top else 0,
        figures=_figures(c, is_year=is_year),
        note=_card_note(c),
    )


def _has_few_values(c: ColumnFacts) -> bool:
    return c.kind == "number" and c.n_distinct <= _TOP and bool(c.top_values)


def _bar(c: ColumnFacts, value: object, n: int, *, is_year: bool) -> Bar:
    highest = c.top_values[0][1]
    cells = (numbers.count(n), numbers.percent(n / c.n_rows))
    return Bar(value_text(value, is_year=is_year, most=40), 100 * n / highest, cells)  # type: ignore[arg-type]


def _figures(c: ColumnFacts, *, is_year: bool) -> tuple[tuple[str, str], ...]:
    """(name, figure) of a column's facts."""
    figures = [("different", numbers.count(c.n_distinct))] if c.kind != "other" else []
    if _has_few_values(c):
        return (("mean", numbers.number(c.mean)),) if not c.is_constant else ()
    if c.kind == "number" and c.quartiles is not None:
        low, median, high = c.quartiles
        write = {"is_year": is_year}
        figures += [
            ("mean", numbers.year(c.mean, 1) if is_year else numbers.number(c.mean)),
            ("smallest", value_text(c.minimum, **write)),
            ("quartiles", " · ".join(value_text(v, **write) for v in (low, median, high))),
            ("largest", value_text(c.maximum, **write)),
        ]
        figures += [("zeros", numbers.count(c.n_zero))] if c.n_zero else []
        figures += [("below zero", numbers.count(c.n_negative))] if c.n_negative else []
    elif c.kind == "date" and c.n_present:
        figures += [("first", value_text(c.minimum)), ("last", value_text(c.maximum))]
    if c.top_values and c.kind in ("number", "date") and c.top_values[0][1] > 1 and not c.is_constant:
        value, n = c.top_values[0]
        figures.append(
            ("most frequent", f"{value_text(value, is_year=is_year, most=24)} ({numbers.count(n)})")
        )
    return tuple(figures)


def _card_note(c: ColumnFacts) -> str:
    if c.n_rows and not c.n_present:
        return "No row has a value."
    if c.kind == "other":
        return "Lists, structures and bytes are not looked into."
    notes = ["The values are left out: they look like personal data."] if c.is_withheld else []
    if c.is_unique and c.n_rows > 1:
        notes.append("Different in every row.")
    elif not c.is_counted:
        notes.append("Too many values to count them one by one.")
    if c.kind == "number" and not c.is_exact:
        notes.append("Quartiles are approximate.")
    opened = [b for b in c.histogram if b.is_open]
    if opened and not _has_few_values(c):
        notes.append("Light bars hold everything beyond them.")
    return " ".join(notes)


def _short(c: ColumnFacts, *, is_year: bool) -> Bar:
    top = (
        f"{value_text(c.top_values[0][0], is_year=is_year, most=30)} ({numbers.count(c.top_values[0][1])})"
        if c.top_values
        else "–"
    )
    cells = (c.sql_type, numbers.count(c.n_missing), numbers.count(c.n_distinct), value_text(c.minimum, is_year=is_year, most=30),
             value_text(c.maximum, is_year=is_year, most=30), top)  # fmt: skip
    return Bar(value_text(c.name), 0.0, cells)


def _pair(p: ColumnPair) -> ColumnPairRow:
    names = f"{value_text(p.one)} and {value_text(p.other)}"
    return ColumnPairRow(p, names, 100 * p.strength, numbers.ratio(p.value), numbers.ratio(p.cramers_v))


def _pairs_note(pairs: ColumnPairs) -> str:
    text = f"Measured on {counted(pairs.n_rows, 'row')}"
    if pairs.n_rows >= 100_000:
        text += ", a sample spread over the table where it has more; its error is below 0.01"
    text += ". Every column counts as up to twelve levels: a number by its deciles, a text by its most frequent values."
    if pairs.left_out:
        text += f" {numbers.count(len(pairs.left_out))} columns after the first {len(pairs.columns)} are left out."
    return text


def _guess_note(roles: Roles) -> str:
    if not roles.is_guess:
        return "The recipe says what is an amount, a count and a campaign."
    return "What is an amount, a count or a campaign is guessed from names and values; a recipe (--recipe) says it."
