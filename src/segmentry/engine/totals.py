"""Rows below a table that sum it up: they are no customers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from sqlglot import exp

from segmentry.engine.notes import ReadingNote
from segmentry.sql.table import column

TOTAL_WORDS = (
    "total", "totals", "grand total", "sum", "sum total", "average", "mean", "summe", "gesamt", "gesamtsumme", "insgesamt",
    "mittelwert", "durchschnitt", "total général", "somme", "moyenne", "total general", "suma", "promedio", "total geral",
    "soma", "totale", "totale generale", "somma", "totaal",
)  # fmt: skip
"""Texts, in lower case without a colon behind, that say that a row sums up those above it."""
MOST_TOTALS = 3
"""So many rows below a table sum it up at most: where more say so, they are no totals."""
_TAIL = 65_536


def is_total(text: object) -> bool:
    """Whether the first cell of a row says that the row sums up others.

    Examples
    --------
    >>> is_total("Grand Total:"), is_total("Summe"), is_total("Totaline Ltd")
    (True, True, False)
    """
    return isinstance(text, str) and text.strip().rstrip(":").strip().lower() in TOTAL_WORDS


def n_totals(firsts: Sequence[object]) -> int:
    """Count the last rows of a table whose first cells say that they sum up; none where other rows say so, too."""
    n = 0
    while n < min(MOST_TOTALS, len(firsts) - 1) and is_total(firsts[-1 - n]):
        n += 1
    return 0 if any(map(is_total, firsts[: len(firsts) - n])) else n


def ends_in_totals(files: Sequence[Path], encoding: str) -> bool:
    """Whether the last line of one of these delimited files sums up those above it; compressed files are not looked at."""
    return any(is_total(_last_cell(file, encoding)) for file in files if file.suffix != ".gz")


def without_totals(item: exp.Expr, first: str) -> exp.Expr:
    """Return the item after FROM without the rows whose first column says that they sum up."""
    return exp.select("*").from_(item.copy()).where(exp.not_(says_total(first))).subquery()


def says_total(first: str) -> exp.Expr:
    """The condition that the column of this name says that the row sums up others."""
    text = exp.cast(column(first), exp.DataType.Type.VARCHAR)
    bare = exp.Anonymous(
        this="rtrim", expressions=[exp.Lower(this=exp.Trim(this=text)), exp.Literal.string(": ")]
    )
    words = [exp.Literal.string(word) for word in TOTAL_WORDS]
    return exp.Coalesce(this=bare, expressions=[exp.Literal.string("")]).isin(*words)


def totals_note(n: int) -> ReadingNote:
    """Say that rows were left out that sum up the table."""
    return ReadingNote(
        "total_rows",
        "",
        n,
        "{rows} of totals below the table: left out",
        "Nothing is to be done where these are no customers.",
    )


def _last_cell(file: Path, encoding: str) -> str:
    """The first cell of the last line that is not blank."""
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - _TAIL))
        lines = opened.read().decode(encoding, errors="replace").splitlines()
    last = next((line for line in reversed(lines) if line.strip(" ,;\t|")), "")
    for mark in (";", "\t", "|", ","):
        if mark in last:
            return next(csv.reader(io.StringIO(last), delimiter=mark))[0]
    return ""
