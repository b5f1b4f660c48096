"""What the values of a column are: yes and no, numbers in texts, categories, signs for unknown."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.roles import is_flag
from segmentry.auditing.words import folded_words
from segmentry.drafting.nonresponse import is_unknown
from segmentry.drafting.spelling import plain_column, recipe_sql
from segmentry.sql.encode import NO_WORDS, YES_WORDS
from segmentry.sql.expressions import expression
from segmentry.sql.table import column

YES, NO = frozenset(YES_WORDS), frozenset(NO_WORDS)
_YES_NO_PAIRS = (("ja", "nein"), ("oui", "non"), ("si", "no"), ("sim", "nao"), ("j", "n"), ("o", "n"), ("s", "n"),
          ("wahr", "falsch"), ("vrai", "faux"), ("vero", "falso"), ("verdadero", "falso"), ("verdadeiro", "falso"))  # fmt: skip
"""Words for yes and no in other languages."""
_GENDERS = (
    (
        frozenset({"female", "woman", "women", "girl", "girls", "f"}),
        frozenset({"male", "man", "men", "boy", "boys", "m"}),
    ),
    (frozenset({"frau", "weiblich", "w"}), frozenset({"mann", "mannlich", "m"})),
    (frozenset({"femme", "feminin", "f"}), frozenset({"homme", "masculin", "h", "m"})),
    (
        frozenset({"mujer", "femenino", "feminino", "mulher", "f"}),
        frozenset({"hombre", "homem", "masculino", "h", "m"}),
    ),
    (frozenset({"donna", "femmina", "femminile", "f"}), frozenset({"uomo", "maschio", "maschile", "m"})),
)
_OTHERS = frozenset({"d", "divers", "diverse", "other", "x", "nonbinary", "non", "unknown", ""})
_UP = frozenset(
    {"up", "increase", "increased", "rise", "rose", "risen", "raised", "grew", "grown", "more", "higher", "better",
     "sooner", "improved", "positive", "gestiegen", "hoher", "mehr", "besser", "verbessert", "zugenommen", "positiv",
     "augmente", "plus", "mieux", "ameliore", "hausse", "positif", "aumento", "aumentado", "mas", "mejor",
     "mejorado", "subio", "positivo", "aumentou", "mais", "melhor", "melhorou", "subiu", "aumentato", "piu",
     "meglio", "migliorato", "salito"}
)  # fmt: skip
_DOWN = frozenset(
    {"down", "decrease", "decreased", "fall", "fell", "fallen", "dropped", "reduced", "less", "lower", "worse",
     "later", "declined", "negative", "gesunken", "niedriger", "weniger", "schlechter", "verschlechtert",
     "abgenommen", "negativ", "diminue", "moins", "pire", "baisse", "negatif", "disminuido", "menos", "peor",
     "empeorado", "bajo", "negativo", "diminuiu", "pior", "piorou", "caiu", "diminuito", "meno", "peggio",
     "peggiorato", "sceso"}
)  # fmt: skip
_SAME = frozenset(
    {"same", "unchanged", "unaltered", "neutral", "no", "none", "equal", "stable", "gleich", "unverandert", "keine",
     "egal", "inchange", "aucun", "neutre", "igual", "ninguno", "neutro", "mesmo", "nenhuma", "uguale", "invariato",
     "nessuno", "neutrale"}
)  # fmt: skip
"""Words for what went up, down, or stayed as it was."""

_ENDS_OF_RATINGS = (5, 6, 7, 10)
_FEWEST_MEASURED, _USED_BY_NOT_ALL = 20, 0.1
"""Numbers of which more values differ are measured; a share of zeros from which not all do what is measured."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T].*)?")
_DAY_MONTH = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2\d{4}( \d{1,2}:\d{2}(:\d{2})?)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+|\d{1,3}")
_POINT = re.compile(r"[+-]?\d+(\.\d+)?")
_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?")
_COMMAS = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_UNITS = ("€", "$", "£", "¥", "EUR", "USD", "GBP", "CHF", "kr", "%")
"""Signs that stand before or after a number."""
_POINT_UNITS = ("$", "£", "USD", "GBP")
"""Signs of currencies whose cents stand behind a point."""
_GAPS = (" ", "\u00a0", "\u202f", "'")
"""What separates thousands, or a number from its sign."""
_GAPPED = re.compile(r"[+-]?(\d+|\d{1,3}([ \u00a0\u202f']\d{3})+)([.,]\d+)*")


def is_yes_no(facts: ColumnFacts) -> bool:
    """Whether the column holds only yes and no, true and false, or 1 and 0."""
    if facts.kind in ("boolean", "number"):
        return is_flag(facts)
    values = {str(v).strip(" ").lower() for v, _ in facts.top_values}
    return facts.kind == "text" and facts.n_distinct == 2 and bool(values & YES) and values <= YES | NO


def is_gender(facts: ColumnFacts) -> bool:
    """Whether every value begins with a word for one gender or the other, in any of several languages."""
    if facts.kind != "text" or not 2 <= facts.n_distinct <= 12:
        return False
    firsts = {(re.findall(r"[^\W\d_]+", folded_words(str(v))) or [""])[0] for v, _ in facts.top_values}
    return any(firsts & women and firsts & men and firsts <= women | men | _OTHERS for women, men in _GENDERS)


def ticked(facts: ColumnFacts) -> bool:
    """Whether the column is a box that is ticked or blank: one value that says so, or nothing."""
    if (
        not facts.is_constant
        or not facts.n_missing
        or not facts.n_present
        or facts.kind not in ("number", "text", "boolean")
    ):
        return False
    value = facts.minimum if facts.kind == "number" else facts.top_values[0][0] if facts.top_values else None
    return value == 1 or str(value).strip().lower() in YES | {"x", "✓", "✔"}


def is_date_number(facts: ColumnFacts) -> bool:
    """Whether whole numbers are dates such as 20221231, by their ends and their most frequent values."""
    if facts.kind != "number" or not facts.is_whole or facts.n_distinct < 3:
        return False
    ends = [facts.minimum, facts.maximum, *(v for v, _ in facts.top_values), *(q for _, q in facts.quantiles)]
    return all(_is_day(int(v)) for v in ends if isinstance(v, (int, float)))


def _is_day(number: int) -> bool:
    year, month, day = number // 10_000, number // 100 % 100, number % 100
    try:
        return 1900 <= year <= 2100 and datetime.date(year, month, day).year == year
    except ValueError:
        return False


def yes_no_or_unknown(facts: ColumnFacts) -> str | None:
    """Find the text for unknown in a column that holds yes, no, and it."""
    if facts.kind != "text" or facts.n_distinct != 3 or len(facts.top_values) != 3:
        return None
    third = [str(v) for v, _ in facts.top_values if str(v).strip().lower() not in YES | NO]
    known = {str(v).strip().lower() for v, _ in facts.top_values} - {v.strip().lower() for v in third}
    is_pair = len(third) == 1 and bool(known & YES) and bool(known & NO)
    return third[0] if is_pair and is_unknown(third[0]) else None


def date_sql(facts: ColumnFacts) -> str | None:
    """Write the SQL that reads a text as a date, where all of its most frequent values are dates of one order."""
    texts = [str(v).strip() for v, _ in facts.top_values]
    if facts.kind != "text" or len(texts) < 10:
        return None
    if all(_ISO.fullmatch(t) for t in texts):
        return f"TRY_{recipe_sql(exp.cast(plain_column(facts.name), exp.DataType.Type.DATE))}"
    found = [_DAY_MONTH.fullmatch(t) for t in texts]
    marks = {m[2] for m in found if m is not None}
    day_first = any(int(m[1]) > 12 for m in found if m is not None)
    month_first = any(int(m[3]) > 12 for m in found if m is not None)
    if None in found or len(marks) != 1 or day_first == month_first:
        return None
    mark = marks.pop()
    written = mark.join(("%m", "%d", "%Y") if month_first else ("%d", "%m", "%Y"))
    has_time = all(":" in t for t in texts)
    written += (" %H:%M:%S" if texts[0].count(":") == 2 else " %H:%M") if has_time else ""
    made = exp.Anonymous(this="TRY_STRPTIME", expressions=[plain_column(facts.name), exp.convert(written)])
    return recipe_sql(made)


def foreign_yes(facts: ColumnFacts) -> str | None:
    """Find the value that means yes, where the column holds yes and no in another language."""
    if facts.kind != "text" or facts.n_distinct != 2:
        return None
    values = {folded_words(str(v)): str(v) for v, _ in facts.top_values}
    return next((values[yes] for yes, no in _YES_NO_PAIRS if set(values) == {yes, no}), None)


def number_sql(facts: ColumnFacts) -> str | None:
    """Write the SQL that reads a text as a number, where nine in ten of its most frequent values are numbers.

    A sign such as € or % may stand before or after them, and gaps, points or commas between thousands.
    """
    texts = [str(v).strip() for v, _ in facts.top_values]
    if facts.kind != "text" or len(texts) < 10:
        return None
    unit = next(
        (u for u in _UNITS if sum(t.startswith(u) or t.endswith(u) for t in texts) > len(texts) / 2), ""
    )
    without = [sign for sign in (unit, *_GAPS) if sign and any(sign in t for t in texts)]
    bare = [t.removeprefix(unit).removesuffix(unit).strip() for t in texts]
    if any(sign in t for sign in _GAPS for t in bare) and not _mostly(_GAPPED, bare):
        return None
    for sign in without:
        texts = [t.replace(sign, "") for t in texts]
    written = _written_as(texts, unit)
    if written is None:
        return None
    value: exp.Expr = plain_column(facts.name)
    for old, new in (*((sign, "") for sign in without), *written):
        value = exp.func("REPLACE", value, exp.convert(old), exp.convert(new))
    return f"TRY_{recipe_sql(exp.cast(value, exp.DataType.Type.DOUBLE))}"


def number_of(facts: ColumnFacts) -> exp.Expr:
    """The value of a column of numbers, also where they are written as texts."""
    sql = number_sql(facts)
    return column(facts.name) if sql is None else expression(sql, (facts.name,))


def _written_as(texts: Sequence[str], unit: str) -> tuple[tuple[str, str], ...] | None:
    """What has to be replaced in numbers to read them: thousands and cents by points or commas; None where they are no numbers."""
    if unit in _POINT_UNITS and _mostly(_COMMAS, texts):
        return ((",", ""),)  # also where the values that were looked at are below a thousand
    has_points = any(t.count(".") > 1 for t in texts) and _mostly(_THOUSANDS, texts)
    if not has_points and _mostly(_POINT, texts):
        return ()
    has_commas = any(t.count(",") > 1 or "." in t.partition(",")[2] for t in texts)
    if has_commas and _mostly(_COMMAS, texts):
        return ((",", ""),)
    return ((".", ""), (",", ".")) if _mostly(_COMMA, texts) else None


def _mostly(pattern: re.Pattern[str], texts: Sequence[str]) -> bool:
    return sum(bool(pattern.fullmatch(t)) for t in texts) >= 0.9 * len(texts)


def is_change(facts: ColumnFacts) -> bool:
    """Whether every text says that something went up, went down, or stayed as it was, and all three are there."""
    words = [set(re.findall(r"[^\W\d_]+", folded_words(str(v)))) for v, _ in facts.top_values]
    if facts.kind != "text" or len(words) != facts.n_distinct:
        return False
    directions = (_UP, _DOWN, _SAME)
    found = [[bool(w & direction) for direction in directions] for w in words]
    return all(map(any, found)) and all(any(column) for column in zip(*found, strict=True))


def is_rating(facts: ColumnFacts) -> bool:
    """Whether whole numbers are all those from 0 or 1 to between 5 and 10, none of them by far the most frequent."""
    if facts.kind != "number" or not facts.is_whole or facts.minimum not in (0, 1):
        return False
    is_full = facts.n_distinct == facts.highest - facts.lowest + 1 and facts.highest in _ENDS_OF_RATINGS
    return is_full and all(2 * n <= facts.n_present for _, n in facts.top_values)


def is_consumption(facts: ColumnFacts) -> bool:
    """Whether a number is zero for many, more often than anything else, and measured for the others: what people use or buy."""
    if facts.kind != "number" or facts.is_whole or facts.n_negative or facts.n_distinct <= _FEWEST_MEASURED:
        return False
    is_often = facts.n_zero >= _USED_BY_NOT_ALL * facts.n_present
    return is_often and (not facts.top_values or facts.top_values[0][0] == 0)


def is_category(facts: ColumnFacts) -> bool:
    """Whether a few values of a text cover most rows."""
    present = facts.n_present
    if facts.n_distinct <= 8 and (facts.n_distinct < present or present <= 8):
        return True
    top = [n for _, n in facts.top_values[:7]]
    return bool(top) and sum(top) >= 0.5 * present and top[0] > 1
