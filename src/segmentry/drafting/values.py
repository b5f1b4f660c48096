"""What the values of a column are: yes and no, numbers in texts, categories, signs for unknown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.roles import is_flag
from segmentry.auditing.words import folded_words
from segmentry.drafting.spelling import plain_column, recipe_sql
from segmentry.sql.encode import NO_WORDS, YES_WORDS

YES, NO = frozenset(YES_WORDS), frozenset(NO_WORDS)
_YES_NO_PAIRS = (("ja", "nein"), ("oui", "non"), ("si", "no"), ("sim", "nao"), ("j", "n"), ("o", "n"), ("s", "n"),
          ("wahr", "falsch"), ("vrai", "faux"), ("vero", "falso"), ("verdadero", "falso"), ("verdadeiro", "falso"))  # fmt: skip
"""Words for yes and no in other languages."""
UNKNOWN = frozenset(
    {"", "?", "-", "--", ".", "n/a", "na", "nan", "null", "unknown", "unk", "missing", "undefined", "not available",
     "not stated", "unbekannt", "k.a.", "keine angabe", "inconnu", "non renseigne", "nsp", "desconocido", "no sabe",
     "ns/nc", "desconhecido", "ignorado", "nao informado", "nao declarado", "sem informacao", "sconosciuto", "non noto"}
)  # fmt: skip
"""Texts that say that a value is unknown, in lower case without accents."""

_POINT = re.compile(r"[+-]?\d+(\.\d+)?")
_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?")


def is_yes_no(facts: ColumnFacts) -> bool:
    """Whether the column holds only yes and no, true and false, or 1 and 0."""
    if facts.kind in ("boolean", "number"):
        return is_flag(facts)
    values = {str(v).strip(" ").lower() for v, _ in facts.top_values}
    return facts.kind == "text" and facts.n_distinct == 2 and bool(values & YES) and values <= YES | NO


def foreign_yes(facts: ColumnFacts) -> str | None:
    """Find the value that means yes, where the column holds yes and no in another language."""
    if facts.kind != "text" or facts.n_distinct != 2:
        return None
    values = {folded_words(str(v)): str(v) for v, _ in facts.top_values}
    return next((values[yes] for yes, no in _YES_NO_PAIRS if set(values) == {yes, no}), None)


def number_sql(facts: ColumnFacts) -> str | None:
    """Write the SQL that reads a text as a number, where nine in ten of its most frequent values are numbers."""
    texts = [str(v).strip() for v, _ in facts.top_values]
    if facts.kind != "text" or len(texts) < 10:
        return None
    value: exp.Expr = plain_column(facts.name)
    if not _mostly(_POINT, texts):
        if not _mostly(_COMMA, texts):
            return None
        for old, new in ((".", ""), (",", ".")):
            value = exp.func("REPLACE", value, exp.convert(old), exp.convert(new))
    return f"TRY_{recipe_sql(exp.cast(value, exp.DataType.Type.DOUBLE))}"


def _mostly(pattern: re.Pattern[str], texts: Sequence[str]) -> bool:
    return sum(bool(pattern.fullmatch(t)) for t in texts) >= 0.9 * len(texts)


def is_unknown(value: object) -> bool:
    """Whether a text says that the value is unknown."""
    return isinstance(value, str) and folded_words(value) in UNKNOWN


def is_category(facts: ColumnFacts) -> bool:
    """Whether a few values of a text cover most rows."""
    present = facts.n_present
    if facts.n_distinct <= 8 and (facts.n_distinct < present or present <= 8):
        return True
    top = [n for _, n in facts.top_values[:7]]
    return bool(top) and sum(top) >= 0.5 * present and top[0] > 1
