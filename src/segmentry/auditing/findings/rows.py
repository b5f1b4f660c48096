"""Findings about rows: repeated ids, rows equal in all but the id, missing values, children in two columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.findings.model import Finding, Suspicion
from segmentry.auditing.roles import Roles, repeated_id
from segmentry.auditing.session import Session
from segmentry.auditing.words import means
from segmentry.sql.audit import rows as sql
from segmentry.sql.audit.columns import AuditColumn
from segmentry.sql.table import column
from segmentry.text.numbers import count, percent
from segmentry.text.words import counted, listed

_TIMES_CHANCE = 10
"""Equal rows are reported above this multiple of chance, because columns that depend on each other make more of them."""


def find_repeated_ids(session: Session, facts: Sequence[ColumnFacts], roles: Roles) -> Iterator[Finding]:
    """Find ids that repeat, and ids that have many rows each."""
    key = next((f for f in facts if f.name == roles.id), None)
    if key is not None and key.n_distinct < key.n_present:
        found = session.ask(f"Which values of {key.name} occur more than once?", sql.repeated_ids(key.name))[
            0
        ]
        n = int(found["n_rows"])
        if n > 0.5 * key.n_present:
            yield _several_rows(session, key, n)
        elif n:
            yield Finding(
                "duplicated_id",
                key.name,
                n,
                f"{key.name}: {_ids(int(found['n_groups']))} more than once, in {counted(n, 'row')}",
                "A customer counted twice weighs twice: find out which row holds, and keep that one.",
                session.standalone_sql(sql.rows_of_repeated_ids(key.name)),
                (key.name,),
            )
    if key is None and (repeated := repeated_id(facts)) is not None:
        question = f"Which values of {repeated.name} occur more than once?"
        n = int(session.ask(question, sql.repeated_ids(repeated.name))[0]["n_rows"])
        yield _several_rows(session, repeated, n)


def _ids(n: int) -> str:
    return "1 id occurs" if n == 1 else f"{count(n)} ids occur"


def _several_rows(session: Session, f: ColumnFacts, n: int) -> Finding:
    return Finding(
        "several_rows_per_customer",
        f.name,
        n,
        f"{f.name} has {count(f.n_distinct)} values in {counted(f.n_present, 'row')}: several rows per customer",
        "A recipe needs one row per customer: sum up in [source] sql, such as recency, frequency and spend.",
        session.standalone_sql(sql.rows_of_repeated_ids(f.name)),
        (f.name,),
    )


def find_equal_rows(session: Session, facts: Sequence[ColumnFacts], roles: Roles) -> Iterator[Finding]:
    """Find rows that are equal in all but the id."""
    key = next((f for f in facts if f.name == roles.id), None)
    compared = [f for f in facts if f is not key and f.kind != "other"]
    n_rows = facts[0].n_rows if facts else 0
    if len(compared) < 2 or n_rows < 2 or any(f.is_unique for f in compared):
        return
    by_chance = n_rows * (n_rows - 1) / 2 * _probability_equal(session, facts, compared)
    if by_chance > n_rows / _TIMES_CHANCE:
        return
    names = [f.name for f in compared]
    but = f"all but {key.name}" if key is not None else "every column"
    found = session.ask(f"Which rows are equal in {but}?", sql.equal_rows(names, session.dialect))[0]
    surplus, groups = int(found["n_surplus"]), int(found["n_groups"])
    if surplus <= _TIMES_CHANCE * by_chance:
        return
    yield Finding(
        "duplicate_rows",
        "",
        surplus,
        f"{counted(surplus, 'row')} repeat{'s' * (surplus == 1)} another row in {but}: {count(groups)} "
        f"group{'s' * (groups != 1)} of equal customers",
        f"If columns were independent, chance would make {_pairs_text(by_chance)} of equal rows: ask where the data "
        "comes from. Keep one of each group, or keep all and know that these customers weigh more.",
        session.standalone_sql(sql.surplus_rows(names, roles.id)),
    )


def _probability_equal(
    session: Session, facts: Sequence[ColumnFacts], compared: Sequence[ColumnFacts]
) -> float:
    """Probability that two rows are equal if the columns were independent."""
    question = "How probable is it that two rows have the same value in a column?"
    names = dict(enumerate((f.name for f in facts), 1))
    found = {
        names[row["column_id"]]: float(row["agreement"]) for row in session.ask(question, sql.agreement())
    }
    product = 1.0
    for f in compared:
        product *= found.get(f.name, 1 / max(1, f.n_distinct))
    return product


def _pairs_text(n: float) -> str:
    if n < 0.5:
        return "less than one pair"
    return f"about {counted(round(n), 'pair')}"


def suspect_missing(columns: Sequence[AuditColumn], facts: Sequence[ColumnFacts]) -> Iterator[Suspicion]:
    """Suspect columns with missing values; those that are missing in most rows get other advice."""
    for c, f in zip(columns, facts, strict=True):
        if not f.n_missing or not f.n_present:
            continue
        share = f.n_missing / f.n_rows
        if share <= 0.5:
            advice = (
                'Latent classes use such customers with what is known of them (missing = "keep"); dropping '
                "them in a cleaning step is the alternative, and is counted."
            )
        else:
            advice = "Missing in most rows: leave it out, or use whether it is there (yes/no) as a feature."
        yield Suspicion(
            "missing",
            (f.name,),
            c.value().is_(exp.null()),
            f"{f.name}: {{rows}} without a value ({percent(share)})",
            advice,
        )


def suspect_children(facts: Sequence[ColumnFacts], roles: Roles) -> Iterator[Suspicion]:
    """Suspect columns of small children and of teenagers: one attribute of a household in two columns."""
    found = [f for f in facts if f.name in roles.children]
    young = [f for f in found if means(f.name, "young")]
    teens = [f for f in found if means(f.name, "teens")]
    if not (young and teens):
        return
    names = [f.name for f in (*young, *teens)]
    several = [
        f"{count(sum(n for v, n in f.top_values if float(v) > 1))} with two or more in {f.name}"
        for f in (*young, *teens)
    ]
    any_child = exp.or_(*(column(n) > 0 for n in names))
    total = " + ".join(names)
    yield Suspicion(
        "belong_together",
        tuple(names),
        any_child,
        f"{listed(names, 6)} are children at home in {len(names)} columns: {{rows}} have any ({', '.join(several)})",
        f'One yes/no feature says it: sql = "{total} > 0". Count two children as children, too: "= 1" would '
        "call those households childless.",
    )
