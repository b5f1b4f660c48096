"""Texts of an audited table: what they look like, and spellings of the same word."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from segmentry.sql.aggregates import union_all
from segmentry.sql.audit.columns import DATA_TABLE, VALUES, AuditColumn
from segmentry.sql.table import column

TEXT_SAMPLE = "audit_texts"
MISSING_WORDS = (
    "", "?", "-", "--", ".", "n/a", "na", "n.a.", "#n/a", "nan", "none", "null", "nil", "missing", "unknown", "unk",
    "undefined", "not available", "not known", "not specified", "unspecified", "tbd", "k.a.", "unbekannt",
    "keine angabe", "inconnu", "desconocido", "sconosciuto", "desconhecido", "onbekend", "okänd", "ukjent",
)  # fmt: skip
"""Texts, in lower case without spaces around, that say that nothing is known."""

DECIMAL_COMMA = "number with a decimal comma"
_DATES = {
    "2024-12-31": r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T].*)?$",
    "2024/12/31": r"^[0-9]{4}[/.][0-9]{1,2}[/.][0-9]{1,2}$",
    "31/12/2024": r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}$",
    "31.12.2024": r"^[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{2,4}$",
    "31-12-2024": r"^[0-9]{1,2}-[0-9]{1,2}-[0-9]{2,4}$",
    "31 Dec 2024": r"^([0-9]{1,2}[ .-]+[A-Za-z]{3,9}|[A-Za-z]{3,9} [0-9]{1,2})[ ,.-]+[0-9]{2,4}$",
}
_NUMBERS = {
    "number": r"^[-+]?[0-9]+([.][0-9]+)?$",
    DECIMAL_COMMA: r"^[-+]?(0,[0-9]+|[0-9]+,([0-9]{1,2}|[0-9]{4,})|[0-9]{4,},[0-9]+|[0-9]{1,3}([ .'][0-9]{3})+,[0-9]+)$",
    "number with separators": r"^[-+]?[0-9]{1,3}([ .,'][0-9]{3})*([.,][0-9]+)?$",
    "number with a unit": r"^[€$£¥]? ?[-+]?[0-9][0-9.,' ]* ?([€$£¥%]|EUR|USD|GBP|CHF|kr|k|K)?$",
}
DATE_FORMS = {f"date {written}": written for written in _DATES}
"""Forms of dates, and how each writes the last day of 2024."""
NUMBER_FORMS = tuple(_NUMBERS)
"""Forms of numbers."""
TEXT_FORMS = {
    "e-mail": r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$",
    "IBAN": r"^[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{4}){3,7}( ?[A-Z0-9]{1,3})?$",
    **{f"date {written}": pattern for written, pattern in _DATES.items()},
    **_NUMBERS,
    "phone": r"^[+(]?[0-9][0-9 ()/.-]{6,}[0-9]$",
}
"""Forms of texts, of which the first that fits counts; all dialects read these regular expressions alike."""

_SMALL = "áàâäãåāăąæçćčďđéèêëēėęěíìîïīįłñńňóòôöõøōőœřśšşťţúùûüūůűųýÿźżžß"
_ACCENTED = _SMALL + _SMALL[:-1].upper()  # LOWER leaves letters beyond ASCII alone in some databases
_BASE = "aaaaaaaaaacccddeeeeeeeeiiiiiilnnnooooooooorsssttuuuuuuuuyyzzz"
_PLAIN = f"{_BASE}s{_BASE}"


def sampled_texts(columns: Sequence[AuditColumn], n: int) -> exp.Query:
    """Texts of the first rows of columns with too many to count: the table `TEXT_SAMPLE`."""
    branches = [
        exp.select(
            exp.alias_(exp.convert(c.id), "column_id"),
            exp.alias_(exp.cast(column(c.name), exp.DataType.Type.VARCHAR), "value"),
            exp.alias_(exp.convert(1), "n"),
        )
        .from_(exp.select(column(c.name)).from_(DATA_TABLE).limit(n).subquery("first_rows"))
        .where(column(c.name).is_(exp.null()).not_())
        for c in columns
    ]
    return union_all(branches)


def forms(source: str, columns: Sequence[AuditColumn]) -> exp.Select:
    """Rows per form of text and column, with an example."""
    value = exp.column("value")
    tests: dict[str, exp.Expr] = {"missing": folded(value.copy()).isin(*_texts(MISSING_WORDS))}
    tests |= {name: _looks_like(value.copy(), name) for name in TEXT_FORMS}
    cases = [exp.If(this=test, true=exp.Literal.string(name)) for name, test in tests.items()]
    form = exp.Case(ifs=cases, default=exp.Literal.string("text"))
    inner = (
        exp.select("column_id", "value", "n", exp.alias_(form, "form"))
        .from_(source)
        .where(exp.column("column_id").isin(*(exp.convert(c.id) for c in columns)))
        .where(value.copy().is_(exp.null()).not_())
    )
    return (
        exp.select(
            "column_id",
            "form",
            exp.alias_(exp.Sum(this=exp.column("n")), "n"),
            exp.alias_(exp.Min(this=exp.column("value")), "example"),
        )
        .from_(inner.subquery("formed"))
        .group_by("column_id", "form")
        .order_by("column_id", "form")
    )


def spellings(columns: Sequence[AuditColumn]) -> exp.Select:
    """Values that are the same but for case, spaces, punctuation and accents."""
    lower = exp.Lower(this=exp.column("value"))
    plain = _translated(_translated(lower, _ACCENTED, _PLAIN), " -_./'", "")
    word = exp.select("column_id", "value", "n", exp.alias_(plain, "word")).from_(VALUES)
    word = word.where(exp.column("column_id").isin(*(exp.convert(c.id) for c in columns)))
    word = word.where(exp.column("value").is_(exp.null()).not_())
    how_many = exp.Window(
        this=exp.Count(this=exp.Star()), partition_by=[exp.column("column_id"), exp.column("word")]
    )
    counted = exp.select("column_id", "value", "n", "word", exp.alias_(how_many, "n_spellings"))
    several = exp.column("n_spellings") > 1
    return (
        exp.select("column_id", "word", "value", "n")
        .from_(counted.from_(word.subquery("words")).subquery("counted"))
        .where(several)
        .where(exp.column("word").neq(""))
        .order_by("column_id", "word", exp.Ordered(this=exp.column("n"), desc=True), "value")
    )


def folded(value: exp.Expr) -> exp.Expr:
    """The text in lower case, without spaces around it."""
    return exp.Lower(this=exp.Trim(this=value))


def is_missing_word(name: str) -> exp.Expr:
    """Whether a text says that nothing is known."""
    return folded(column(name)).isin(*_texts(MISSING_WORDS))


def has_form(name: str, forms: Sequence[str]) -> exp.Expr:
    """Whether a text looks like one of these forms."""
    return exp.or_(*(_looks_like(column(name), form) for form in forms))


def _looks_like(value: exp.Expr, form: str) -> exp.Expr:
    return exp.RegexpLike(this=value, expression=exp.Literal.string(TEXT_FORMS[form]))


def _translated(value: exp.Expr, old: str, new: str) -> exp.Expr:
    return exp.Anonymous(
        this="TRANSLATE", expressions=[value, exp.Literal.string(old), exp.Literal.string(new)]
    )


def _texts(words: Sequence[str]) -> list[exp.Expr]:
    return [exp.Literal.string(word) for word in words]
