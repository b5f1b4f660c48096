"""How names and lists of them are written in sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from segmentry.text.numbers import count


def listed(names: Iterable[object], most: int | None = None) -> str:
    """Write names in a row; of more than `most` names, the first ones and how many more there are.

    Examples
    --------
    >>> listed("a"), listed("abc"), listed("abcdefgh", 3), listed([])
    ('a', 'a, b and c', 'a, b, c and 5 more', '')
    """
    texts = [str(name) for name in names]
    if most is not None and len(texts) > most:
        texts = [*texts[:most], f"{count(len(texts) - most)} more"]
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def ended(sentence: str) -> str:
    """End a sentence with a full stop, unless a name such as "Income p.a." has one there.

    Examples
    --------
    >>> ended("What separates them: age"), ended("What separates them: income p.a.")
    ('What separates them: age.', 'What separates them: income p.a.')
    """
    return sentence if sentence.endswith(".") else f"{sentence}."


def counted(n: int, what: str) -> str:
    """Write a number of things with their name.

    Examples
    --------
    >>> counted(1, "row"), counted(2_240, "row")
    ('1 row', '2,240 rows')
    """
    return f"{count(n)} {what}" + ("" if n == 1 else "s")


def shortened(words: str, most: int = 60) -> str:
    """Write a name or text in one line of at most `most` characters.

    Examples
    --------
    >>> shortened("children"), shortened("a very long label indeed", 12)
    ('children', 'a very long…')
    """
    line = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", words).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def isolated(words: str) -> str:
    r"""Mark words that are written from right to left, so that the words after them in a sentence keep their order.

    Examples
    --------
    >>> isolated("children"), isolated("שלום") == "\u2068שלום\u2069"
    ('children', True)
    """
    is_turned = any(unicodedata.bidirectional(character) in ("R", "AL") for character in words)
    return f"\u2068{words}\u2069" if is_turned else words
