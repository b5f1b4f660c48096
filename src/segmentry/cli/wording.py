"""How the command line says numbers of things."""

from __future__ import annotations

from segmentry.numerals import written


def counted(n: int, what: str) -> str:
    """A number of things.

    Examples
    --------
    >>> counted(1, "row"), counted(2_240, "row")
    ('1 row', '2,240 rows')
    """
    return f"{written(n, ',')} {what}" + ("" if n == 1 else "s")
