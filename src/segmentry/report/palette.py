"""Colours that colour-blind people can tell apart; a segment's number always stands beside its colour."""

from __future__ import annotations

COLOURS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#7A6FD0",
    "#8C6D31",
)
"""After Okabe & Ito (2008), their yellow and black replaced; from the ninth segment on they repeat."""
INK = "#1f2933"
MUTED = "#616e7c"
GRID = "#e4e7eb"


def colour(segment: int) -> str:
    """Colour of a segment, by its number from 1."""
    return COLOURS[(segment - 1) % len(COLOURS)]
