"""Sheets of Excel and OpenDocument files, handed over as Arrow."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from segmentry.engine.limits import check_workbook
from segmentry.engine.notes import ReadingNote
from segmentry.errors import DataError, nearest

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_LARGEST_WHOLE = 2**53


def read_excel(path: Path, sheet: str = "") -> tuple[Any, tuple[ReadingNote, ...]]:
    """Read a sheet, by default the first, as a pyarrow.Table; its first row with a cell holds the columns' names.

    Rows without any value are left out, and counted in a note.

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
        names = list(book.sheet_names)
        if sheet and sheet not in names:
            raise DataError(f"there is no sheet {sheet!r}", source=path, hint=nearest(sheet, names))
        rows = book.get_sheet_by_name(sheet or names[0]).to_python()
    except (CalamineError, OSError) as error:
        raise DataError(f"cannot be read as a workbook: {error}", source=path) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of the reader, which is written in Rust
            raise
        raise DataError("cannot be read as a workbook", source=path, hint="save the sheet as CSV") from None
    return _table(path, rows)


def _table(path: Path, rows: list[list[Any]]) -> tuple[Any, tuple[ReadingNote, ...]]:
    import pyarrow as pa

    while rows and not any(map(_is_filled, rows[0])):
        rows = rows[1:]
    kept = [row for row in rows if any(map(_is_filled, row))]
    n_blank, rows = len(rows) - len(kept), kept
    header = [str(cell).strip() for cell in rows[0]] if rows else []
    while header and not header[-1] and not any(_is_filled(row[len(header) - 1]) for row in rows):
        header.pop()
        rows = [row[: len(header)] for row in rows]
    if not header or "" in header or len(set(header)) < len(header):
        raise DataError(
            f"the sheet's first row must give every column a name of its own; got {header}", source=path
        )
    columns = zip(*rows[1:], strict=True) if len(rows) > 1 else [() for _ in header]
    table = pa.table({name: _array(list(values)) for name, values in zip(header, columns, strict=True)})
    return table, ((_blank_note(n_blank),) if n_blank else ())


def _is_filled(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _blank_note(n: int) -> ReadingNote:
    return ReadingNote(
        "blank_rows",
        "",
        n,
        "{rows} of the sheet without any value: left out",
        "Nothing is to be done where they are only formatted.",
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
