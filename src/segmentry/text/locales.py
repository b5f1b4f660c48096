"""How the numbers in texts are written: by which locale, and the one function that writes them.

The locale is a recipe's. What makes texts or a page enters `writing_in` once; every function beneath it that writes
a number does so by `format_number`, and cannot miss the locale.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ENGLISH = "en"
_EXAMPLES = "'de', 'en', 'en-IN', 'es', 'fr', 'it', 'nl', 'pl', 'pt-BR', 'sv'"
# language, script, region; a variant, an encoding and a modifier have no numerals of their own
_FORM = re.compile(
    r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?(?:-(?:\d\w{3}|[a-z]\w{4,}))?(?:\..*)?(?:@.*)?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True)
class Numerals:
    """The signs of a locale, and how many digits stand in the last group and in those before it."""

    locale: str = ENGLISH
    decimal: str = "."
    group: str = ","
    sizes: tuple[int, int] = (3, 3)

    def of(self, text: str) -> str:
        """Return a number that Python wrote, as the locale writes it.

        Examples
        --------
        >>> Numerals("de", ",", ".").of("-1,234.5"), Numerals("en-IN", sizes=(3, 2)).of("1,234,567")
        ('-1.234,5', '12,34,567')
        """
        whole, point, fraction = text.partition(".")
        if "," in whole:
            last, others = self.sizes
            place = rf"(?<=\d)(?=(?:\d{{{others}}})*\d{{{last}}}(?!\d))"
            whole = re.sub(place, self.group, whole.replace(",", ""))
        return f"{whole}{self.decimal}{fraction}" if point else whole


_ENGLISH = Numerals()
_now: ContextVar[Numerals] = ContextVar("numerals", default=_ENGLISH)


def format_number(value: float, spec: str) -> str:
    """Write a number by one of Python's format specifications, with the signs of the locale.

    Examples
    --------
    >>> with writing_in("de"):
    ...     format_number(1234.5, ",.1f")
    '1.234,5'
    >>> format_number(1234.5, ",.1f")
    '1,234.5'
    """
    text = format(value, spec)
    numerals = _now.get()
    return text if numerals is _ENGLISH else numerals.of(text)


def numerals_now() -> Numerals:
    """The numerals that numbers are written with."""
    return _now.get()


@contextmanager
def writing_in(locale: str) -> Iterator[None]:
    """Have numbers written in a locale."""
    token = _now.set(numerals_of(locale))
    try:
        yield
    finally:
        _now.reset(token)


def numerals_of(locale: str) -> Numerals:
    """Look up a locale's numerals, in Latin digits, in the Unicode CLDR.

    Raises
    ------
    ValueError
        There is no such locale.

    Examples
    --------
    >>> numerals_of("pt_BR")
    Numerals(locale='pt-BR', decimal=',', group='.', sizes=(3, 3))
    """
    if locale == ENGLISH:
        return _ENGLISH
    known, renamed, scripts = _table()
    form = _FORM.fullmatch(locale.replace("_", "-"))
    if form:
        language, script, region = form.groups(default="")
        language = renamed.get(language.lower(), language.lower())
        region = renamed.get(region.upper(), region.upper())
        short = _tag(language, region)
        for tag in (_tag(language, script.title(), region), short, "" if script else scripts.get(short, "")):
            if tag in known:
                return known[tag]
    raise ValueError(f"there is no locale {locale!r} in CLDR; known are {_EXAMPLES} and others")


def _tag(*parts: str) -> str:
    return "-".join(filter(None, parts))


@cache
def _table() -> tuple[dict[str, Numerals], dict[str, str], dict[str, str]]:
    """Return the numerals of every locale, new names of languages and regions, tags whose script was left out."""
    table = tomllib.loads(Path(__file__).with_name("locales.toml").read_text(encoding="utf-8"))
    known = {}
    for signs in table["numerals"]:
        stem = ""
        for word in signs["locales"].split():
            stem = stem if word.startswith("-") else word
            tag = stem + word if word.startswith("-") else word
            known[tag] = Numerals(tag, signs["decimal"], signs["group"], (*signs["sizes"],))
    scripts = {re.sub(r"-\w{4}-", "-", tag): tag for tag in table["script_left_out"].split()}
    return known, table["renamed"], scripts
