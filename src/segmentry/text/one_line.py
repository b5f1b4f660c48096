"""Texts of others on a terminal: control characters are written, not obeyed, and messages are one line."""

from __future__ import annotations

import re

LONGEST = 500
"""Largest number of characters of a message."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_SECTION = 0x100


def printable(text: str) -> str:
    r"""Write characters that move a cursor, change colours or turn the direction of text as their codes.

    Lines and tabs stay.

    Examples
    --------
    >>> print(printable("age\x1b[31m"))
    age\x1b[31m
    """
    return _CONTROL.sub(_code, text)


def one_line(text: str, most: int = LONGEST) -> str:
    r"""Write a message in one line of at most `most` characters; of a longer one the middle is left out.

    Examples
    --------
    >>> one_line("the first\n  the second")
    'the first the second'
    >>> one_line("abcdefghij", 5)
    'ab…ij'
    """
    line = printable(" ".join(text.split()))
    if len(line) <= most:
        return line
    end = (most - 1) // 2
    return f"{line[: most - 1 - end]}…{line[-end:]}"


def _code(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\x{number:02x}" if number < _SECTION else f"\\u{number:04x}"
