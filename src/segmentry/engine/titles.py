"""Lines above those of the table: which are titles, and when leaving lines out would lose rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlglot import exp

from segmentry.engine.column_readings import Rows
from segmentry.engine.notes import ReadingNote
from segmentry.errors import DataError

_MOST_TITLES = 20
_LOOKED_AT = 1_000_000
_N_LINES = 100
_MARKS = (b",", b";", b"\t", b"|")


@dataclass(frozen=True)
class Above:
    """How lines above the names are read: settings of the reader, and what there is to say of it."""

    settings: Mapping[str, object] = field(default_factory=dict)
    note: ReadingNote | None = None


@dataclass(frozen=True)
class LeftOut:
    """Lines that DuckDB by itself leaves out at the beginning, and whether the next one names the columns."""

    n_lines: int = 0
    is_named: bool = True


def is_uneven(head: bytes) -> bool:
    """Whether the first line has another number of fields than some that follow, so that DuckDB may leave lines out."""
    first, *others = head[:_LOOKED_AT].split(b"\n")
    chosen = [line for line in others[: -1 if len(head) > _LOOKED_AT else None] if line.strip()]
    counts = {_n_marks(line) for line in chosen[:: max(1, len(chosen) // _N_LINES)]}
    return bool(counts - {_n_marks(first)})


def _n_marks(line: bytes) -> tuple[int, ...]:
    bare = re.sub(rb'"[^"]*"', b"", line)
    return tuple(map(bare.count, _MARKS))


def left_out(rows: Rows, reader: exp.Expr) -> LeftOut:
    """Ask DuckDB how many lines of one file it leaves out at the beginning; none where it cannot read the file."""
    sql = reader.sql("duckdb")
    try:
        found = rows(f"SELECT SkipRows, HasHeader FROM sniff_csv{sql[sql.index('(') :]}")  # noqa: S608 - our own reader
    except DataError:
        return LeftOut()
    return LeftOut(*found[0])


def above_names(types: Mapping[str, str], head: str, lines: LeftOut, file: Path) -> Above:
    """Find out what the lines above the names are.

    Titles are left out, and that is said; where lines with values would be left out, nothing is, so that the file is
    refused, or counted by an audit, as one whose lines do not fit together.

    Raises
    ------
    DataError
        Lines would be left out, and the first one does not look like one of a table.
    """
    if _has_titles(types):
        n_titles = _title_rows(head, len(types))
        if n_titles:
            return Above({"skip": n_titles, "header": True}, _note(n_titles))
    if lines.n_lines > (_MOST_TITLES if lines.is_named else 1):
        if not any(_n_marks(head.partition("\n")[0].encode())):
            raise DataError(
                f"its first {lines.n_lines:,} lines have fewer fields than those below them",
                source=file,
                hint="remove what stands above the line that names the columns",
            )
        return Above({"skip": 0})
    if lines.n_lines and lines.is_named:
        return Above({}, _note(lines.n_lines))
    return Above({}, _note(0) if lines.n_lines or _has_titles(types) else None)


def _has_titles(types: Mapping[str, str]) -> bool:
    """Whether most columns got names by their number alone, as where the first line is a title."""
    made = [name for name in types if re.fullmatch(r"column\d+", name)]
    return len(types) > 2 and len(made) >= len(types) - 2 and set(types.values()) == {"VARCHAR"}


def _title_rows(head: str, n_columns: int) -> int:
    """How many lines stand above the one that names every column; 0 where there is no such line."""
    lines = head.splitlines()[: _MOST_TITLES + 2]
    for delimiter in (",", ";", "\t", "|"):
        rows = list(csv.reader(lines, delimiter=delimiter))
        for i, row in enumerate(rows[1 : _MOST_TITLES + 1], 1):
            cells = [cell.strip() for cell in row]
            if (
                len(cells) == n_columns
                and all(cells)
                and len(set(cells)) == n_columns
                and not _has_number(cells)
            ):
                return i
    return 0


def _has_number(cells: Sequence[str]) -> bool:
    return any(re.fullmatch(r"[+-]?\d+([.,]\d+)?", cell) for cell in cells)


def _note(skipped: int) -> ReadingNote:
    if skipped:
        return ReadingNote(
            "title_rows",
            "",
            skipped,
            "{rows} of titles above the one that names the columns: left out",
            "Nothing is to be done where the columns have their names.",
        )
    return ReadingNote(
        "title_rows",
        "",
        0,
        "The first line does not name the columns: a title may stand above their names",
        "Remove the lines above the names; where there are no names, say header = false under [source].",
    )
