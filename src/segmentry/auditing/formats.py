"""How the audit writes numbers for people."""

from __future__ import annotations

import math

from segmentry.auditing.columns import ColumnValue
from segmentry.text.numbers import format_number

_NOTHING = "–"
_SPACE = "\N{NO-BREAK SPACE}"


def whole(value: float | None) -> str:
    """A count with separators.

    Examples
    --------
    >>> whole(2216), whole(None)
    ('2,216', '–')
    """
    return _NOTHING if value is None else format_number(value, ",.0f")


def number(value: float | None) -> str:
    """A number with as many digits as people read.

    Examples
    --------
    >>> number(52247.25), number(1968.8), number(4.0848), number(0.0123), number(-3.0), number(6e9)
    ('52,247', '1,969', '4.08', '0.0123', '−3', '6,000,000,000')
    """
    if value is None or math.isnan(value):
        return _NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size >= 1e15:
        text = format_number(size, ".3g")
    elif float(size).is_integer() or size >= 99.95:
        text = format_number(size, ",.0f")
    else:
        text = format_number(size, ".3g") if size >= 0.001 else format_number(size, ".1e")
    return ("−" if value < 0 else "") + text


def share(value: float | None) -> str:
    r"""A fraction as a percentage that does not break.

    Examples
    --------
    >>> share(0.0107), share(0.1564), share(0.00013), share(0.0), share(1.0)
    ('1.1\xa0%', '15.6\xa0%', '0.01\xa0%', '0\xa0%', '100\xa0%')
    """
    if value is None:
        return _NOTHING
    digits = 0 if value in (0, 1) else 1 if abs(value) >= 0.00095 else 2
    return format_number(100 * value, f".{digits}f") + f"{_SPACE}%"


def year(value: float) -> str:
    """A year, without separators."""
    return format_number(value, ".0f")


def shown(value: ColumnValue | None, *, is_year: bool = False, most: int = 60) -> str:
    """A value of a column; long texts are cut.

    Examples
    --------
    >>> shown(1976, is_year=True), shown("x" * 5, most=4), shown(""), shown(True)
    ('1976', 'xxx…', '(empty)', 'true')
    """
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = " ".join(value.split()) or "(empty)"
        return text if len(text) <= most else text[: most - 1] + "…"
    return year(value) if is_year and math.isfinite(value) else number(value)


FORMS = {"whole": whole, "number": number, "share": share}
