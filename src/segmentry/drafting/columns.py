"""What each column is used for: who the customers are forms segments, what they do is compared between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.words import means, words_of
from segmentry.drafting.codes import MissingCode, without_code
from segmentry.drafting.forms import judgement, made_by_forms
from segmentry.drafting.judged_column import (
    MOST_CHOICES,
    OFFERED,
    SCALE_VALUES,
    UNNAMED,
    ColumnForm,
    JudgedColumn,
    Use,
)
from segmentry.drafting.keys import id_column, is_id_name
from segmentry.drafting.spelling import plain_column, recipe_sql
from segmentry.drafting.values import (
    date_sql,
    foreign_yes,
    is_category,
    is_consumption,
    is_date_number,
    is_gender,
    is_yes_no,
    number_sql,
    yes_no_or_unknown,
)
from segmentry.drafting.words import shortened_value

MOSTLY_MISSING = 0.5
RARELY = 0.75
"""Share of zeros from which a number is something that happened to few."""
_WORDS_OF_A_NAME = 5
"""A column whose name has more words, and few values, is a question: its words are not what it holds."""
_ORIGINS = (("black",), ("white",), ("asian",), ("citizen",))
"""Names of a yes or no that are words for where people come from, if nothing else stands beside them."""
WHO = "who the customers are"
_CODES = 15
"""Columns called age whose maximum is at most this hold codes of age groups."""
_WORTH = {
    "income": 3.6, "age": 3.5, "kids": 3.3, "teens": 3.3, "education": 3.2, "marital": 3.1, "firm": 3.0,
    "occupation": 2.8, "household": 2.7, "gender": 2.6, "relation": 2.5, "standing": 2.4, "place": 2.2,
}  # fmt: skip
"""Meanings of columns, and their worth for forming segments; the first meaning that fits counts."""


def judge_columns(
    columns: Sequence[ColumnFacts], codes: Mapping[str, MissingCode] | None = None
) -> tuple[JudgedColumn, ...]:
    """Judge every column, in the table's order; numbers in `codes`, by column, are missing values."""
    codes = codes or {}
    found = [
        _judge_without_code(facts, codes[facts.name]) if facts.name in codes else _judge(facts)
        for facts in columns
    ]
    if any(means(facts.name, "body") for facts in columns):
        found = [_weighed(c) for c in found]
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
        made_by_forms,
        _useless,
        _without_use,
        _as_text,
        _identifying,
        _special,
        _aged,
        judgement,
        _demographic,
        _yes_no,
        _process,
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
        key = "cost_per_contact" if means(facts.name, "cost") else "revenue_per_acceptance"
        return JudgedColumn(facts, "money", f"the same in every row: {value}; a campaign has it as {key}")
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
    is_question = len(words_of(facts.name)) > _WORDS_OF_A_NAME and not many
    is_personal = means(facts.name, "personal") or (many and means(facts.name, "name"))
    if (
        is_personal
        and not is_question
        and facts.kind != "date"
        and (facts.n_distinct > 2 or means(facts.name, "name"))
    ):
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


def _weighed(c: JudgedColumn) -> JudgedColumn:
    """The column, and a weight as that of a body: the table holds heights."""
    is_body = c.use == "unused" and means(c.name, "weight") and c.facts.kind == "number"
    return _by_kind(c.facts) if is_body else c


def _special(facts: ColumnFacts) -> JudgedColumn | None:
    is_origin = is_yes_no(facts) and words_of(facts.name) in _ORIGINS
    if not means(facts.name, "special") and not is_origin:
        return None
    why = "a specially protected attribute; use it with a legal basis only"
    return JudgedColumn(facts, "feature", why, _form(facts), 0.3, sense="who")


def _aged(facts: ColumnFacts) -> JudgedColumn | None:
    """Birth years, birth dates and ages."""
    if means(facts.name, "birth") and _is_birth(facts):
        return JudgedColumn(facts, "feature", WHO, "birth", 3.5, sense="who")
    is_age = means(facts.name, "age") and facts.kind == "number" and facts.highest > _CODES
    if (is_age and _median_within(facts, 5, 110)) or _looks_like_ages(facts):
        return JudgedColumn(facts, "feature", WHO, "age", 3.5, sense="who")
    return None


def _looks_like_ages(facts: ColumnFacts) -> bool:
    """Whether a name that begins with age belongs to values of grown-up people."""
    begins = any(word.startswith("age") for word in words_of(facts.name))
    is_wide = facts.kind == "number" and facts.n_distinct > 20 and _within(facts, 0, 120)
    return begins and is_wide and _median_within(facts, 18, 80)


def _demographic(facts: ColumnFacts) -> JudgedColumn | None:
    """Columns that say by their name who the customers are."""
    form = _form(facts)
    meaning = "gender" if is_gender(facts) else next((m for m in _WORTH if means(facts.name, m)), None)
    if (
        meaning is None
        or form == "date"
        or _is_event(facts)
        or (meaning == "income" and means(facts.name, "change"))
    ):
        return None
    if meaning in ("kids", "teens") and _is_small_count(facts):
        return JudgedColumn(facts, "feature", WHO, "kids", _WORTH[meaning], sense="who")
    if form == "number" and meaning in ("occupation", "place", "gender", "standing"):
        return None
    if meaning == "relation" and (means(facts.name, "money") or is_yes_no(facts)):
        return None
    is_tie = meaning == "relation"
    why = "what ties the customers to you" if is_tie else WHO
    return JudgedColumn(facts, "feature", why, form, _WORTH[meaning], sense="unknown" if is_tie else "who")


def _is_event(facts: ColumnFacts) -> bool:
    """Whether a yes or no, or a choice, says what happened."""
    happened = means(facts.name, "response") or means(facts.name, "happened")
    return happened and (is_yes_no(facts) or (facts.kind == "text" and facts.n_distinct <= MOST_CHOICES))


def _yes_no(facts: ColumnFacts) -> JudgedColumn | None:
    """Yes and no: what happened and what customers hold is compared, any other is offered as a feature."""
    read = _read_yes_no(facts)
    if read is None:
        return None
    form, sql, said = read
    if means(facts.name, "process"):
        return JudgedColumn(facts, "feature", _PROCESS + said, form, OFFERED, sql, sense="process")
    if _is_event(facts):
        return JudgedColumn(
            facts, "flags", "something that customers do" + said, form, 0.2, sql, sense="happened"
        )
    if means(facts.name, "holding") or means(facts.name, "relation"):
        return JudgedColumn(
            facts, "flags", "something that customers have" + said, form, 0.4, sql, sense="holds"
        )
    why = "a yes or no whose name does not say what it is" + said
    return JudgedColumn(facts, "feature", why, form, 0.45, sql)


def _read_yes_no(facts: ColumnFacts) -> tuple[ColumnForm, str | None, str] | None:
    """Form of a yes or no, the expression that reads it, and what is said of it."""
    if is_yes_no(facts):
        return "yes_no", None, ""
    unknown = yes_no_or_unknown(facts)
    if unknown is not None:
        known = exp.Nullif(this=plain_column(facts.name), expression=exp.convert(unknown))
        n = next(n for v, n in facts.top_values if v == unknown)
        said = f"; {shortened_value(unknown)} ({n:,} rows) is read as missing"
        return "category", recipe_sql(known), said
    yes = foreign_yes(facts)
    if yes is None:
        return None
    return "category", recipe_sql(exp.EQ(this=plain_column(facts.name), expression=exp.convert(yes))), ""


_PROCESS = "says how customers were contacted, not who they are or what they did"


def _process(facts: ColumnFacts) -> JudgedColumn | None:
    """How customers were contacted: neither who they are nor what they do."""
    if means(facts.name, "process") and not _is_event(facts) and facts.kind in ("number", "text"):
        return JudgedColumn(facts, "feature", _PROCESS, _form(facts), OFFERED, sense="process")
    return None


def _behaviour(facts: ColumnFacts) -> JudgedColumn | None:
    """What customers do: compared between segments."""
    name = facts.name
    if facts.kind != "number":
        return None
    if means(name, "recency"):
        why = "how recently a customer bought; forms segments in an RFM analysis"
        return JudgedColumn(facts, "feature", why, "number", 0.4, sense="does")
    is_count = facts.is_whole and facts.n_negative == 0
    if means(name, "happened") or means(name, "events"):
        use: Use = "counts" if is_count and not means(name, "money") else "amounts"
        return JudgedColumn(facts, use, "what happened to the customers", "number", 0.2, sense="happened")
    if is_count and means(name, "count"):
        return JudgedColumn(facts, "counts", "what the customers do", "number", 0.2, sense="does")
    is_used = any(means(name, meaning) for meaning in ("money", "usage", "change"))
    if is_used or _is_rare(facts) or is_consumption(facts):
        return JudgedColumn(facts, "amounts", "what the customers do", "number", 0.2, sense="does")
    return None


def _is_rare(facts: ColumnFacts) -> bool:
    """Whether a number without a name that says what it is is zero for most, and has many values for the others."""
    return facts.n_zero >= RARELY * facts.n_present and facts.n_distinct > 20 and facts.n_negative == 0


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
    meanings = ("special", "gender", "female", "marital", "birth", "age")
    return tuple(
        c.name
        for c in columns
        if c.use != "id"
        and c.facts.n_distinct > 1
        and not c.is_personal
        and (any(means(c.name, m) for m in meanings) or c.form == "age" or words_of(c.name) in _ORIGINS)
    )
