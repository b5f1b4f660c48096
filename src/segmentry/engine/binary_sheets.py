"""The records of a sheet of an .xlsb workbook, as [MS-XLSB] describes them: how far its cells reach."""

from __future__ import annotations

from typing import IO

_ROW, _LAST_CELL = 0, 11
"""Kinds of records: 0 begins a row, 1 to 11 are cells. Each begins with the number of its row, or its column, of 4 bytes."""
_NUMBER = 4


def last_cell(stream: IO[bytes]) -> tuple[int, int]:
    """Return the last row and the last column of the cells of a sheet; zeros where there are none, or no records."""
    content = stream.read()
    last_row = last_column = place = 0
    while place < len(content):
        kind, place = _number(content, place, 2)
        size, place = _number(content, place, 4)
        if kind <= _LAST_CELL:
            number = int.from_bytes(content[place : place + _NUMBER], "little") + 1
            if kind == _ROW:
                last_row = max(last_row, number)
            else:
                last_column = max(last_column, number)
        place += size
    return last_row, last_column


def _number(content: bytes, place: int, most: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and the place behind it."""
    number = 0
    for i in range(most):
        byte = content[place] if place < len(content) else 0
        number |= (byte & 0x7F) << 7 * i
        place += 1
        if byte < 0x80:
            break
    return number, place
