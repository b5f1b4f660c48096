"""Customers' values in messages of databases: what may quote one is left out, and names of objects and columns stay."""

from __future__ import annotations

import re

DATA_STATES = ("21", "22", "23", "44", "P0")
"""Beginnings of the SQL states of errors that rows make."""
_NAME_STATES = ("08", "0A", "28", "42", "53", "57", "KD")
"""Beginnings of the SQL states of errors of connections, rights, objects and files."""
_STATE = re.compile(r"(?:^\W*(?:[A-Z_]+: )?(?:\[[\w ]+\] )?\d+ \(|SQLSTATE:? ?\[?)([0-9A-Z]{5})\b")
_HEAD = re.compile(r"""^[^"':]*""")
_SAYS_VALUE = re.compile(
    r"\b(?:values?|literal|cast|parse|parsing|convert|overflow|out of (?:range|bounds?)|malformed|map key|divi\w+ by zero|format element)\b",
    re.IGNORECASE,
)
_SAYS_NAME = re.compile(
    r"\b(?:not exist|not found|no such|cannot be found|unknown (?:function|column|table|identifier)|unrecognized name|unresolved|ambiguous"
    r"|compilation error|syntax error|denied|permission|privileges?|authori[sz]ed|authentication|quota|warehouse|connection|dial tcp"
    r"|refused|timed out|timeout|cancell?ed)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"""(["'])(?:.*\1|.*$)""", re.DOTALL)
_UNOPENED = re.compile(r"^([^(]*…)\)+")
_BARE = re.compile(
    r"\b(value|literal|element|key) (?!…|(?:is|of|out|not|cannot|too)\b)"
    r"(?:.*(?<! is)(?<! was)(?= (?:(?:is|was) )?(?:out of|not|cannot|could not|too|of the type)\b)|\S*…)",
    re.IGNORECASE | re.DOTALL,
)
_BRACKETED = re.compile(r"\[(?!\]).*\]", re.DOTALL)
_TYPE = re.compile(
    r'"((?:TINY|SMALL|BIG)?INT|FLOAT|DOUBLE|STRING|BOOLEAN|DATE|TIMESTAMP(?:_NTZ)?|BINARY|DECIMAL\(\d+, ?\d+\))"'
)
"""What Spark writes in quotation marks, and is no value."""
_NUMBER = re.compile(
    r"((?:DECIMAL|NUMERIC|NUMBER|VARCHAR|CHAR)\(\d+(?:, ?\d+)?\))|(?<!\w)(?<!\w-)[-+]?\d(?:[\w.,:-]*\w)?",
    re.IGNORECASE,
)
"""A number; in the group, those of a type, which stay."""


def without_values(text: str) -> str:
    """Return the message of an error of data without quotes, lists in brackets, and numbers.

    A quote is cut to the last quotation mark of its kind, because the value may hold some.

    >>> without_values("Cannot cast 'O'Hara' to INT64, nor 12.5 to DECIMAL(4, 1)")
    'Cannot cast … to INT64, nor … to DECIMAL(4, 1)'
    """
    text = re.sub(r"\b([Cc])an't\b", r"\1annot", re.sub(r"(?<!\bca)(?<!\bCa)n't\b", " not", text))
    text = _UNOPENED.sub(r"\1", _QUOTED.sub("…", _TYPE.sub(r"\1", text)))
    text = _BRACKETED.sub("…", _BARE.sub(r"\1 …", text))
    return _NUMBER.sub(lambda found: found[1] or "…", text)


def without_values_and_end(text: str) -> str:
    """Return the same, and nothing of what follows a colon, where databases write values without quotation marks."""
    return re.sub(r": .*$", ": …", without_values(text), flags=re.DOTALL)


def state_in(text: str) -> str | None:
    """Find the SQL state that a driver writes into its message."""
    found = _STATE.search(text)
    return found[1] if found else None


def says_value(text: str) -> bool:
    """Whether a message begins with words about a value."""
    return _SAYS_VALUE.search(_words(_HEAD.search(text))) is not None


def may_quote_values(text: str, *states: str | None) -> bool:
    """Whether a message is of data, by the first SQL state that is known, or its words; one of which nothing is known is held to be."""
    for state in filter(None, states):
        if state.startswith((*DATA_STATES, *_NAME_STATES)):
            return state.startswith(DATA_STATES)
    return says_value(text) or _SAYS_NAME.search(_QUOTED.sub("…", text).replace("_", " ")) is None


def _words(found: re.Match[str] | None) -> str:
    return found[0].replace("_", " ") if found else ""
