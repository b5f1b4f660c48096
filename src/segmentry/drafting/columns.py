"""What each column is used for: who the customers are forms segments, what they do is compared between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.words import means
from segmentry.drafting.codes import MissingCode, without_code
from segmentry.drafting.keys import id_column, is_id_name, is_row_number
from segmentry.drafting.spelling import plain_column, recipe_sql
from segmentry.drafting.values import (
    date_sql,
    foreign_yes,
    is_category,
    is_date_number,
    is_yes_no,
    number_sql,
    ticked,
    yes_no_or_unknown,
)
from segmentry.drafting.words import shortened_value

Use = Literal["id", "feature", "amounts", "counts", "flags", "money", "unused"]
ColumnForm = Literal["birth", "age", "kids", "yes_no", "scale", "category", "number", "date"]

FORMING = 1.0
"""Columns with at least this worth form segments by default."""
UNNAMED = 0.5
"""Worth of a number whose name does not say what it is."""
MOSTLY_MISSING = 0.5
SCALE_VALUES = 7
"""Whole numbers with up to this many different values are read as a scale, value by value."""

WHO = "who the customers are"
_CODES = 15
"""Columns called age whose maximum is at most this hold codes of age groups."""
_WORTH = {
    "income": 3.6, "kids": 3.3, "teens": 3.3, "education": 3.2, "marital": 3.1, "firm": 3.0,
    "occupation": 2.8, "household": 2.7, "gender": 2.6, "relation": 2.5, "place": 2.2,
}  # fmt: skip
"""Meanings of columns, and their worth for forming segments; the first meaning that fits counts."""


@dataclass(frozen=True)
class JudgedColumn:
    """A column, its use, and the reason.

    Attributes
    ----------
    facts
        Facts of the column.
    use
        Role of the column in the recipe.
    why
        Reason of the use, for people.
    form
        Form in which the values become levels.
    worth
        Worth for forming segments.
    sql
        Expression to read; None for the column as it is.
    code
        Number that is read as missing.
    is_personal
        Whether the column holds personal data.
    """

    facts: ColumnFacts
    use: Use
    why: str
    form: ColumnForm | None = None
    worth: float = 0.0
    sql: str | None = None
    code: MissingCode | None = None
    is_personal: bool = False

    @property
    def reads(self) -> dict[str, str]:
        """Key of a feature that says what it reads."""
        return {"column": self.name} if self.sql is None else {"sql": self.sql}

    @property
    def name(self) -> str:
        """Name of the column."""
        return self.facts.name

    @property
    def is_unnamed(self) -> bool:
        """Whether it is a number whose name does not say what it is."""
        return self.worth == UNNAMED


def judge_columns(
    columns: Sequence[ColumnFacts], codes: Mapping[str, MissingCode] | None = None
) -> tuple[JudgedColumn, ...]:
    """Judge every column, in the table's order; numbers in `codes`, by column, are missing values."""
    codes = codes or {}
    found = [
        _judge_without_code(facts, codes[facts.name]) if facts.name in codes else _judge(facts)
        for facts in columns
    ]
    chosen = id_column(columns, found[0]) if found else None
    for i, facts in enumerate(columns):
        if facts.name == chosen:
            found[i] = JudgedColumn(facts, "id", "every row has its own value")
    return tuple(found)


def _judge_without_code(facts: ColumnFacts, code: MissingCode) -> JudgedColumn:
    """Judge a column without its code for missing; years and ages keep the code, which cleaning steps drop."""
    found = _judge(without_code(facts, code))
    if found.form not in ("number", "scale") or found.sql is not None:
        return _judge(facts)
    return replace(found, sql=code.sql, code=code)


def _judge(facts: ColumnFacts) -> JudgedColumn:
    for rule in (
        _made_by_forms,
        _useless,
        _without_use,
        _as_text,
        _identifying,
        _special,
        _aged,
        _demographic,
        _yes_no,
        _behaviour,
    ):
        found = rule(facts)
        if found is not None:
            break
    else:
        found = _by_kind(facts)
    if found.use == "feature" and facts.share_missing > MOSTLY_MISSING:
        return replace(found, worth=0.1, why=f"{facts.share_missing:.0%} of the rows have no value")
    return found


def _unused(facts: ColumnFacts, why: str, *, is_personal: bool = False) -> JudgedColumn:
    return JudgedColumn(facts, "unused", why, is_personal=is_personal)


def _made_by_forms(facts: ColumnFacts) -> JudgedColumn | None:
    """Numbers of rows, and boxes that are ticked or blank: what programs and forms write."""
    if is_row_number(facts):
        return _unused(facts, "the number of the row, which another program wrote beside the table")
    if ticked(facts):
        is_ticked = exp.not_(plain_column(facts.name).is_(exp.null()))
        why = "a box that is ticked or blank: blank is read as no"
        return JudgedColumn(facts, "flags", why, "category", 0.2, recipe_sql(is_ticked))
    return None


def _useless(facts: ColumnFacts) -> JudgedColumn | None:
    if facts.n_missing == facts.n_rows:
        return _unused(facts, "no row has a value")
    if facts.kind == "other":
        return _unused(facts, f"{facts.sql_type}: neither number, text, date nor true/false")
    if facts.kind == "number" and not facts.is_finite:
        return _unused(facts, "has infinite values; replace or drop them in a clean step first")
    if not facts.is_constant:
        return None
    value = facts.minimum if facts.kind == "number" else None
    if (
        isinstance(value, (int, float))
        and value > 0
        and (means(facts.name, "cost") or means(facts.name, "revenue"))
    ):
        return JudgedColumn(facts, "money", f"the same in every row: {value}")
    return _unused(facts, "every row has the same value")


def _as_text(facts: ColumnFacts) -> JudgedColumn | None:
    """Dates and numbers that are stored as something else; amounts and incomes are read as numbers."""
    if is_date_number(facts):
        return JudgedColumn(facts, "feature", "dates written as numbers, such as 20221231", "date", 0.05)
    dates = date_sql(facts)
    if dates is not None:
        return JudgedColumn(facts, "feature", "dates stored as text", "date", 0.05, dates)
    sql = number_sql(facts)
    if sql is None or facts.n_distinct <= 20 or means(facts.name, "id"):
        return None
    why = "numbers stored as text: what is no number is read as missing"
    if means(facts.name, "income"):
        return JudgedColumn(facts, "feature", why, "number", _WORTH["income"], sql)
    if means(facts.name, "money") or means(facts.name, "usage"):
        return JudgedColumn(facts, "amounts", why, "number", 0.0, sql)
    return _unused(facts, f"numbers stored as text; as numbers: sql = {sql!r}")


def _identifying(facts: ColumnFacts) -> JudgedColumn | None:
    """Ids, names, addresses, phone numbers, free text: values that customers do not share."""
    if facts.kind == "text" and any("@" in str(v) for v, _ in facts.top_values[:5]):
        return _unused(facts, "e-mail addresses: personal data", is_personal=True)
    many = facts.n_distinct > 20 or facts.n_distinct > 0.5 * max(facts.n_present, 1)
    is_personal = means(facts.name, "personal") or (many and means(facts.name, "name"))
    if is_personal and facts.kind != "date" and not is_yes_no(facts):
        return _unused(facts, "personal data", is_personal=True)
    if is_id_name(facts) and (many or facts.kind == "number") and not is_yes_no(facts):
        return _unused(facts, "an id: a number or key without a meaning of its own")
    if facts.kind == "text" and not is_category(facts):
        return _unused(facts, f"{facts.n_distinct:,} different texts, and no few of them cover half the rows")
    return None


def _without_use(facts: ColumnFacts) -> JudgedColumn | None:
    reasons = (
        ("segment", "looks like segments that were made before; `segmentry profile` describes those"),
        ("coordinate", "a coordinate: bin it into regions first"),
        ("postcode", "postal codes: group them into regions first"),
    )
    for meaning, why in reasons:
        if means(facts.name, meaning) and not is_yes_no(facts):
            return _unused(facts, why)
    if (
        means(facts.name, "weight")
        and facts.kind == "number"
        and not facts.is_whole
        and facts.n_negative == 0
    ):
        return _unused(facts, 'if it is a survey weight, say weight = "…" under [source]')
    return None


def _special(facts: ColumnFacts) -> JudgedColumn | None:
    if not means(facts.name, "special"):
        return None
    why = "a specially protected attribute; use it with a legal basis only"
    return JudgedColumn(facts, "feature", why, _form(facts), 0.3)


def _aged(facts: ColumnFacts) -> JudgedColumn | None:
    """Birth years, birth dates and ages."""
    if means(facts.name, "birth") and _is_birth(facts):
        return JudgedColumn(facts, "feature", WHO, "birth", 3.5)
    is_age = means(facts.name, "age") and facts.kind == "number" and facts.highest > _CODES
    if is_age and _median_within(facts, 5, 110):
        return JudgedColumn(facts, "feature", WHO, "age", 3.5)
    return None


def _demographic(facts: ColumnFacts) -> JudgedColumn | None:
    """Columns that say by their name who the customers are."""
    form = _form(facts)
    meaning = next((m for m in _WORTH if means(facts.name, m)), None)
    if meaning is None or form == "date" or (means(facts.name, "response") and is_yes_no(facts)):
        return None
    if meaning in ("kids", "teens") and _is_small_count(facts):
        return JudgedColumn(facts, "feature", WHO, "kids", _WORTH[meaning])
    if form == "number" and meaning in ("occupation", "place", "gender"):
        return None
    why = "what ties the customers to you" if meaning == "relation" else WHO
    return JudgedColumn(facts, "feature", why, form, _WORTH[meaning])


def _yes_no(facts: ColumnFacts) -> JudgedColumn | None:
    why = "something that customers do or have"
    if is_yes_no(facts):
        return JudgedColumn(facts, "flags", why, "yes_no", 0.2)
    unknown = yes_no_or_unknown(facts)
    if unknown is not None:
        known = exp.Nullif(this=plain_column(facts.name), expression=exp.convert(unknown))
        n = next(n for v, n in facts.top_values if v == unknown)
        why = f"{why}; {shortened_value(unknown)} ({n:,} rows) is read as missing"
        return JudgedColumn(facts, "flags", why, "category", 0.2, recipe_sql(known))
    yes = foreign_yes(facts)
    if yes is None:
        return None
    sql = recipe_sql(exp.EQ(this=plain_column(facts.name), expression=exp.convert(yes)))
    return JudgedColumn(facts, "flags", why, "category", 0.2, sql)


def _behaviour(facts: ColumnFacts) -> JudgedColumn | None:
    """What customers do: compared between segments."""
    name = facts.name
    if facts.kind != "number":
        return None
    if means(name, "recency"):
        why = "how recently a customer bought; forms segments in an RFM analysis"
        return JudgedColumn(facts, "feature", why, "number", 0.4)
    if facts.is_whole and facts.n_negative == 0 and means(name, "count"):
        return JudgedColumn(facts, "counts", "what the customers do", "number", 0.2)
    if means(name, "money") or means(name, "usage"):
        return JudgedColumn(facts, "amounts", "what the customers do", "number", 0.2)
    return None


def _by_kind(facts: ColumnFacts) -> JudgedColumn:
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
    return JudgedColumn(facts, "feature", why, form, worth)


def _form(facts: ColumnFacts) -> ColumnForm | None:
    """The form in which the column's values become levels."""
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


def _is_small_count(facts: ColumnFacts) -> bool:
    return facts.kind == "number" and facts.n_negative == 0 and _within(facts, 0, 25)


def _within(facts: ColumnFacts, low: float, high: float) -> bool:
    ends = (facts.minimum, facts.maximum)
    return all(isinstance(end, (int, float)) and low <= end <= high for end in ends)


def _median_within(facts: ColumnFacts, low: float, high: float) -> bool:
    return facts.quartiles is not None and low <= facts.quartiles[1] <= high


def sensitive_columns(columns: Iterable[JudgedColumn]) -> tuple[str, ...]:
    """Choose the columns that an audit of the segments should look at."""
    meanings = ("special", "gender", "marital", "birth")
    return tuple(
        c.name
        for c in columns
        if c.use != "id"
        and c.facts.n_distinct > 1
        and not c.is_personal
        and (any(means(c.name, m) for m in meanings) or c.form == "age")
    )
