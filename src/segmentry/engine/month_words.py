"""Dates whose month is an English word, such as 03-Jan-24 or January 3, 2024."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SHORT = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
         "december")  # fmt: skip
_TIME = "( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?"
_ANY = re.compile(
    rf"(?:(?P<first>\d{{1,2}})(?P<mark>[ /-])(?P<month>[a-z]+)(?P=mark)|(?P<word>[a-z]+) \d{{1,2}}, )"
    rf"(?P<year>\d{{4}}|\d{{2}})(?P<time>{_TIME})",
    re.IGNORECASE,
)


def month_format(values: Sequence[str]) -> tuple[str, str] | None:
    """Return how dates with a month in words are written: as strptime writes it, and as a regular expression.

    None where some value is no such date, or two are written in two ways.

    Examples
    --------
    >>> month_format(["03-Jan-24", "17-MAY-24"])[0], month_format(["January 3, 2024", "May 17, 2024"])[0]
    ('%d-%b-%y', '%B %d, %Y')
    >>> month_format(["03-Jan-24", "03/Jan/24"]), month_format(["3 pieces 24"])
    (None, None)
    """
    found = [_ANY.fullmatch(value) for value in values]
    forms = {_form(m) for m in found if m is not None}
    words = {(m["month"] or m["word"]).lower() for m in found if m is not None}
    name = next((n for n, known in (("%b", _SHORT), ("%B", _LONG)) if words <= set(known)), None)
    if not values or None in found or len(forms) != 1 or name is None:
        return None
    mark, digits, n_colons = forms.pop()
    month = f"({'|'.join(_SHORT if name == '%b' else _LONG)})"
    pattern = f"[0-9]{{1,2}}{mark}{month}{mark}" if mark else f"{month} [0-9]{{1,2}}, "
    written = f"%d{mark}{name}{mark}" if mark else f"{name} %d, "
    time = ("", " %H:%M", " %H:%M:%S")[n_colons]
    clock = " [0-9]{1,2}" + ":[0-9]{2}" * n_colons if n_colons else ""
    return f"{written}%{'y' if digits == 2 else 'Y'}{time}", f"(?i){pattern}[0-9]{{{digits}}}{clock}"


def _form(found: re.Match[str]) -> tuple[str, int, int]:
    return found["mark"] or "", len(found["year"]), found["time"].count(":")
