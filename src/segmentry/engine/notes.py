"""What has to be known of how a source was read: which letters, which rows, which values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

DOUBTFUL = frozenset({"encoding", "thousands_or_decimals", "day_or_month", "sheets", "total_rows"})
"""Kinds of notes on what was guessed, so that a run warns of it."""


@dataclass(frozen=True)
class ReadingNote:
    """What was found in a source and how it was read.

    Attributes
    ----------
    kind
        One of the audit's kinds of findings.
    column
        Column concerned; empty where it is the whole source.
    rows
        Number of rows concerned.
    text
        Sentence that says it; ``{rows}`` stands for their number.
    advice
        What to do about it.
    """

    kind: str
    column: str
    rows: int
    text: str
    advice: str

    @property
    def sentence(self) -> str:
        """The text with the number of rows."""
        rows = "1 row" if self.rows == 1 else f"{self.rows:,} rows"
        return f"{self.text.replace('{rows}', rows)}."


def reading_notes(engine: Any, *, counted: bool = True) -> tuple[ReadingNote, ...]:
    """Return what an engine noted when it opened its source, and, where `counted`, what it has to look for first."""
    known = tuple(getattr(engine, "notes", ()))
    floating = getattr(engine, "floating", None)
    return known + floating.counted(engine.query) if counted and floating is not None else known
