"""The first questions to a customer table: totals, counts, households, deals, campaigns, dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from segmentry.auditing.columns import ColumnFacts, python_number
from segmentry.auditing.roles import Family, Roles
from segmentry.auditing.session import Session, added_up
from segmentry.auditing.words import means
from segmentry.sql.audit import questions as sql
from segmentry.sql.audit.columns import AuditColumn

AnswerForm = Literal["text", "whole", "number", "share"]
AnswerCell = str | int | float | None


@dataclass(frozen=True)
class Answer:
    """A question with its answer, a small table.

    Attributes
    ----------
    name
        Short key, unique within an audit.
    question
        Question in words.
    header
        Names of the columns of the answer.
    forms
        Format of each of these columns.
    rows
        Figures; shares are fractions.
    bars
        Position of the column that is drawn as bars; None where none is.
    note
        Explanation that is needed to read the answer.
    """

    name: str
    question: str
    header: tuple[str, ...]
    forms: tuple[AnswerForm, ...]
    rows: tuple[tuple[AnswerCell, ...], ...]
    bars: int | None = None
    note: str = ""


def answer_questions(
    session: Session, columns: Sequence[AuditColumn], facts: Sequence[ColumnFacts], roles: Roles
) -> tuple[Answer, ...]:
    """Answer the questions for which the table has columns."""
    by_name = {c.name: c for c in columns if c.kind in ("number", "boolean")}
    amounts, counts, flags = (_known(f, by_name) for f in (roles.amounts, roles.counts, roles.flags))
    children = [by_name[name] for name in roles.children if name in by_name]
    found: list[Answer] = []
    if amounts:
        found += _totals(session, amounts, by_name, "amounts", "How much in all, and per customer?")
    if counts:
        sums = list(_totals(session, counts, by_name, "counts", "How many in all, and per customer?"))
        found += [*sums, *_deals(sums, counts)]
    if flags:
        found += _rates(session, flags, by_name)
    if children:
        found.append(_households(session, children))
    found += _ranges([f for f in facts if f.name in roles.dates])
    found += _categories([f for f in facts if f.name in roles.categories])
    return tuple(found)


def _known(families: Sequence[Family], by_name: Mapping[str, AuditColumn]) -> list[Family]:
    """The families, without columns that hold no numbers."""
    found = []
    for family in families:
        pairs = [(c, label) for c, label in family.pairs if c in by_name]
        if pairs:
            found.append(Family(family.name, tuple(c for c, _ in pairs), tuple(label for _, label in pairs)))
    return found


def _totals(
    session: Session, families: Sequence[Family], by_name: Mapping[str, AuditColumn], name: str, question: str
) -> Iterator[Answer]:
    asked = [by_name[c] for family in families for c in family.columns]
    what = "amount" if name == "amounts" else "count"
    row = session.ask(f"What is the total of each {what}?", sql.totals(asked))[0]
    for i, family in enumerate(families, 1):
        rows = [
            (
                label,
                _number_or_none(row[f"total_{c.id}"]),
                _number_or_none(row[f"mean_{c.id}"]),
                int(row[f"n_{c.id}"]),
            )
            for column, label in family.pairs
            for c in [by_name[column]]
        ]
        yield Answer(
            f"{name}_{i}",
            f"{family.name}: {question[0].lower()}{question[1:]}",
            ("", "in all", "per customer", "customers with a value"),
            ("text", "whole", "number", "whole"),
            tuple(sorted(rows, key=lambda r: float(r[1] or 0), reverse=True)),
            bars=1 if all((r[1] or 0) >= 0 for r in rows) else None,
        )


def _deals(sums: Sequence[Answer], families: Sequence[Family]) -> Iterator[Answer]:
    """Share of the purchases that were made with a deal, where a column counts these."""
    names = {label: column for family in families for column, label in family.pairs}
    total = {names[str(row[0])]: row[1] or 0 for a in sums for row in a.rows}
    purchases = [n for n in total if means(n, "purchases") or means(n, "deals")]
    deals = [n for n in purchases if means(n, "deals")]
    others = [n for n in purchases if n not in deals]
    if len(deals) != 1 or not others:
        return
    n_deals, n_others = float(total[deals[0]]), float(sum(total[n] for n in others))  # type: ignore[misc]
    if not n_others:
        return
    yield Answer(
        "deals",
        "Which share of the purchases was with a deal?",
        ("if deals are", "with a deal", "purchases in all", "share"),
        ("text", "whole", "whole", "share"),
        (
            ("purchases of their own", int(n_deals), int(n_deals + n_others), n_deals / (n_deals + n_others)),
            (f"counted in {len(others)} other columns, too", int(n_deals), int(n_others), n_deals / n_others),
        ),
        note=f"The table does not say whether {deals[0]} is part of the other columns: both are shown.",
    )


def _rates(
    session: Session, families: Sequence[Family], by_name: Mapping[str, AuditColumn]
) -> Iterator[Answer]:
    asked = [by_name[c] for family in families for c in family.columns]
    row = session.ask("How many customers have each flag?", sql.totals(asked))[0]
    rows = [
        (label, int(row[f"total_{c.id}"] or 0), int(row[f"n_{c.id}"]), _number_or_none(row[f"mean_{c.id}"]))
        for family in families
        for column, label in family.pairs
        for c in [by_name[column]]
    ]
    yield Answer(
        "rates",
        "How many customers accepted each campaign?",
        ("", "accepted", "of", "rate"),
        ("text", "whole", "whole", "share"),
        tuple(rows),
        bars=3,
        note="Of all customers on record: the table does not say who was contacted.",
    )
    many = [f for f in families if len(f.columns) > 1]
    if not many:
        return
    found = session.ask(
        "How many customers have any of several flags, and more than one?",
        sql.several([[by_name[c] for c in f.columns] for f in many]),
    )[0]
    yield Answer(
        "several",
        "How many customers accepted more than one?",
        ("", "any", "more than one", "share with more than one"),
        ("text", "whole", "whole", "share"),
        tuple(
            (
                f"{f.labels[0]} to {f.labels[-1]}",
                int(found[f"any_{i}"]),
                int(found[f"several_{i}"]),
                int(found[f"several_{i}"]) / max(1, int(found[f"n_{i}"])),
            )
            for i, f in enumerate(many, 1)
        ),
    )


def _households(session: Session, children: Sequence[AuditColumn]) -> Answer:
    row = session.ask("How many households have children?", sql.households(children))[0]
    n_rows = max(1, int(row["n_rows"]))
    counts: list[tuple[str, int]] = []
    for c in children:
        counts.append((c.name, int(row[f"with_{c.id}"])))
        counts.append((f"{c.name}, two or more", int(row[f"several_{c.id}"])))
    if len(children) > 1:
        names = " and ".join(c.name for c in children)
        counts.append((f"both {names}" if len(children) == 2 else f"all of {names}", int(row["all_of_them"])))
        counts.append(("any", int(row["any_of_them"])))
    return Answer(
        "households",
        "How many households have children?",
        ("", "households", "share"),
        ("text", "whole", "share"),
        tuple((label, n, n / n_rows) for label, n in counts),
        bars=2,
    )


def _ranges(dates: Sequence[ColumnFacts]) -> Iterator[Answer]:
    if dates:
        yield Answer(
            "dates",
            "From when to when?",
            ("", "first", "last", "different days" if len(dates) == 1 else "different values"),
            ("text", "text", "text", "whole"),
            tuple((f.name, str(f.minimum), str(f.maximum), f.n_distinct) for f in dates),
        )


def _categories(categories: Sequence[ColumnFacts]) -> Iterator[Answer]:
    for i, f in enumerate(categories, 1):
        rows = [(str(value), n, n / f.n_rows) for value, n in f.top_values[:20]]
        if f.n_missing:
            rows.append(("no value", f.n_missing, f.n_missing / f.n_rows))
        yield Answer(
            f"categories_{i}",
            f"{f.name}: how many customers are in each category?",
            ("", "customers", "share"),
            ("text", "whole", "share"),
            tuple(rows),
            bars=2,
        )


def _number_or_none(value: Any) -> int | float | None:
    return None if value is None else python_number(added_up(value))
