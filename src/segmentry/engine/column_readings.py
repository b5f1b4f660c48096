"""Columns of a delimited file that DuckDB alone would misread: long ids, thousands, dates, words among numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from segmentry.engine.month_words import month_format
from segmentry.engine.notes import ReadingNote
from segmentry.sql.audit.texts import MISSING_WORDS
from segmentry.sql.table import column

Rows = Callable[[str], list[Any]]
"""Function that runs a query in DuckDB's dialect and returns its rows."""

_SAMPLE_CELLS, _LEAST_ROWS, _MOST_ROWS = 400_000, 200, 10_000
_LONG = r"[0-9]{16,}"
_PADDED = r"0[0-9]{3,}"
_WHOLE = r"[+-]?(0|[1-9][0-9]{0,17})"
_NUMBER = r"[+-]?((0|[1-9][0-9]*)([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?|[+-]?inf(inity)?"
_THOUSANDS = r"[+-]?[1-9][0-9]{0,2}([.][0-9]{3})+"
_HUNDREDS = r"[+-]?[0-9]{1,3}"
_INFINITE = r"[+-]?inf(inity)?"
_COMMA = r"[+-]?[0-9.]+,[0-9]+"
_DATE = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?:([ T])\d{1,2}:\d{2}(:\d{2})?)?")
_POINTS = {
    "thousands": _THOUSANDS,
    "hundreds": _HUNDREDS,
    "several": r".*[.].*[.].*",
    "even": r".*[.][0-9]{2}0",
}
_AMONG_WORDS = {"number": f"(?i){_NUMBER}", "whole": _WHOLE, "infinite": f"(?i){_INFINITE}"}
_NUMERIC = ("DOUBLE", "HUGEINT", "BIGINT")


@dataclass(frozen=True)
class ColumnReading:
    """How a column is read: from text, by an expression (None: it stays text); and what has to be known of it."""

    column: str
    expression: exp.Expr | None
    note: ReadingNote | None = None
    dates: str | None = None
    """Format of the dates, as strptime writes it."""
    thousands: bool = False
    """Whether points separate thousands."""
    is_as_found: bool = False
    """Whether DuckDB alone reads it so, too."""


@dataclass(frozen=True)
class _Guess:
    """What a column may be, by its first rows; the patterns are still to be counted in all rows."""

    column: str
    kind: str
    patterns: Mapping[str, str]
    form: str = ""
    is_date: bool = False
    """Whether DuckDB reads dates, too."""


def find_readings(
    rows: Rows, source: exp.Expr, types: Mapping[str, str], dates: Mapping[str, str], thousands: Sequence[str]
) -> list[ColumnReading]:
    """Find the columns of a file that have to be read otherwise than by their DuckDB type.

    Parameters
    ----------
    rows
        Function that runs a query.
    source
        Item after FROM that reads all columns as they are, with the `types` that DuckDB gives them.
    types
        DuckDB's type by column.
    dates, thousands
        Formats of dates by column, and columns in which points separate thousands, as far as they are known.
    """
    readable = [name for name, kind in types.items() if kind in ("VARCHAR", "DATE", "TIMESTAMP", *_NUMERIC)]
    fixed = [_as_date(name, dates[name]) for name in readable if name in dates]
    fixed += [
        ColumnReading(name, _without_points(name), thousands=True) for name in readable if name in thousands
    ]
    asked = [name for name in readable if name not in dates and name not in thousands]
    if not asked:
        return fixed
    values = _first_values(rows, source, asked)
    has_commas = any(_mostly(values[name], _COMMA) for name in asked if types[name] == "VARCHAR")
    guesses = [guess for name in asked if (guess := _guess(name, types[name], values[name])) is not None]
    counts = _counted(rows, source, guesses) if guesses else []
    decided = [_decided(guess, counted, has_commas) for guess, counted in zip(guesses, counts, strict=True)]
    found = [*fixed, *_in_one_order([reading for reading in decided if reading is not None])]
    read = {reading.column for reading in found}
    mixed = [n for n in asked if n not in read and types[n] == "VARCHAR" and _has_numbers(values[n])]
    return [*found, *(ColumnReading(name, None) for name in mixed)]


def _has_numbers(values: Sequence[str]) -> bool:
    """Whether a text is a number somewhere: DuckDB, asked for this column alone, might take all for numbers."""
    return any(re.fullmatch(f"(?i){_NUMBER}", value) for value in values)


def as_text(source: exp.Expr, names: Sequence[str]) -> exp.Expr:
    """Return the item after FROM with some columns read as text."""
    made = source.copy()
    reader = made.find(exp.ReadCSV)
    assert reader is not None  # noqa: S101 - for the type checker
    pairs = [
        exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=exp.Literal.string("VARCHAR"))
        for name in names
    ]
    reader.append("expressions", exp.EQ(this=exp.column("types"), expression=exp.Struct(expressions=pairs)))
    return made


def read_as(source: exp.Expr, readings: Sequence[ColumnReading]) -> exp.Expr:
    """Return the item after FROM in which the columns are read as found."""
    readings = [reading for reading in readings if not reading.is_as_found]
    if not readings:
        return source
    made = as_text(source, [reading.column for reading in readings])
    replaced = [
        exp.alias_(reading.expression.copy(), reading.column, quoted=True)
        for reading in readings
        if reading.expression is not None
    ]
    if not replaced:
        return made
    star = exp.Star(replace=replaced)
    return exp.select(star).from_(made).subquery()


def _first_values(rows: Rows, source: exp.Expr, names: Sequence[str]) -> dict[str, list[str]]:
    """The first values of columns, as the file writes them."""
    n = min(max(_SAMPLE_CELLS // len(names), _LEAST_ROWS), _MOST_ROWS)
    query = exp.select(*(column(name) for name in names)).from_(as_text(source, names)).limit(n)
    found = rows(query.sql("duckdb"))
    return {
        name: [row[i].strip() for row in found if row[i] is not None and row[i].strip()]
        for i, name in enumerate(names)
    }


def _mostly(values: Sequence[str], pattern: str) -> bool:
    return bool(values) and sum(bool(re.fullmatch(pattern, v)) for v in values) >= 0.9 * len(values)


def _guess(name: str, kind: str, values: Sequence[str]) -> _Guess | None:
    numbers = [v for v in values if v.lower() not in MISSING_WORDS]
    if not numbers:
        return None
    if kind in _NUMERIC:
        is_long = kind != "BIGINT" and any(re.fullmatch(_LONG, v) for v in numbers)
        if is_long:
            return _Guess(name, "long", {"long": _LONG, "whole": r"[0-9]+"})
        is_padded = any(re.fullmatch(_PADDED, v) for v in numbers) and len({len(v) for v in numbers}) == 1
        if is_padded:
            return _Guess(name, "padded", {"padded": r"[0-9]+"})
    if kind in ("DOUBLE", "VARCHAR") and _are(numbers, f"{_THOUSANDS}|{_HUNDREDS}", _THOUSANDS):
        return _Guess(name, "points", _POINTS)
    is_plain = kind in _NUMERIC and len(numbers) == len(values)
    is_plain = is_plain and not any(re.fullmatch(_INFINITE, v.lower()) for v in numbers)
    if not is_plain and _are(numbers, f"(?i){_NUMBER}", r".*[0-9].*"):
        return _Guess(name, "number", _AMONG_WORDS)
    return _date_guess(name, kind, numbers)


def _are(values: Sequence[str], pattern: str, some: str) -> bool:
    """Whether all values fit a pattern, and some of them another."""
    return all(re.fullmatch(pattern, v) for v in values) and any(re.fullmatch(some, v) for v in values)


def _date_guess(name: str, kind: str, values: Sequence[str]) -> _Guess | None:
    if (words := month_format(values)) is not None:
        return _Guess(name, "month", {"date": words[1]}, words[0])
    found = [_DATE.fullmatch(v) for v in values]
    forms = {(m[2], len(m[4]), m[5] or "", bool(m[6])) for m in found if m is not None}
    if len(forms) != 1 or None in found:
        return None
    separator, digits, between, has_seconds = forms.pop()
    mark = f"[{separator}]"
    time = f"{between}[0-9]{{1,2}}:[0-9]{{2}}{':[0-9]{2}' if has_seconds else ''}" if between else ""
    two = r"[0-9]{1,2}"
    over = "(1[3-9]|[23][0-9])"
    tail = f"{mark}[0-9]{{{digits}}}{time}"
    form = ("%y" if digits == 2 else "%Y") + (
        f"{between}%H:%M{':%S' if has_seconds else ''}" if between else ""
    )
    return _Guess(
        name,
        "date",
        {
            "date": two + mark + two + tail,
            "day_first": over + mark + two + tail,
            "month_first": two + mark + over + tail,
        },
        f"{separator}{form}",
        is_date=kind != "VARCHAR",
    )


def _counted(rows: Rows, source: exp.Expr, guesses: Sequence[_Guess]) -> list[dict[str, Any]]:
    """How many values of each column fit the patterns; ``n`` of all, ``words`` that say that nothing is known."""
    parts: list[exp.Expr] = []
    keys: list[tuple[int, str]] = []
    words = [exp.Literal.string(word) for word in MISSING_WORDS if word]
    for i, guess in enumerate(guesses):
        text = exp.Nullif(this=exp.Trim(this=column(guess.column)), expression=exp.Literal.string(""))
        is_word = exp.Lower(this=text.copy()).isin(*words)
        conditions = {"words": is_word} | {
            key: exp.Anonymous(
                this="regexp_full_match", expressions=[text.copy(), exp.Literal.string(pattern)]
            )
            for key, pattern in guess.patterns.items()
        }
        parts.append(exp.Count(this=text.copy()))
        parts += [exp.Anonymous(this="count_if", expressions=[c]) for c in conditions.values()]
        parts.append(exp.Max(this=exp.Case(ifs=[exp.If(this=is_word.copy(), true=text.copy())])))
        keys += [(i, key) for key in ("n", *conditions, "word")]
    query = exp.select(*parts).from_(as_text(source, [g.column for g in guesses]))
    row = rows(query.sql("duckdb"))[0]
    found: list[dict[str, Any]] = [{} for _ in guesses]
    for (i, key), value in zip(keys, row, strict=True):
        found[i][key] = value or 0
    return found


def _decided(guess: _Guess, n: Mapping[str, Any], has_commas: bool) -> ColumnReading | None:
    if guess.kind == "points":
        return _decided_points(guess, n, has_commas)
    return _DECISIONS[guess.kind](guess, n)


def _decided_long(guess: _Guess, n: Mapping[str, Any]) -> ColumnReading | None:
    """Digits beyond what numbers hold: an id, read as text; other numbers with a few long ones as floating point."""
    if n["whole"] < n["n"] - n["words"] or n["long"] < 0.5 * n["n"]:
        return ColumnReading(guess.column, _number(guess.column, "DOUBLE"))
    return ColumnReading(guess.column, None)


def _decided_padded(guess: _Guess, n: Mapping[str, Any]) -> ColumnReading | None:
    """Digits of one length that begin with zeros: a code or an id, in which they count."""
    return ColumnReading(guess.column, None) if n["padded"] == n["n"] else None


def _decided_points(guess: _Guess, n: Mapping[str, Any], has_commas: bool) -> ColumnReading | None:
    if n["thousands"] + n["hundreds"] + n["words"] < n["n"]:
        return None
    is_sure = has_commas or n["several"] or (n["hundreds"] and n["even"])
    if not is_sure:
        text = f"{guess.column}: {{rows}} with three digits after a point, such as 27.684: thousands, or decimals?"
        advice = f'They are read as decimals. If points separate thousands, say under [source] of the recipe: thousands = ["{guess.column}"].'
        note = ReadingNote("thousands_or_decimals", guess.column, n["thousands"], text, advice)
        return ColumnReading(guess.column, _number(guess.column, "DOUBLE"), note) if n["thousands"] else None
    note = ReadingNote(
        "thousands_points",
        guess.column,
        n["thousands"],
        f"{guess.column}: {{rows}} with points between thousands, such as 27.684 for 27,684: read so",
        "Nothing is to be done where that is right.",
    )
    return ColumnReading(guess.column, _without_points(guess.column), note, thousands=True)


def _without_points(name: str) -> exp.Expr:
    plain = exp.func("REPLACE", column(name), exp.Literal.string("."), exp.Literal.string(""))
    return exp.TryCast(this=plain, to=exp.DataType.build("BIGINT"))


def _decided_number(guess: _Guess, n: Mapping[str, Any]) -> ColumnReading | None:
    """Numbers, among which words or infinite values stand for nothing known."""
    n_numbers = n["number"]
    if n_numbers + n["words"] < n["n"] or (not n["infinite"] and n_numbers < n["words"]):
        return None
    is_whole = n["whole"] == n_numbers
    value = _number(guess.column, "BIGINT" if is_whole else "DOUBLE")
    if n["infinite"]:
        ends = [exp.cast(exp.Literal.string(end), "DOUBLE") for end in ("inf", "-inf")]
        value = exp.Nullif(this=exp.Nullif(this=value, expression=ends[0]), expression=ends[1])
    return ColumnReading(guess.column, value, _missing_note(guess.column, n))


def infinite_note(name: str, n_rows: int) -> ReadingNote:
    """Say that infinite numbers of a column are missing."""
    return ReadingNote(
        "infinite",
        name,
        n_rows,
        f"{name}: {{rows}} with an infinite value: read as missing",
        "Find out what they were, such as a division by zero, and correct them where the table is made.",
    )


def _missing_note(name: str, n: Mapping[str, Any]) -> ReadingNote | None:
    if n["infinite"]:
        return infinite_note(name, n["infinite"])
    if not n["words"]:
        return None
    return ReadingNote(
        "words_among_numbers",
        name,
        n["words"],
        f"{name}: {{rows}} with {n['word']!r} among numbers: read as missing",
        "Nothing is to be done where they say that nothing is known.",
    )


def _number(name: str, kind: str) -> exp.Expr:
    # TRIM also keeps DuckDB 2.0 from handing the cast to its reader, where it would fail instead of giving nothing
    return exp.TryCast(this=exp.Trim(this=column(name)), to=exp.DataType.build(kind))


def _decided_date(guess: _Guess, n: Mapping[str, Any]) -> ColumnReading | None:
    if n["date"] + n["words"] < n["n"] or (n["day_first"] and n["month_first"]):
        return None
    separator, year = guess.form[0], guess.form[1:]
    order = "%m %d" if n["month_first"] else "%d %m"
    written = f"{order} ".replace(" ", separator) + year
    reading = _as_date(guess.column, written)
    if n["day_first"] or n["month_first"]:
        return replace(reading, is_as_found=guess.is_date)
    text = f"{guess.column}: {{rows}} with dates in which either number may be the month: read day first, {written!r}"
    advice = f'If the month comes first, say under [source] of the recipe: dates = {{ "{guess.column}" = "{_swapped(written)}" }}.'
    return replace(reading, note=ReadingNote("day_or_month", guess.column, n["date"], text, advice))


def _decided_month(guess: _Guess, n: Mapping[str, Any]) -> ColumnReading | None:
    """Dates whose month is a word: nothing has to be guessed."""
    return _as_date(guess.column, guess.form) if n["date"] + n["words"] == n["n"] else None


def _swapped(written: str) -> str:
    return written.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")


def _as_date(name: str, written: str) -> ColumnReading:
    text = exp.Trim(this=column(name)) if "%b" in written.lower() else column(name)
    moment = exp.Anonymous(this="try_strptime", expressions=[text, exp.Literal.string(written)])
    value = moment if "%H" in written else exp.cast(moment, "DATE")
    return ColumnReading(name, value, dates=written)


def _in_one_order(readings: Sequence[ColumnReading]) -> list[ColumnReading]:
    """The readings; dates that could be either are read as the others of the file, where these agree."""
    dated = [r for r in readings if r.dates is not None and "%m" in r.dates]
    sure = {str(r.dates).index("%d") < str(r.dates).index("%m") for r in dated if r.note is None}
    if sure != {False}:
        return list(readings)
    return [
        replace(_as_date(r.column, _swapped(r.dates)), note=_of_others(r.note))
        if r.dates is not None and r.note is not None
        else r
        for r in readings
    ]


def _of_others(note: ReadingNote) -> ReadingNote:
    text = note.text.replace("read day first", "read month first, as the other dates of the file")
    return replace(note, text=text.partition(", '")[0])


_DECISIONS: dict[str, Callable[[_Guess, Mapping[str, Any]], ColumnReading | None]] = {
    "long": _decided_long,
    "padded": _decided_padded,
    "number": _decided_number,
    "date": _decided_date,
    "month": _decided_month,
}
