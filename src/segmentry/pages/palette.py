"""Colours that colour-blind people can tell apart; a segment's number always stands beside its colour.

In both schemes every colour has a contrast of 3 or more against its background, texts of 4.5 or more. The segments' colours differ in
lightness as well as in hue, after Okabe & Ito (2008).
"""

from __future__ import annotations

import re

LIGHT = {
    "ink": "#17212b", "muted": "#55616d", "line": "#d8dee4", "ground": "#f4f6f8", "card": "#ffffff",
    "soft": "#e8ecf0", "accent": "#0067a6", "more": "#2f7ebc", "less": "#d9822b", "band": "#dfe4ea",
    "good": "#1b7f5c", "warn": "#975a00", "bad": "#b3261e",
    "s1": "#0067a6", "s2": "#c45a00", "s3": "#00805d", "s4": "#b0478a",
    "s5": "#3d8fc7", "s6": "#8a6a00", "s7": "#6a58c9", "s8": "#5a6570",
}  # fmt: skip
DARK = {
    "ink": "#e8edf2", "muted": "#a7b3bf", "line": "#36424d", "ground": "#11161b", "card": "#1a2128",
    "soft": "#2a343e", "accent": "#62b5ee", "more": "#5aa9e6", "less": "#f0a04b", "band": "#313c47",
    "good": "#5ec7a0", "warn": "#f0b35a", "bad": "#ff8a80",
    "s1": "#56aeea", "s2": "#f39a4a", "s3": "#37c899", "s4": "#ea8fc6",
    "s5": "#9bd6f8", "s6": "#d9b84a", "s7": "#aa9df5", "s8": "#b3bdc7",
}  # fmt: skip
N_TONES = 8
_VARIABLE = re.compile(r"var\(--([a-z0-9]+)\)")


def tone(segment: int) -> str:
    """Return the name of a segment's colour, by the segment's number from 1; colours repeat from the ninth on (`repeat`).

    Examples
    --------
    >>> tone(1), tone(9)
    ('s1', 's1')
    """
    return f"s{(segment - 1) % N_TONES + 1}"


def repeat(segment: int) -> int:
    """Return how often the colours were used up before a segment: what shows it needs a second mark from 1 on.

    Examples
    --------
    >>> repeat(8), repeat(9), repeat(17)
    (0, 1, 2)
    """
    return (segment - 1) // N_TONES


def with_fixed_colours(drawing: str, scheme: dict[str, str] | None = None) -> str:
    """Return a drawing with the scheme's colours in place of the page's variables, for files.

    Examples
    --------
    >>> with_fixed_colours('<circle fill="var(--s1)"/>')
    '<circle fill="#0067a6"/>'
    """
    colours = scheme or LIGHT
    return _VARIABLE.sub(lambda found: colours[found[1]], drawing)


def variables(scheme: dict[str, str]) -> str:
    """Write a scheme as CSS declarations."""
    return " ".join(f"--{name}:{value};" for name, value in scheme.items())
