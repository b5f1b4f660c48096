"""Files that are small and would become enormous: refused before they are read."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from segmentry.engine.binary_sheets import last_cell
from segmentry.errors import DataError

MAX_COLUMNS = 10_000
MAX_CELLS = 50_000_000
"""Largest number of cells of a sheet, from its first row and column to its last."""
MAX_UNPACKED = 1_000_000_000
_DENSE = 100
"""How many times their size files unpack to that are packed as nobody's customers are; tables come to 3 to 30."""
_MOST_DENSE = 1_032
"""No packed file holds more than so many times its size."""
_PIECE = 4_000_000
_OVERLAP = 64
_LINE_OF_NAMES = 4_000_000


def check_packed(file: Path) -> None:
    """Refuse a gzip file that unpacks to gigabytes out of next to nothing.

    Raises
    ------
    DataError
        It does; the text says how much.
    """
    n_packed = file.stat().st_size
    if n_packed * _MOST_DENSE <= MAX_UNPACKED or not _looks_dense(file, n_packed):
        return
    n_bytes = 0
    try:
        with gzip.open(file) as stream:
            while piece := stream.read(_PIECE):
                n_bytes += len(piece)
                if n_bytes > MAX_UNPACKED:
                    break
    except (OSError, EOFError, zlib.error):
        return  # whoever reads it says what is wrong
    if n_bytes > min(MAX_UNPACKED, _DENSE * n_packed):
        raise DataError(
            f"{n_packed:,} bytes unpack to more than {MAX_UNPACKED:,}, which tables of customers do not",
            source=file,
            hint="unpack it, and look what it holds",
        )


def _looks_dense(file: Path, n_packed: int) -> bool:
    """Whether the beginning of a file, or the size that its end tells, is far above its packed size."""
    unpacking = zlib.decompressobj(wbits=31)
    with file.open("rb") as stream:
        head = stream.read(100_000)
        stream.seek(-4, 2)
        told = int.from_bytes(stream.read(4), "little")
    try:
        n_head = len(unpacking.decompress(head, _DENSE * len(head)))
    except zlib.error:
        return False
    return n_head >= _DENSE * len(head) or told > _DENSE * n_packed


def check_n_columns(n: int, source: object) -> None:
    """Refuse a table with more columns than queries can name.

    Raises
    ------
    DataError
        It has.
    """
    if n > MAX_COLUMNS:
        raise DataError(
            f"{n:,} columns; {MAX_COLUMNS:,} are the most",
            source=source,
            hint="keep those that say something of a customer",
        )


def check_cells(file: Path, n_cells: int) -> None:
    """Refuse a statistics file that says it holds far more numbers than fit into its size.

    Raises
    ------
    DataError
        It says so.
    """
    if 8 * n_cells > most_bytes(file):
        raise DataError(
            f"{file.stat().st_size:,} bytes are said to hold {n_cells:,} values, which no table of customers does",
            source=file,
        )


def most_bytes(file: Path) -> int:
    """Return how many bytes of values a statistics file may hold, by its size."""
    return max(MAX_UNPACKED, _DENSE * file.stat().st_size)


def n_named(head: bytes) -> int:
    """Return how many columns the first line of a delimited file names at most."""
    line = head[:_LINE_OF_NAMES].partition(b"\n")[0]
    return 1 + max(line.count(mark) for mark in (b",", b";", b"\t", b"|"))


def n_columns(parquet: Path) -> int:
    """Return how many columns a Parquet file has; 0 where it is none, which its reader says."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.ParquetFile(parquet).metadata.num_columns)
    except (pa.ArrowException, OSError):
        return 0


def check_workbook(file: Path) -> None:
    """Refuse a workbook whose sheets reach from their first to a far last cell, or unpack to gigabytes.

    The reader makes room for every cell between, and ends the whole process where there is none.

    Raises
    ------
    DataError
        A sheet has too many cells, or the file is packed too densely.
    """
    if not zipfile.is_zipfile(file):
        return
    try:
        _check_packed_sheets(file)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:  # damaged, or encrypted
        raise DataError(f"cannot be read as a workbook: {error}", source=file) from None


def _check_packed_sheets(file: Path) -> None:
    with zipfile.ZipFile(file) as packed:
        members = packed.infolist()
        n_bytes = sum(member.file_size for member in members)
        if n_bytes > MAX_UNPACKED and n_bytes > _DENSE * file.stat().st_size:
            raise DataError(f"unpacks to {n_bytes:,} bytes", source=file, hint="save the sheet as CSV")
        for member in members:
            if member.filename.endswith(".xml"):
                with packed.open(member) as stream:
                    _check_sheet(stream, file)
            elif re.search(r"worksheets/[^/]*\.bin$", member.filename):
                with packed.open(member) as stream:
                    _check_room(*last_cell(stream), file)


def _check_sheet(stream: IO[bytes], file: Path) -> None:
    """Look for far cells of a sheet, by their names, and for repeated ones."""
    last_row = last_column = n_repeated = 0
    for piece in _pieces(stream):
        rows = re.findall(rb'<row[^>]{0,60}? r="(\d{1,9})"', piece)
        far = re.findall(rb'<c[^>]{0,40}? r="([A-Z]{1,3})\d{1,9}"', piece) if _has_far_cells(piece) else []
        last_row = max([last_row, *map(int, rows)])
        last_column = max([last_column, *map(_number, set(far))])
        repeated = re.findall(rb'number-(?:rows|columns)-repeated="(\d{1,12})"[^>]*>\s*<[^/]', piece)
        n_repeated = max([n_repeated, *map(int, repeated)])
    _check_room(last_row if n_repeated <= MAX_CELLS else n_repeated, max(last_column, 26), file)


def _check_room(last_row: int, last_column: int, file: Path) -> None:
    if last_row * last_column > MAX_CELLS:
        raise DataError(
            f"a sheet reaches to row {last_row:,} and column {last_column:,}: more than {MAX_CELLS:,} cells",
            source=file,
            hint="remove what stands far from the table, or save the table as CSV",
        )


def _has_far_cells(piece: bytes) -> bool:
    """Whether any cell stands right of column Z, which is quick to see."""
    return re.search(rb' r="[A-Z]{2}', piece) is not None


def _number(letters: bytes) -> int:
    r"""The number of a column.

    >>> _number(b"A"), _number(b"AA"), _number(b"XFD")
    (1, 27, 16384)
    """
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    before = b""
    while piece := stream.read(_PIECE):
        yield before + piece
        before = piece[-_OVERLAP:]
