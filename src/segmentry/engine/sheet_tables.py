"""The table in a sheet: the row that names its columns, what stands above it, and what sums it up below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from segmentry.engine.notes import ReadingNote
from segmentry.engine.totals import n_totals, totals_note

_MOST_TITLES = 20
_LEAST_COLUMNS, _LEAST_ROWS = 2, 10


@dataclass(frozen=True)
class SheetTable:
    """Names of the columns, the rows below them, and what has to be known of the rows that are no customers."""

    names: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    notes: tuple[ReadingNote, ...] = ()

    @property
    def is_large(self) -> bool:
        """Whether there are so many columns and rows that it is no cover and no legend."""
        return len(self.names) >= _LEAST_COLUMNS and len(self.rows) >= _LEAST_ROWS


def table_in(rows: Sequence[Sequence[Any]]) -> SheetTable | None:
    """Find the table in the rows of a sheet; None where no row gives every column a name of its own.

    Titles may stand above the names, and groups of columns in the row above them, whose cells often are merged: where
    names are equal, the group stands before them.
    """
    first = next((i for i, row in enumerate(rows) if any(map(is_filled, row))), len(rows))
    kept = [row for row in rows[first:] if any(map(is_filled, row))]
    kept = _without_empty_columns(kept)
    for i in range(min(len(kept), _MOST_TITLES + 1)):
        if i and not all(map(_is_title, kept[:i])):
            break
        names = _names(kept[i], kept[i - 1] if i else ())
        if names is not None and (not i or all(isinstance(cell, str) for cell in kept[i])):
            below, n_blank = kept[i + 1 :], len(rows) - first - len(kept)
            n_last = n_totals([next(filter(is_filled, row)) for row in below])
            notes = [_titles_note(i, names, kept[i])] if i else []
            notes += [_blank_note(n_blank)] if n_blank else []
            notes += [totals_note(n_last)] if n_last else []
            return SheetTable(names, below[: len(below) - n_last], tuple(notes))
    return None


def is_filled(cell: Any) -> bool:
    """Whether a cell holds something."""
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _without_empty_columns(rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """The rows without the columns at the right, and at the left, in which no cell is filled."""
    filled = [any(is_filled(row[j]) for row in rows) for j in range(len(rows[0]))] if rows else []
    if not any(filled):
        return []
    left, right = filled.index(True), len(filled) - filled[::-1].index(True)
    return [row[left:right] for row in rows]


def _is_title(row: Sequence[Any]) -> bool:
    """Whether at most half of the cells are filled, as in titles and in the groups of columns; of two, the first."""
    n = sum(map(is_filled, row))
    return 2 * n <= len(row) and (len(row) > _LEAST_COLUMNS or is_filled(row[0]))


def _names(row: Sequence[Any], above: Sequence[Any]) -> tuple[str, ...] | None:
    """Names of the columns, with their groups before those that are equal; None where some have none of their own."""
    bare = [str(cell).strip() for cell in row]
    groups, group = [], ""
    for cell in above or [""] * len(bare):
        group = str(cell).strip() if is_filled(cell) else group
        groups.append(group)
    names = [f"{g} {n}" if g and bare.count(n) > 1 else n for g, n in zip(groups, bare, strict=True)]
    return tuple(names) if all(bare) and len(set(names)) == len(names) else None


def _titles_note(n: int, names: Sequence[str], row: Sequence[Any]) -> ReadingNote:
    grouped = next((a for a, b in zip(names, row, strict=True) if a != str(b).strip()), "")
    named = f", but for the groups that tell equal names apart, such as {grouped!r}" if grouped else ""
    return ReadingNote(
        "title_rows",
        "",
        n,
        f"{{rows}} of titles above the one that names the columns: left out{named}",
        "Nothing is to be done where the columns have their names.",
    )


def _blank_note(n: int) -> ReadingNote:
    return ReadingNote(
        "blank_rows",
        "",
        n,
        "{rows} of the sheet without any value: left out",
        "Nothing is to be done where they are only formatted.",
    )
