"""How numbers are written for people: the filters of the templates."""

from __future__ import annotations

import math
from collections.abc import Sequence

from segmentry.text.numbers import format_number

NOTHING = "–"


def percent(value: float, digits: int | None = None) -> str:
    r"""A fraction as a percentage that does not break; one digit below 10 % or as asked.

    Never 0 or 100 without digits where it is neither.

    Examples
    --------
    >>> percent(0.0853), percent(0.614), percent(float("nan"))
    ('8.5\xa0%', '61\xa0%', '–')
    >>> percent(-0.006)
    '−0.6\xa0%'
    >>> percent(0.997, 0), percent(1.0, 0)
    ('99.7\xa0%', '100\xa0%')
    """
    if value is None or math.isnan(value):
        return NOTHING
    if digits is None:
        digits = 1 if abs(value) < 0.0995 else 0
    if digits == 0 and (0 < abs(value) < 0.005 or 0.995 <= abs(value) < 1):
        digits = 1
    return format_number(value * 100, f".{digits}f").replace("-", "−") + "\N{NO-BREAK SPACE}%"


def number(value: float) -> str:
    """A number with as many digits as people read: three significant, whole from 100 up.

    Examples
    --------
    >>> number(1216.3), number(34.56), number(0.1234), number(7.0)
    ('1,216', '34.6', '0.12', '7.0')
    """
    if value is None or math.isnan(value):
        return NOTHING
    size = abs(value)
    if size >= 1e15:
        return format_number(value, ".3g")
    if size >= 99.95:
        return format_number(value, ",.0f")
    return format_number(value, ".1f") if size >= 1 or value == 0 else format_number(value, ".2f")


def whole(value: float) -> str:
    """A count with separators.

    Examples
    --------
    >>> whole(2216)
    '2,216'
    """
    return NOTHING if value is None or math.isnan(value) else format_number(value, ",.0f")


def money(value: float) -> str:
    """An amount with its sign: two digits below 10, whole from there.

    Examples
    --------
    >>> money(-1.9558), money(78.0)
    ('−1.96', '+78')
    """
    if value is None or math.isnan(value):
        return NOTHING
    text = format_number(abs(value), ",.2f") if abs(value) < 9.995 else format_number(abs(value), ",.0f")
    return ("−" if value < 0 else "+") + text


def times(value: float) -> str:
    """A ratio.

    Examples
    --------
    >>> times(1.734)
    '1.7 ×'
    """
    return NOTHING if value is None or math.isnan(value) else f"{format_number(value, '.1f')} ×"


def outcome(value: float, is_rate: bool) -> str:
    """A rate as a percentage with one digit, a mean as a number."""
    return percent(value, 1) if is_rate else number(value)


def evidence(value: float, kind: str) -> str:
    r"""A share as a percentage, another number with one digit.

    Examples
    --------
    >>> evidence(226.31, "number"), evidence(-39.4, "number"), evidence(0.8234, "share")
    ('226.3', '−39.4', '82\xa0%')
    """
    return percent(value, 0) if kind == "share" else format_number(value, ",.1f").replace("-", "−")


def and_list(words: Sequence[str]) -> str:
    """Words in a row.

    Examples
    --------
    >>> and_list(["1", "2", "4"]), and_list(["3"])
    ('1, 2 and 4', '3')
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def signed_percent(value: float) -> str:
    r"""A difference of shares in percentage points.

    Examples
    --------
    >>> signed_percent(0.123), signed_percent(-0.04)
    ('+12.3', '−4.0')
    """
    if value is None or math.isnan(value):
        return NOTHING
    return format_number(value * 100, "+.1f").replace("-", "−")


def signed(value: float) -> str:
    """A difference with its sign.

    Examples
    --------
    >>> signed(12.34), signed(-1520.0), signed(0.0)
    ('+12.3', '−1,520', '+0.0')
    """
    if value is None or math.isnan(value):
        return NOTHING
    return ("−" if value < 0 else "+") + number(abs(value))


def change(value: float, is_rate: bool) -> str:
    r"""A difference: of rates in percentage points, of means as a number.

    Examples
    --------
    >>> change(0.1234, True), change(-12.5, False)
    ('+12.3\xa0pp', '−12.5')
    """
    if value is None or math.isnan(value):
        return NOTHING
    return f"{signed_percent(value)}\N{NO-BREAK SPACE}pp" if is_rate else signed(value)


def ratio(value: float) -> str:
    """A ratio with two digits.

    Examples
    --------
    >>> ratio(0.8727), ratio(float("inf"))
    ('0.87', '–')
    """
    return NOTHING if value is None or not math.isfinite(value) else format_number(value, ",.2f")


def p_value(value: float) -> str:
    """A p-value; below 0.001 only that it is.

    Examples
    --------
    >>> p_value(0.0432), p_value(1e-9)
    ('0.043', '< 0.001')
    """
    if value is None or math.isnan(value):
        return NOTHING
    return f"< {format_number(0.001, '.3f')}" if value < 0.001 else format_number(value, ".3f")


def criterion(value: float) -> str:
    """A criterion: whole numbers from 20 up, else two digits.

    Examples
    --------
    >>> criterion(24891.4), criterion(0.314), criterion(float("nan"))
    ('24,891', '0.31', '–')
    """
    if value is None or math.isnan(value):
        return NOTHING
    text = format_number(value, ",.0f") if abs(value) >= 20 else format_number(value, ".2f")
    return text.replace("-", "−")


def edge_text(value: float) -> str:
    """An edge; what looks like a year has no separator.

    Examples
    --------
    >>> edge_text(25000.0), edge_text(1975.0), edge_text(0.25)
    ('25,000', '1975', '0.25')
    """
    if value == round(value):
        return format_number(value, ".0f") if 1000 <= value <= 2200 else format_number(value, ",.0f")
    return format_number(value, ",.10g")


def fixed(value: float, digits: int) -> str:
    """A number with so many digits.

    Examples
    --------
    >>> fixed(-1234.56, 1)
    '−1,234.6'
    """
    return format_number(value, f",.{digits}f").replace("-", "−")


def exact(value: float) -> str:
    """A number for machines, nothing where there is none.

    Examples
    --------
    >>> exact(0.25), exact(float("nan"))
    ('0.25', '')
    """
    return "" if value is None or not math.isfinite(value) else repr(float(value))


def position(value: float, scale: float = 1.0) -> str:
    """Where a value lies on a bar of length `scale`, as a CSS length."""
    if value is None or math.isnan(value):
        return "0%"
    return f"{min(max(value / scale, 0.0), 1.0) * 100:.2f}%"


def brief(words: str, most: int = 60) -> str:
    """A text of at most so many characters.

    Examples
    --------
    >>> brief("children"), brief("a very long label indeed", 12)
    ('children', 'a very long…')
    """
    words = " ".join(words.split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


FILTERS = {
    "brief": brief,
    "percent": percent,
    "number": number,
    "whole": whole,
    "money": money,
    "times": times,
    "outcome": outcome,
    "evidence": evidence,
    "position": position,
    "signed_percent": signed_percent,
    "and_list": and_list,
    "signed": signed,
    "criterion": criterion,
    "change": change,
    "ratio": ratio,
    "p_value": p_value,
    "exact": exact,
}
