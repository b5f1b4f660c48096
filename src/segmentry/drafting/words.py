"""Names of columns written as people write them, as labels and as keys of a recipe."""

from __future__ import annotations

import re
from collections.abc import Sequence

from segmentry.auditing.words import folded_words, pieces, spaced

_SHORT = {
    "amt": "amount", "avg": "average", "bal": "balance", "cmp": "campaign", "cnt": "count", "cust": "customer",
    "dt": "date", "mnt": "amount", "nb": "number of", "num": "number of", "pct": "percent", "prods": "products",
    "qty": "quantity", "tot": "total", "yr": "year", "yrs": "years", "educ": "education", "dob": "date of birth",
}  # fmt: skip


def readable(name: str) -> str:
    """Write a name as people do, with common abbreviations spelled out.

    Examples
    --------
    >>> readable("NumDealsPurchases"), readable("num_orders"), readable("Anzahl Käufe"), readable("x1")
    ('Deals purchases', 'Number of orders', 'Anzahl Käufe', 'x1')
    """
    if " " in name.strip() or is_code(name):
        return shortened_value(name)
    words = pieces(name)
    if len(words) > 2 and _SHORT.get(words[0].lower()) == "number of":
        words = words[1:]
    return phrase(words) or shortened_value(name)


def is_code(name: str) -> bool:
    """Whether a name is a short code that is shown unchanged.

    Examples
    --------
    >>> is_code("x1"), is_code("Q12b"), is_code("Umsatz 2024")
    (True, True, False)
    """
    return re.fullmatch(r"[A-Za-z]{1,3}\d+[A-Za-z]?", name) is not None


def phrase(words: Sequence[str]) -> str:
    """Join words into a phrase with a capital letter; a letter and a number at its beginning are one word.

    Examples
    --------
    >>> phrase(("q", "7", "brand", "known")), phrase(("Plan", "b")), phrase(("CDs", "Bought"))
    ('Q7 brand known', 'Plan b', 'CDs bought')
    """
    if len(words) > 2 and len(words[0]) == 1 and words[1].isdecimal():
        words = (words[0] + words[1], *words[2:])
    lower = [
        w if len(initials := w.removesuffix("s")) > 1 and initials.isupper() else w.lower() for w in words
    ]
    text = " ".join(_SHORT.get(w, w) for w in lower)
    return text[:1].upper() + text[1:]


def shortened_value(text: object, longest: int = 40) -> str:
    """Shorten a value or name to one line for a comment."""
    line = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", str(text)).split()) or "(empty)"
    return line if len(line) <= longest else line[: longest - 1] + "…"


def slug(name: str, taken: set[str]) -> str:
    """Make a key for the recipe: lower-case words joined by _, different from all in `taken`, to which it is added."""
    stem = "_".join(re.findall(r"[^\W\d_]+\d*|\d+", folded_words(spaced(name))))
    stem = re.sub(r"[^a-z0-9_]", "", stem)[:40].strip("_") or "column"
    found, number = stem, 2
    while found in taken:
        found, number = f"{stem}_{number}", number + 1
    taken.add(found)
    return found
