"""Findings in texts: rare categories, spellings, dates and numbers as text, words for missing, personal data."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.findings.model import Suspicion
from segmentry.auditing.roles import Roles
from segmentry.auditing.session import Session
from segmentry.auditing.words import words_of
from segmentry.sql.audit import texts as sql
from segmentry.sql.audit.columns import VALUES, AuditColumn
from segmentry.sql.table import column
from segmentry.text.numbers import count
from segmentry.text.words import listed

SAMPLED_ROWS = 100_000
RARE_SHARE = 0.005
_MAX_SPELLED = 5_000
_PERSONAL = {
    "e-mail addresses": "e_?mail|mail|email_?address|e_?mail_?adresse",
    "phone numbers": "phone|telephone|phone_?number|tel|mobile|handy|telefon|telefono|fax",
    "names": "first_?name|last_?name|full_?name|sur_?name|given_?name|family_?name|middle_?name|customer_?name|"
    "client_?name|vorname|nachname|nombre|apellido|prenom|nom|name",
    "addresses": "address|street|strasse|address_?line_?\\d?|house_?number|adresse|direccion|ip|ip_?address",
    "numbers of documents or accounts": "ssn|passport|iban|tax_?id|national_?id|social_?security(_?number)?|"
    "credit_?card|card_?number|account_?number",
}

_OF_NUMBERS = "Turn them into numbers in [source] sql; codes such as post codes, in which leading zeros count, stay text."
_OF_COMMAS = (
    "Read them as numbers where the recipe uses them: sql = \"TRY_CAST(REPLACE(REPLACE({}, '.', ''), ',', '.') AS DOUBLE)\" "
    "(if thousands are separated by points)."
)

FormCounts = Mapping[str, tuple[int, str]]
"""Number of rows and an example by the form of the texts."""


def suspect_texts(
    session: Session, columns: Sequence[AuditColumn], facts: Sequence[ColumnFacts], roles: Roles
) -> Iterator[Suspicion]:
    """Suspect values in columns of text."""
    texts = [(c, f) for c, f in zip(columns, facts, strict=True) if f.kind == "text" and f.n_present]
    for f in facts:
        yield from _suspect_personal_name(f, roles)
    if not texts:
        return
    by_id = {c.id: f for c, f in texts}
    for number, found in _ask_forms(session, texts).items():
        f = by_id[number]
        if f.name != roles.id:
            yield from _suspect_forms(f, found)
    counted = [c for c, f in texts if f.is_counted and 2 <= f.n_distinct <= _MAX_SPELLED]
    spelled = list(_suspect_spellings(session, counted, by_id)) if counted else []
    yield from spelled
    for _, f in texts:
        yield from _suspect_rare(
            f, {value for s in spelled if s.columns == (f.name,) for value, _ in s.values}
        )


def _ask_forms(
    session: Session, texts: Sequence[tuple[AuditColumn, ColumnFacts]]
) -> dict[int, dict[str, tuple[int, str]]]:
    counted = [c for c, f in texts if f.is_counted]
    wide = [c for c, f in texts if not f.is_counted]
    rows = []
    if counted:
        rows += session.ask("What do the texts look like?", sql.forms(VALUES, counted))
    if wide:
        question = f"The texts of the first {SAMPLED_ROWS:,} rows, of columns with too many to count"
        session.keep(sql.TEXT_SAMPLE, question, sql.sampled_texts(wide, SAMPLED_ROWS))
        rows += session.ask("What do these texts look like?", sql.forms(sql.TEXT_SAMPLE, wide))
    found: dict[int, dict[str, tuple[int, str]]] = {}
    for row in rows:
        found.setdefault(row["column_id"], {})[row["form"]] = (int(row["n"]), row["example"])
    return found


def _suspect_forms(f: ColumnFacts, found: FormCounts) -> Iterator[Suspicion]:
    """Suspect a column by the forms of its texts; shares are those of the texts that were looked at."""
    total = sum(n for n, _ in found.values())
    if "missing" in found:
        yield _suspect_missing_words(f, found["missing"])
    present = total - found.get("missing", (0, ""))[0]
    dates = {form: seen for form, seen in found.items() if form in sql.DATE_FORMS}
    if present and sum(n for n, _ in dates.values()) >= 0.5 * present:
        yield _suspect_date_texts(f, dates)
        return
    numbers = {form: found[form] for form in sql.NUMBER_FORMS if form in found}
    if present and sum(n for n, _ in numbers.values()) >= 0.5 * present and not _personal_data_named(f):
        yield _suspect_number_texts(f, numbers, found)
        return
    for form, what in (
        ("e-mail", "e-mail addresses"),
        ("phone", "phone numbers"),
        ("IBAN", "account numbers"),
    ):
        if form in found and found[form][0] >= 0.05 * present and not _personal_data_named(f):
            yield Suspicion(
                "personal_data",
                (f.name,),
                sql.has_form(f.name, [form]),
                f"{f.name}: {{rows}} look like {what}",
                "Personal data says nothing about a segment: leave the column out of the recipe, and out of "
                "the files that you hand on.",
            )


def _suspect_missing_words(f: ColumnFacts, seen: tuple[int, str]) -> Suspicion:
    known = [(str(v), n) for v, n in f.top_values if str(v).strip().lower() in sql.MISSING_WORDS]
    shown = listed([repr(v) for v, _ in known] or [repr(seen[1])], 6)
    return Suspicion(
        "missing_code",
        (f.name,),
        sql.is_missing_word(f.name),
        f"{f.name}: {{rows}} with {shown}, which says that nothing is known",
        "Make it missing in a cleaning step, or a level of its own if not answering means something.",
        values=tuple(known),
    )


def _suspect_date_texts(f: ColumnFacts, dates: FormCounts) -> Suspicion:
    shown = [
        f"{_written(f, form)} ({count(n)} rows, such as {example!r})" for form, (n, example) in dates.items()
    ]
    if len(dates) > 1:
        return Suspicion(
            "mixed_dates",
            (f.name,),
            sql.has_form(f.name, list(dates)),
            f"{f.name}: {{rows}} hold dates as text in {len(dates)} formats",
            "Turn them into dates in [source] sql, one format after the other; a day and a month that could be "
            "either cannot be told apart afterwards.",
            detail=f": {listed(shown, 6)}",
        )
    return Suspicion(
        "dates_as_text",
        (f.name,),
        sql.has_form(f.name, list(dates)),
        f"{f.name}: {{rows}} hold dates as text",
        "Turn them into dates in [source] sql, to count days or to group by year.",
        detail=f", written as {shown[0]}",
    )


def _written(f: ColumnFacts, form: str) -> str:
    """How dates of a form write the last day of 2024: month first where some value has no other meaning."""
    written = sql.DATE_FORMS[form]
    parts = (re.match(r"\d{1,2}[/.-](\d{1,2})[/.-]", str(value)) for value, _ in f.top_values)
    is_month_first = written.startswith("31") and any(m is not None and int(m[1]) > 12 for m in parts)
    return f"12{written[2]}31{written[5:]}" if is_month_first else written


def _suspect_number_texts(f: ColumnFacts, numbers: FormCounts, found: FormCounts) -> Suspicion:
    others = {form: seen for form, seen in found.items() if form not in numbers and form != "missing"}
    rest = sum(n for n, _ in others.values())
    shown = [f"{form} ({count(n)}, such as {example!r})" for form, (n, example) in numbers.items()]
    but = f"; {count(rest)} are something else, such as {next(iter(others.values()))[1]!r}" if others else ""
    has_commas = numbers.get(sql.DECIMAL_COMMA, (0, ""))[0] * 2 >= sum(n for n, _ in numbers.values())
    return Suspicion(
        "numbers_as_text",
        (f.name,),
        sql.has_form(f.name, list(numbers)),
        f"{f.name}: {{rows}} hold numbers as text",
        _OF_COMMAS.format(column(f.name).sql("duckdb")) if has_commas else _OF_NUMBERS,
        detail=f": {listed(shown, 6)}{but}",
    )


def _suspect_rare(f: ColumnFacts, spellings: Collection[str]) -> Iterator[Suspicion]:
    """Suspect categories that hardly any row has, beside frequent ones; spellings of other categories are left out."""
    is_category = f.kind == "text" and 3 <= f.n_distinct <= len(f.top_values) and f.n_distinct <= 50
    if not is_category or f.n_present < 200:
        return
    rare = [
        (str(v), n) for v, n in f.top_values
        if n <= RARE_SHARE * f.n_present and str(v).strip().lower() not in sql.MISSING_WORDS and str(v) not in spellings
    ]  # fmt: skip
    frequent = [v for v, n in f.top_values if n >= 0.05 * f.n_present]
    if not rare or len(frequent) < 2:
        return
    shown = [f"{v!r} ({count(n)})" for v, n in rare]
    yield Suspicion(
        "rare_categories",
        (f.name,),
        column(f.name).isin(*(exp.Literal.string(v) for v, _ in rare)),
        f"{f.name}: {{rows}} in {len(rare)} categor{'y' if len(rare) == 1 else 'ies'} that hardly anybody has",
        "Put them into the level that they are nearest to, or into a rest: a level of a few customers cannot "
        "be described. Some may be jokes or tests.",
        values=tuple(rare),
        detail=f": {listed(shown, 6)}",
    )


def _suspect_spellings(
    session: Session, counted: Sequence[AuditColumn], by_id: Mapping[int, ColumnFacts]
) -> Iterator[Suspicion]:
    question = "Which texts are the same but for case, spaces, punctuation and accents?"
    groups: dict[int, dict[str, list[tuple[str, int]]]] = {}
    for row in session.ask(question, sql.spellings(counted)):
        words_ = groups.setdefault(row["column_id"], {})
        words_.setdefault(row["word"], []).append((row["value"], int(row["n"])))
    for number, found in groups.items():
        f = by_id[number]
        if f.n_distinct > 0.5 * f.n_present:
            continue
        lesser = [pair for values in found.values() for pair in values[1:]]
        shown = [
            f"{values[0][0]!r} also as {listed([repr(v) for v, _ in values[1:]], 6)}"
            for values in found.values()
        ]
        yield Suspicion(
            "near_duplicate_categories",
            (f.name,),
            column(f.name).isin(*(exp.Literal.string(v) for v, _ in lesser)),
            f"{f.name}: {{rows}} with the rarer spellings of a category",
            "Rewrite them in a cleaning step (replace), or list every spelling in its group.",
            values=tuple(lesser),
            detail=f": {listed(shown, 4)}",
        )


def _personal_data_named(f: ColumnFacts) -> str | None:
    """Kind of personal data that a column holds by its name."""
    words = words_of(f.name)
    spelled = {"_".join(words), "".join(words)}
    for what, pattern in _PERSONAL.items():
        if any(re.fullmatch(f"(?:{pattern})", word) for word in spelled):
            return what
    return None


def _suspect_personal_name(f: ColumnFacts, roles: Roles) -> Iterator[Suspicion]:
    what = _personal_data_named(f)
    is_many = f.n_distinct > max(20, 0.02 * f.n_present)
    if what is None or f.name == roles.id or f.kind not in ("text", "number") or not is_many:
        return
    yield Suspicion(
        "personal_data",
        (f.name,),
        column(f.name).is_(exp.null()).not_(),
        f"{f.name} looks like {what}: {{rows}} have one",
        "Personal data says nothing about a segment: leave the column out of the recipe, and out of the files "
        "that you hand on.",
    )
