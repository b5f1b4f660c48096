"""What each column is for: who the customers are forms segments, what they do is compared."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.drafting.codes import Code, without
from segmentry.drafting.spelling import spell_sql, spelled
from segmentry.drafting.words import folded_words, means, words_of
from segmentry.sql.encode import NO_WORDS, YES_WORDS

Use = Literal["id", "feature", "amounts", "counts", "flags", "money", "unused"]
ColumnForm = Literal["birth", "age", "kids", "yes_no", "scale", "category", "number", "date"]

YES, NO = frozenset(YES_WORDS), frozenset(NO_WORDS)
_PAIRS = (("ja", "nein"), ("oui", "non"), ("si", "no"), ("sim", "nao"), ("j", "n"), ("o", "n"), ("s", "n"),
          ("wahr", "falsch"), ("vrai", "faux"), ("vero", "falso"), ("verdadero", "falso"), ("verdadeiro", "falso"))  # fmt: skip
"""Yes and no in other languages."""
UNKNOWN = frozenset(
    {"", "?", "-", "--", ".", "n/a", "na", "nan", "null", "unknown", "unk", "missing", "undefined", "not available",
     "not stated", "unbekannt", "k.a.", "keine angabe", "inconnu", "non renseigne", "nsp", "desconocido", "no sabe",
     "ns/nc", "desconhecido", "ignorado", "nao informado", "nao declarado", "sem informacao", "sconosciuto", "non noto"}
)  # fmt: skip
"""Ways to write that nothing is known, in lower case without accents."""

FORMING = 1.0
"""Columns with at least this worth form segments by default."""
UNNAMED = 0.5
"""The worth of a number whose name does not say what it is."""
MOST_VALUES = 50
"""A text with more different values is read as a name, an id or free text unless a few values cover most rows."""
MOSTLY_MISSING = 0.5
SCALE_VALUES = 7
"""Whole numbers with up to this many different values are read as a scale, value by value."""

WHO = "who the customers are"
_CODES = 15
"""Ages up to this number are codes of age groups."""
_WORTH = {
    "income": 3.6, "kids": 3.3, "teens": 3.3, "education": 3.2, "marital": 3.1, "firm": 3.0,
    "occupation": 2.8, "household": 2.7, "gender": 2.6, "relation": 2.5, "place": 2.2,
}  # fmt: skip
"""What a column may mean, and its worth for forming segments; the first meaning that fits counts."""


@dataclass(frozen=True)
class Judged:
    """A column, what it is used for, and why."""

    facts: ColumnFacts
    use: Use
    why: str
    form: ColumnForm | None = None
    worth: float = 0.0
    sql: str | None = None
    """the expression to read, where it is not the column as it is"""
    code: Code | None = None
    """the number that is read as missing"""

    @property
    def reads(self) -> dict[str, str]:
        """The keys of a feature that reads the column."""
        return {"column": self.name} if self.sql is None else {"sql": self.sql}

    @property
    def name(self) -> str:
        """The column's name."""
        return self.facts.name


def judge_columns(
    columns: Sequence[ColumnFacts], codes: Mapping[str, Code] | None = None
) -> tuple[Judged, ...]:
    """Say of every column what it is for, in the table's order; numbers in `codes` are missing values."""
    codes = codes or {}
    found = [
        _decoded(facts, codes[facts.name]) if facts.name in codes else _judged(facts) for facts in columns
    ]
    chosen = _id_column(columns, found[0]) if found else None
    for i, facts in enumerate(columns):
        if facts.name == chosen:
            found[i] = Judged(facts, "id", "every row has its own value")
    return tuple(found)


def _decoded(facts: ColumnFacts, code: Code) -> Judged:
    """The column judged without its code for missing; years and ages keep it, cleaning steps look at these."""
    found = _judged(without(facts, code))
    if found.form not in ("number", "scale") or found.sql is not None:
        return _judged(facts)
    return replace(found, sql=code.sql, code=code)


def is_yes_no(facts: ColumnFacts) -> bool:
    """Whether the column holds yes and no, true and false, or 1 and 0, and nothing else."""
    if facts.kind == "boolean":
        return True
    if facts.kind == "number":
        return facts.is_whole and facts.n_distinct == 2 and (facts.minimum, facts.maximum) == (0, 1)
    values = {str(v).strip(" ").lower() for v, _ in facts.top_values}
    return facts.kind == "text" and facts.n_distinct == 2 and bool(values & YES) and values <= YES | NO


def foreign_yes(facts: ColumnFacts) -> str | None:
    """The value that says yes in another language, where the column holds that and no."""
    if facts.kind != "text" or facts.n_distinct != 2:
        return None
    values = {folded_words(str(v)): str(v) for v, _ in facts.top_values}
    return next((values[yes] for yes, no in _PAIRS if set(values) == {yes, no}), None)


_POINT = re.compile(r"[+-]?\d+(\.\d+)?")
_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?")


def as_number(facts: ColumnFacts) -> str | None:
    """The expression that reads a text as a number, where its most frequent values are numbers but for a few."""
    texts = [str(v).strip() for v, _ in facts.top_values]
    if facts.kind != "text" or len(texts) < 10:
        return None
    value: exp.Expr = spelled(facts.name)
    if not _mostly(_POINT, texts):
        if not _mostly(_COMMA, texts):
            return None
        for old, new in ((".", ""), (",", ".")):
            value = exp.func("REPLACE", value, exp.convert(old), exp.convert(new))
    return f"TRY_{spell_sql(exp.cast(value, exp.DataType.Type.DOUBLE))}"


def _mostly(pattern: re.Pattern[str], texts: Sequence[str]) -> bool:
    return sum(bool(pattern.fullmatch(t)) for t in texts) >= 0.9 * len(texts)


def is_unknown(value: object) -> bool:
    """Whether a value is a way to write that nothing is known."""
    return isinstance(value, str) and folded_words(value) in UNKNOWN


def share_missing(facts: ColumnFacts) -> float:
    """Rows without a value / rows."""
    return facts.n_missing / facts.n_rows if facts.n_rows else 1.0


def _id_column(columns: Sequence[ColumnFacts], first: Judged) -> str | None:
    """The column that tells customers apart: a value of its own in every row, and a name or place that fits."""
    unique = [f for f in columns if f.is_unique and (f.kind == "text" or (f.kind == "number" and f.is_whole))]
    ranks = [
        [f for f in unique if means(f.name, "id") and means(f.name, "customer")],
        [f for f in unique if means(f.name, "id") and f.n_rows > 1],
        [f for f in unique if means(f.name, "customer") and f.n_rows > 1],
        [f for f in unique if f is first.facts and f.n_rows > MOST_VALUES and _is_key(first)],
    ]
    return next((rank[0].name for rank in ranks if rank), None)


def _is_key(first: Judged) -> bool:
    """Whether a first column that is unique looks like an id: texts, or numbers that count the rows."""
    facts = first.facts
    if facts.kind == "text":
        return first.use == "unused"
    span = float(facts.maximum or 0) - float(facts.minimum or 0)
    return first.worth == UNNAMED and span == facts.n_rows - 1


def _judged(facts: ColumnFacts) -> Judged:
    for rule in (
        _useless,
        _without_use,
        _as_text,
        _identifying,
        _special,
        _aged,
        _demographic,
        _flag,
        _behaviour,
    ):
        found = rule(facts)
        if found is not None:
            break
    else:
        found = _by_kind(facts)
    if found.use == "feature" and share_missing(facts) > MOSTLY_MISSING:
        why = f"{share_missing(facts):.0%} of the rows have no value"
        return replace(found, worth=0.1, why=why)
    return found


def _useless(facts: ColumnFacts) -> Judged | None:
    if facts.n_missing == facts.n_rows:
        return Judged(facts, "unused", "no row has a value")
    if facts.kind == "other":
        return Judged(facts, "unused", f"{facts.sql_type}: neither number, text, date nor true/false")
    if facts.kind == "number" and not all(
        math.isfinite(float(v or 0)) for v in (facts.minimum, facts.maximum)
    ):
        return Judged(facts, "unused", "has infinite values; replace or drop them in a clean step first")
    if not facts.is_constant:
        return None
    value = facts.minimum if facts.kind == "number" else None
    if (
        isinstance(value, (int, float))
        and value > 0
        and (means(facts.name, "cost") or means(facts.name, "revenue"))
    ):
        return Judged(facts, "money", f"the same in every row: {value}")
    return Judged(facts, "unused", "every row has the same value")


def _as_text(facts: ColumnFacts) -> Judged | None:
    """Numbers that are stored as text: amounts and incomes are read as numbers."""
    sql = as_number(facts)
    if sql is None or facts.n_distinct <= 20 or means(facts.name, "id"):
        return None
    why = "numbers stored as text: what is no number is read as missing"
    if means(facts.name, "income"):
        return Judged(facts, "feature", why, "number", _WORTH["income"], sql)
    if means(facts.name, "money") or means(facts.name, "usage"):
        return Judged(facts, "amounts", why, "number", 0.0, sql)
    return Judged(facts, "unused", f"numbers stored as text; as numbers: sql = {sql!r}")


def _identifying(facts: ColumnFacts) -> Judged | None:
    """Ids, names, addresses, phone numbers, free text: nothing that customers share."""
    if facts.kind == "text" and any("@" in str(v) for v, _ in facts.top_values[:5]):
        return Judged(facts, "unused", "e-mail addresses: personal data")
    many = facts.n_distinct > 20 or facts.n_distinct > 0.5 * max(facts.n_rows - facts.n_missing, 1)
    is_personal = means(facts.name, "personal") or (many and means(facts.name, "name"))
    if is_personal and facts.kind != "date" and not is_yes_no(facts):
        return Judged(facts, "unused", "personal data")
    if _is_called_id(facts) and (many or facts.kind == "number") and not is_yes_no(facts):
        return Judged(facts, "unused", "an id: a number or key without a meaning of its own")
    if facts.kind == "text" and not is_category(facts):
        return Judged(
            facts, "unused", f"{facts.n_distinct:,} different texts, and no few of them cover half the rows"
        )
    return None


def _is_called_id(facts: ColumnFacts) -> bool:
    words = words_of(facts.name)
    return (
        facts.kind != "date"
        and bool(words)
        and (words[-1] == "id" or (len(words) == 1 and means(facts.name, "id")))
    )


def is_category(facts: ColumnFacts) -> bool:
    """Whether a few values of a text cover most rows."""
    present = facts.n_rows - facts.n_missing
    if facts.n_distinct <= 8 and (facts.n_distinct < present or present <= 8):
        return True
    top = [n for _, n in facts.top_values[:7]]
    return bool(top) and sum(top) >= 0.5 * present and top[0] > 1


def _without_use(facts: ColumnFacts) -> Judged | None:
    reasons = (
        ("segment", "looks like segments that were made before; `segmentry profile` describes those"),
        ("coordinate", "a coordinate: bin it into regions first"),
        ("postcode", "postal codes: group them into regions first"),
    )
    for meaning, why in reasons:
        if means(facts.name, meaning) and not is_yes_no(facts):
            return Judged(facts, "unused", why)
    if (
        means(facts.name, "weight")
        and facts.kind == "number"
        and not facts.is_whole
        and facts.n_negative == 0
    ):
        return Judged(facts, "unused", 'if it is a survey weight, say weight = "…" under [source]')
    return None


def _special(facts: ColumnFacts) -> Judged | None:
    if not means(facts.name, "special"):
        return None
    why = "a specially protected attribute; use it with a legal basis only"
    return Judged(facts, "feature", why, _form(facts), 0.3)


def _aged(facts: ColumnFacts) -> Judged | None:
    """Birth years, birth dates and ages."""
    if means(facts.name, "birth") and _is_birth(facts):
        return Judged(facts, "feature", WHO, "birth", 3.5)
    is_age = means(facts.name, "age") and facts.kind == "number" and float(facts.maximum or 0) > _CODES
    if is_age and _median_within(facts, 5, 110):
        return Judged(facts, "feature", WHO, "age", 3.5)
    return None


def _demographic(facts: ColumnFacts) -> Judged | None:
    """Who the customers are, by the column's name."""
    form = _form(facts)
    meaning = next((m for m in _WORTH if means(facts.name, m)), None)
    if meaning is None or form == "date" or (means(facts.name, "response") and is_yes_no(facts)):
        return None
    if meaning in ("kids", "teens") and _is_count(facts):
        return Judged(facts, "feature", WHO, "kids", _WORTH[meaning])
    if form == "number" and meaning in ("occupation", "place", "gender"):
        return None
    why = "what ties the customers to you" if meaning == "relation" else WHO
    return Judged(facts, "feature", why, form, _WORTH[meaning])


def _flag(facts: ColumnFacts) -> Judged | None:
    why = "something that customers do or have"
    if is_yes_no(facts):
        return Judged(facts, "flags", why, "yes_no", 0.2)
    yes = foreign_yes(facts)
    if yes is None:
        return None
    sql = spell_sql(exp.EQ(this=spelled(facts.name), expression=exp.convert(yes)))
    return Judged(facts, "flags", why, "category", 0.2, sql)


def _behaviour(facts: ColumnFacts) -> Judged | None:
    """What customers do: compared between segments."""
    name = facts.name
    if facts.kind != "number":
        return None
    if means(name, "recency"):
        why = "how recently a customer bought; forms segments in an RFM analysis"
        return Judged(facts, "feature", why, "number", 0.4)
    if facts.is_whole and facts.n_negative == 0 and means(name, "count"):
        return Judged(facts, "counts", "what the customers do", "number", 0.2)
    if means(name, "money") or means(name, "usage"):
        return Judged(facts, "amounts", "what the customers do", "number", 0.2)
    return None


def _by_kind(facts: ColumnFacts) -> Judged:
    form = _form(facts)
    name = facts.name
    is_year = facts.kind == "number" and facts.is_whole and _within(facts, 1880, 2030)
    readings: tuple[tuple[bool, str, float], ...] = (
        (form == "date", "a date; the year could be a level", 0.05),
        (means(name, "response"), "may be an answer, which is to be explained and explains nothing", 0.3),
        (means(name, "calendar"), "a part of a date", 0.4),
        (form == "category", "a category that customers share", 1.5),
        (form == "scale", "a scale of few whole numbers", 1.2),
        (is_year, "looks like a year", 0.45),
        (True, "a number whose name does not say what it is", UNNAMED),
    )
    why, worth = next((why, worth) for applies, why, worth in readings if applies)
    return Judged(facts, "feature", why, form, worth)


def _form(facts: ColumnFacts) -> ColumnForm | None:
    """How the column's values become levels."""
    if is_yes_no(facts):
        return "yes_no"
    if facts.kind == "date":
        return "date"
    if facts.kind == "number":
        few = facts.is_whole and facts.n_distinct <= SCALE_VALUES
        return "scale" if few else "number"
    return "category"


def _is_birth(facts: ColumnFacts) -> bool:
    if facts.kind == "date":
        return True
    return facts.kind == "number" and facts.is_whole and _median_within(facts, 1880, 2030)


def _is_count(facts: ColumnFacts) -> bool:
    return facts.kind == "number" and facts.n_negative == 0 and _within(facts, 0, 25)


def _within(facts: ColumnFacts, low: float, high: float) -> bool:
    ends = (facts.minimum, facts.maximum)
    return all(isinstance(end, (int, float)) and low <= end <= high for end in ends)


def _median_within(facts: ColumnFacts, low: float, high: float) -> bool:
    return facts.quartiles is not None and low <= facts.quartiles[1] <= high


def sensitive(columns: Iterable[Judged]) -> tuple[str, ...]:
    """Columns that an audit of the segments should look at."""
    meanings = ("special", "gender", "marital", "birth")
    return tuple(
        c.name
        for c in columns
        if c.use != "id"
        and c.facts.n_distinct > 1
        and c.why != "personal data"
        and (any(means(c.name, m) for m in meanings) or c.form == "age")
    )
