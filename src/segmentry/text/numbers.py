"""How numbers are written for people: one function per meaning, for texts, pages, workbooks, audit and drift.

An unknown number is written as a dash, a negative one with a minus sign, a percentage with a space that does not
break. Only 0 and 100 % read as 0 and 100 %.
"""

from __future__ import annotations

import math

from segmentry.text.edges import NumberKind, day_text
from segmentry.text.locales import format_number

NOTHING = "–"
_PERCENT = "\N{NO-BREAK SPACE}%"
_NEARLY = 1e-9
"""Rounding error of sums of shares: nearer to 0 or 1 than this they are 0 or 1."""


def count(value: float | None) -> str:
    """Write a number of things.

    Examples
    --------
    >>> count(2216), count(None)
    ('2,216', '–')
    """
    return _signed(value, ",.0f")


def count_or_none(value: float | None) -> str:
    """Write a number of things in a sentence, where nought has a word.

    Examples
    --------
    >>> f"{count_or_none(0)} dropped", f"{count_or_none(1234)} dropped"
    ('none dropped', '1,234 dropped')
    """
    return "none" if value == 0 else count(value)


def number(value: float | None) -> str:
    """Write a mean, an amount, or a value of a column: three significant digits, whole from 100 up.

    Examples
    --------
    >>> number(1216.3), number(34.56), number(4.0), number(0.5271), number(0.0123), number(-3.1)
    ('1,216', '34.6', '4', '0.527', '0.0123', '−3.10')
    """
    if value is None or math.isnan(value):
        return NOTHING
    size = abs(value)
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if size >= 1e15:
        return _signed(value, ".3g")
    if size >= 99.95 or float(value).is_integer():
        return _signed(value, ",.0f")
    return _signed(value, "#.3g" if size >= 0.0001 else ".1e")


def difference(value: float | None) -> str:
    """Write a difference of two numbers, with its sign.

    Examples
    --------
    >>> difference(12.34), difference(-1520.0), difference(0.0)
    ('+12.3', '−1,520', '0')
    """
    return _with_plus(number(value), value)


def money(value: float | None) -> str:
    """Write a profit or a loss, with its sign: two digits below 10, whole from there.

    Examples
    --------
    >>> money(-1.9558), money(78.0)
    ('−1.96', '+78')
    """
    return _with_plus(_signed(value, ",.2f" if abs(value or 0) < 9.995 else ",.0f"), value)


def share(value: float | None) -> str:
    r"""Write a share to be read at a glance: whole percent; one digit below 10 % and above 99.5 %.

    Examples
    --------
    >>> share(0.614), share(0.0853), share(0.0002), share(0.997), share(1.0)
    ('61\xa0%', '8.5\xa0%', '< 0.1\xa0%', '99.7\xa0%', '100\xa0%')
    """
    is_fine = value is not None and (abs(value) < 0.0995 or 0.995 <= value < 1)
    return _percentage(value, 1 if is_fine else 0)


def percent(value: float | None) -> str:
    r"""Write a rate, or a share that is compared with others: one digit.

    Examples
    --------
    >>> percent(0.614), percent(0.08), percent(0.9997), percent(0.0), percent(float("nan"))
    ('61.4\xa0%', '8.0\xa0%', '> 99.9\xa0%', '0\xa0%', '–')
    """
    return _percentage(value, 1)


def points(value: float | None) -> str:
    """Write a difference of two percentages in points, with its sign.

    Examples
    --------
    >>> points(0.123), points(-0.04), points(0.00001)
    ('+12.3', '−4.0', '0.0')
    """
    return NOTHING if value is None else _with_plus(_signed(value * 100, ".1f"), round(value * 100, 1))


def outcome(value: float | None, is_rate: bool) -> str:
    """Write a rate as a percentage, a mean as a number."""
    return percent(value) if is_rate else number(value)


def outcome_difference(value: float | None, is_rate: bool) -> str:
    r"""Write a difference of two rates in points, of two means as a number.

    Examples
    --------
    >>> outcome_difference(0.1234, True), outcome_difference(-12.5, False)
    ('+12.3\xa0pp', '−12.5')
    """
    if not is_rate or value is None or math.isnan(value):
        return difference(value)
    return f"{points(value)}\N{NO-BREAK SPACE}pp"


def lift(value: float | None) -> str:
    """Write how many times a share or a mean is that of all customers.

    Examples
    --------
    >>> lift(1.734)
    '1.7 ×'
    """
    return NOTHING if value is None or math.isnan(value) else f"{_signed(value, ',.1f')} ×"


def ratio(value: float | None) -> str:
    """Write a ratio, or a coefficient such as Cramér's V: two digits.

    Examples
    --------
    >>> ratio(0.8727), ratio(float("inf"))
    ('0.87', '–')
    """
    return NOTHING if value is None or math.isinf(value) else _signed(value, ",.2f")


def p_value(value: float | None) -> str:
    """Write a p-value; below 0.001 only that it is smaller.

    Examples
    --------
    >>> p_value(0.0432), p_value(1e-9)
    ('0.043', '< 0.001')
    """
    if value is not None and value < 0.001:
        return f"< {format_number(0.001, '.3f')}"
    return _signed(value, ".3f")


def criterion(value: float | None) -> str:
    """Write a criterion or a test statistic: whole from 20 up, else two digits.

    Examples
    --------
    >>> criterion(24891.4), criterion(0.314), criterion(float("nan"))
    ('24,891', '0.31', '–')
    """
    return _signed(value, ",.0f" if abs(value or 0) >= 20 else ".2f")


def statistic(value: float | None, is_share: bool) -> str:
    """Write a figure that a verdict rests on: a share, or a test statistic."""
    return share(value) if is_share else criterion(value)


def fixed(value: float | None, digits: int) -> str:
    """Write a number with a given number of digits after the point.

    Examples
    --------
    >>> fixed(-1234.56, 1)
    '−1,234.6'
    """
    return _signed(value, f",.{digits}f")


def mark(value: float) -> str:
    """Write a number that was chosen, not measured, such as a mark on an axis, with the digits that it has.

    Examples
    --------
    >>> mark(0.5), mark(25000.0), mark(-1.25)
    ('0.5', '25,000', '−1.25')
    """
    return _signed(value, ",.10g")


def percent_mark(value: float) -> str:
    r"""Write a percentage that was chosen, not measured, such as a threshold, with the digits that it has.

    Examples
    --------
    >>> percent_mark(0.05), percent_mark(0.025)
    ('5\xa0%', '2.5\xa0%')
    """
    return mark(value * 100) + _PERCENT


def edge(value: float) -> str:
    """Write an edge between levels; a number that looks like a year has no separator.

    Examples
    --------
    >>> edge(25000.0), edge(1975.0), edge(0.25)
    ('25,000', '1975', '0.25')
    """
    return year(value) if value == round(value) and 1000 <= value <= 2200 else mark(value)


def year(value: float | None, digits: int = 0) -> str:
    """Write a year, or a mean of years, without separators.

    Examples
    --------
    >>> year(1975.0), year(1968.8, 1)
    ('1975', '1968.8')
    """
    return _signed(value, f".{digits}f")


def measured(value: float | None, kind: NumberKind) -> str:
    """Write a number of a column as a number, a year or a date.

    Examples
    --------
    >>> measured(1975.0, "number"), measured(1975.0, "year"), measured(15706.0, "day")
    ('1,975', '1975', '2013-01-01')
    """
    if kind == "day" and value is not None and math.isfinite(value):
        return day_text(value)
    return year(value) if kind == "year" else number(value)


def edge_of(value: float, kind: NumberKind) -> str:
    """Write an edge between levels of a number, a year or a date."""
    return edge(value) if kind == "number" else measured(value, kind)


def _signed(value: float | None, spec: str) -> str:
    """Write a number by one of Python's specifications; a number that is written as 0 has no sign."""
    if value is None or math.isnan(value):
        return NOTHING
    text = format_number(abs(value), spec)
    return f"−{text}" if value < 0 and any(c in "123456789" for c in text) else text


def _with_plus(text: str, value: float | None) -> str:
    return f"+{text}" if value is not None and value > 0 else text


def _percentage(value: float | None, digits: int) -> str:
    if value is None or math.isnan(value):
        return NOTHING
    if abs(value - round(value)) < _NEARLY:
        return _signed(round(value) * 100, ",.0f") + _PERCENT
    if 0 < value < 0.0005:
        return f"< {format_number(0.1, '.1f')}{_PERCENT}"
    if 0.9995 <= value < 1:
        return f"> {format_number(99.9, '.1f')}{_PERCENT}"
    return _signed(value * 100, f",.{digits}f") + _PERCENT
