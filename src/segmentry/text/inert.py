"""Names and values of users where a format would read them as something else: each border has its one function here."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

_NOT_XML = re.compile("[^\t\n\r -\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
_FORMULA = re.compile("^[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"^-?[\d.]+(e-?\d+)?$", re.IGNORECASE)
_MARKDOWN = re.compile(r"([\\`*{}\[\]<>|#]|(?<![^\W_])_|_(?![^\W_]))")
_SPACES = re.compile("[ \t\r\n\v\f]+")
_LONGEST_NAME = 100
_LAST_OF_FOUR_DIGITS = 0xFFFF


def for_xml(text: str) -> str:
    r"""Write characters that XML and HTML do not allow as the replacement character; brackets are escaped elsewhere.

    Examples
    --------
    >>> for_xml("a\x00b") == "a\N{REPLACEMENT CHARACTER}b"
    True
    """
    return _NOT_XML.sub("\ufffd", text)


def for_spreadsheet(text: str) -> str:
    """Write a text that a spreadsheet would take for a formula with an apostrophe before it, as the page's buttons do.

    Ends of lines are line feeds: writers of CSV put no quotation marks around others, and a reader would begin a row there.

    Examples
    --------
    >>> [for_spreadsheet(text) for text in ("=1+1", "-5", "-5 to 0", "Income")]
    ["'=1+1", '-5', "'-5 to 0", 'Income']
    """
    text = re.sub("\r\n?", "\n", text)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text


def for_markdown(text: str) -> str:
    r"""Escape what means something in Markdown or HTML, and join the lines.

    Examples
    --------
    >>> print(for_markdown("a|b <script> *x* year_of_birth _y_"))
    a\|b \<script\> \*x\* year_of_birth \_y\_
    """
    return _MARKDOWN.sub(r"\\\1", _SPACES.sub(" ", text).strip(" "))


def for_yaml(value: Any) -> str:
    r"""Write a text, a number, a date, or lists and mappings of such for YAML, in one line.

    Texts are in the double quotes of JSON, and printable characters alone; a number with an exponent has a point, without
    which readers of YAML 1.1 take it for a text. Keys of mappings are plain names.

    Examples
    --------
    >>> print(for_yaml('a: "b"'), for_yaml("\x85"))
    "a: \"b\"" "\u0085"
    >>> print(for_yaml({"set": [1.0, 1e30, None, True], "brief": "no"}))
    {set: [1.0, 1.0e+30, null, true], brief: "no"}
    """
    if isinstance(value, str):
        return "".join(_shown(c) for c in json.dumps(value, ensure_ascii=False))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {for_yaml(v)}" for key, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(for_yaml, value)) + "]"
    text = value.isoformat() if isinstance(value, date) else json.dumps(value, allow_nan=False)
    return re.sub("^(-?[0-9]+)e", r"\1.0e", text)


def _shown(character: str) -> str:
    if character.isprintable() or character == "\xa0":
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= _LAST_OF_FOUR_DIGITS else f"\\U{number:08x}"


def file_names(names: Iterable[str]) -> dict[str, str]:
    """Return file names without suffix: letters, digits, - and _ alone, of limited length, and no two alike on any system.

    Examples
    --------
    >>> file_names(["outcomes_a/b c", "Map"])
    {'outcomes_a/b c': 'outcomes_a_b_c', 'Map': 'Map'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = "".join(c if c.isalnum() or c in "-_" else "_" for c in name)
        if len(plain.encode("utf-8", "replace")) > _LONGEST_NAME or plain.casefold() in taken:
            mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
            plain = f"{_shortened(plain)}-{mark}"
        taken.add(plain.casefold())
        found[name] = plain
    return found


def _shortened(name: str) -> str:
    return name.encode("utf-8", "replace")[: _LONGEST_NAME - 20].decode("utf-8", "ignore")
