"""Sheets of Excel and OpenDocument files, handed over as Arrow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from segmentry.engine.limits import check_workbook
from segmentry.engine.notes import ReadingNote
from segmentry.engine.sheet_tables import SheetTable, is_filled, table_in
from segmentry.errors import DataError, nearest

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_LARGEST_WHOLE = 2**53


def read_excel(path: Path, sheet: str = "") -> tuple[Any, tuple[ReadingNote, ...]]:
    """Read a sheet, by default the first that holds a table, as a pyarrow.Table.

    Titles above the names of the columns, rows without any value and totals below are left out, and counted in notes.

    Raises
    ------
    DataError
        python-calamine is not installed, the file is not a workbook, it has no such sheet, or the sheet has no header.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise DataError("needs the extra `excel`: pip install 'segmentry[excel]'", source=path) from None
    check_workbook(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = list(book.sheet_names)
        if sheet and sheet not in sheets:
            raise DataError(f"there is no sheet {sheet!r}", source=path, hint=nearest(sheet, sheets))
        return _first_table(path, book, [sheet] if sheet else sheets)
    except (CalamineError, OSError) as error:
        raise DataError(f"cannot be read as a workbook: {error}", source=path) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of the reader, which is written in Rust
            raise
        raise DataError("cannot be read as a workbook", source=path, hint="save the sheet as CSV") from None


def _first_table(path: Path, book: Any, sheets: Sequence[str]) -> tuple[Any, tuple[ReadingNote, ...]]:
    """The first sheet with rows below the names of its columns, else the first; what was not read is said."""
    rows: list[list[Any]] = []
    for sheet in sheets:
        below = book.get_sheet_by_name(sheet).to_python()
        rows = below if sheet == sheets[0] else rows
        read = table_in(below)
        if read is not None and read.is_large:
            break
    else:
        sheet, read = sheets[0], table_in(rows)
    if read is None:
        top = [str(cell).strip() for cell in next((row for row in rows if any(map(is_filled, row))), [])]
        raise DataError(
            f"no row of sheet {sheet!r} gives every column a name of its own; the first is {top}",
            source=path,
            hint="give the names a row of their own" + _other_sheets(sheets),
        )
    others = [name for name in sheets if name != sheet]
    return _arrow(read), (*read.notes, *([_sheets_note(sheet, others)] if others else ()))


def _arrow(read: SheetTable) -> Any:
    import pyarrow as pa

    columns = zip(*read.rows, strict=True) if read.rows else [() for _ in read.names]
    return pa.table({name: _array(list(values)) for name, values in zip(read.names, columns, strict=True)})


def _other_sheets(sheets: Sequence[str]) -> str:
    return (
        f", or say which sheet: excel:///FILE?table=NAME, among {', '.join(sheets)}"
        if len(sheets) > 1
        else ""
    )


def _sheets_note(sheet: str, others: Sequence[str]) -> ReadingNote:
    return ReadingNote(
        "sheets",
        "",
        0,
        f"The workbook has {len(others) + 1} sheets; read is the first that holds a table, {sheet!r}",
        f"Another is read as excel:///FILE?table=NAME: {', '.join(others)}.",
    )


def _array(values: list[Any]) -> Any:
    """Make a column of numbers (integers if all are whole), dates or truth values if all cells are such, else of text.

    Empty cells are missing.
    """
    import pyarrow as pa

    cells = [None if isinstance(value, str) and not value.strip() else value for value in values]
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds and kinds <= {int, float}:
        is_whole = all(c is None or (float(c).is_integer() and abs(c) < _LARGEST_WHOLE) for c in cells)
        return pa.array(
            [None if c is None else int(c) for c in cells] if is_whole else cells,
            pa.int64() if is_whole else pa.float64(),
        )
    if kinds in ({bool}, {dt.date}, {dt.datetime}):
        return pa.array(cells)
    return pa.array([None if c is None else _text(c) for c in cells], pa.string())


def _text(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
