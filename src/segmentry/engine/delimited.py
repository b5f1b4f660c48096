"""Delimited files: encoding, line ends, the header below title rows, and the columns that need a reading of their own."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlglot import exp

from segmentry.engine.column_readings import ColumnReading, Rows, as_text, find_readings, read_as
from segmentry.engine.encodings import NATIVE, SNIFFED_BYTES, encoding_of, head_of, sample_of, spelled
from segmentry.engine.limits import check_n_columns, n_named
from segmentry.engine.notes import ReadingNote
from segmentry.engine.titles import LeftOut, above_names, is_uneven, left_out
from segmentry.engine.totals import MOST_TOTALS, ends_in_totals, says_total, totals_note, without_totals
from segmentry.errors import DataError
from segmentry.sql.audit.texts import MISSING_WORDS

_LONGEST_HEADER = 100_000
_SMALL = 64_000_000
"""Largest size in bytes of delimited files whose column types are found from all rows, and which are read once and kept."""
_LOOKED_AT = 1_000_000
"""First bytes that are searched for such fields."""
_WORDS = b"|".join(re.escape(word.encode()) for word in MISSING_WORDS if word)
_FIELD = re.compile(
    rb"(?:^|[,;\t|\"])(?:[0-9]{16,}|0[0-9]{3,}|[+-]?[0-9]{1,3}(?:[.][0-9]{3})+|[+-]?inf(?:inity)?|[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}"
    rb"[^,;\t|\"\r\n]*|(?:[0-9]{1,2}[ /-][a-z]{3,9}[ /-]|[a-z]{3,9} [0-9]{1,2}, )[0-9]{2,4}[^,;\t|\"\r\n]*|"
    + _WORDS
    + rb")(?=[,;\t|\"\r\n]|$)",
    re.MULTILINE | re.IGNORECASE,
)
"""Fields of columns that may have to be read otherwise than DuckDB reads them."""
_COPIED_LETTERS = 4_000_000


@dataclass(frozen=True)
class ReadOptions:
    """Options for delimited files that a recipe gives; None where they are detected.

    Attributes
    ----------
    delimiter, encoding, header
        How the file is written.
    dates
        Formats of the columns of dates, as strptime writes them.
    thousands
        Columns in which points separate thousands.
    texts
        Columns that are text, whatever their values look like.
    """

    delimiter: str | None = None
    encoding: str | None = None
    header: bool | None = None
    dates: Mapping[str, str] = field(default_factory=dict)
    thousands: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class DelimitedFile:
    """How delimited files are read.

    Attributes
    ----------
    item
        Item after FROM.
    origin
        The same of the user's own files, where `item` reads a copy of them.
    notes
        What has to be known of the reading.
    dates
        Formats of the dates by column, as far as they are sure.
    thousands
        Columns in which points separate thousands.
    is_small
        Whether the files are read once, and kept: every query would find out again what the columns are, and read all of them.
    """

    item: exp.Expr
    origin: exp.Expr
    notes: tuple[ReadingNote, ...] = ()
    dates: Mapping[str, str] = field(default_factory=dict)
    thousands: tuple[str, ...] = ()
    is_small: bool = False


def read_delimited(files: Sequence[Path], options: ReadOptions, rows: Rows, folder: Path) -> DelimitedFile:
    """Find out how delimited files are read.

    Parameters
    ----------
    files
        Files of one kind; the first decides about letters, line ends and title rows.
    options
        What is known of them.
    rows
        Function that runs a query.
    folder
        Empty folder for a copy, which is made of files that DuckDB does not read as they are.

    Raises
    ------
    DataError
        The files are no text, or their encoding is neither told nor known.
    """
    head = head_of(files[0])
    check_n_columns(n_named(head), files[0])
    is_small = sum(f.stat().st_size for f in files) <= _SMALL
    encoding = spelled(options.encoding) if options.encoding else encoding_of(files[0], head)
    notes = [] if options.encoding or encoding in ("utf-8", "utf-16") else [_encoding_note(head, encoding)]
    settings = _settings(files, options, encoding)
    copies: list[Path] = []
    if encoding in NATIVE and not _has_mixed_line_ends(head):
        item = origin = _reader(files, settings)
    else:
        origin = _reader(files, settings)
        copies = [_copied(file, encoding, folder / f"{i}.csv") for i, file in enumerate(files)]
        item = _reader(copies, _without_encoding(settings))
    read, own = (files, settings) if item is origin else (copies, _without_encoding(settings))
    lines = left_out(rows, _reader(read[:1], own)) if is_uneven(head) else LeftOut()
    has_totals = ends_in_totals(files, encoding)
    if not lines.n_lines and not has_totals and not _may_be_misread(head, options):
        return DelimitedFile(item, origin, tuple(notes), is_small=is_small)
    if sum(f.stat().st_size for f in files) > SNIFFED_BYTES:
        own = {**own}
        own.pop("sample_size", None)  # the first rows say what to ask of all rows
    probe = _reader(read, own)
    types = _types(rows, probe)
    if options.header is None:
        above = above_names(types, head.decode(encoding, errors="replace"), lines, files[0])
        notes += [] if above.note is None else [above.note]
        if above.settings:
            item, origin, probe = (_with(one, above.settings) for one in (item, origin, probe))
            types = _types(rows, probe)
    n_most = MOST_TOTALS * len(files)
    if has_totals and types and 0 < (n := _n_totals(rows, probe, next(iter(types)))) <= n_most:
        item, origin, probe = (without_totals(one, next(iter(types))) for one in (item, origin, probe))
        notes.append(totals_note(n))
    readings = _readings(rows, probe, types, options)
    notes += [reading.note for reading in readings if reading.note is not None]
    return DelimitedFile(
        read_as(item, readings),
        read_as(origin, readings),
        tuple(notes),
        {r.column: r.dates for r in readings if r.dates is not None},
        tuple(r.column for r in readings if r.thousands),
        is_small,
    )


def _readings(
    rows: Rows, item: exp.Expr, types: Mapping[str, str], options: ReadOptions
) -> list[ColumnReading]:
    texts = [name for name in options.texts if types.get(name, "VARCHAR") != "VARCHAR"]
    left = {name: kind for name, kind in types.items() if name not in options.texts}
    try:
        found = find_readings(rows, item, left, options.dates, options.thousands)
    except DataError:  # the file cannot be read at all: whoever asks it for something says why
        found = []
    return [*(ColumnReading(name, None) for name in texts), *found]


def _n_totals(rows: Rows, item: exp.Expr, first: str) -> int:
    """How many rows say by their first column that they sum up; none where it cannot be asked."""
    query = exp.select(exp.Count(this=exp.Star())).from_(as_text(item, [first])).where(says_total(first))
    try:
        return int(rows(query.sql("duckdb"))[0][0])
    except DataError:
        return 0


def _types(rows: Rows, item: exp.Expr) -> dict[str, str]:
    """DuckDB's types by column; none where it cannot read the file."""
    try:
        described = rows(f"DESCRIBE {exp.select('*').from_(item.copy()).sql('duckdb')}")
    except DataError:
        return {}
    return {row[0]: row[1].split("(")[0] for row in described}


def _may_be_misread(head: bytes, options: ReadOptions) -> bool:
    """Whether the first lines hold a field, or lack one, that makes it worth while to ask for the columns."""
    if options.dates or options.thousands or options.texts or _FIELD.search(head, 0, _LOOKED_AT):
        return True
    first, _, rest = head.partition(b"\n")
    second = rest.partition(b"\n")[0]
    return any(
        first.count(mark) != second.count(mark) or mark + mark in first + mark
        for mark in (b",", b";", b"\t", b"|")
    )


def _without_encoding(settings: Mapping[str, object]) -> dict[str, object]:
    """The settings for copies, which are in UTF-8."""
    return {key: value for key, value in settings.items() if key != "encoding"}


def _reader(files: Sequence[Path], settings: Mapping[str, object]) -> exp.Expr:
    import glob

    names: list[exp.Expr] = [exp.Literal.string(glob.escape(str(f))) for f in files]
    these = names[0] if len(names) == 1 else exp.Array(expressions=names)
    return _with(exp.Table(this=exp.ReadCSV(this=these, expressions=[])), settings)


def _with(item: exp.Expr, settings: Mapping[str, object]) -> exp.Expr:
    made = item.copy()
    reader = made.find(exp.ReadCSV)
    assert reader is not None  # noqa: S101 - for the type checker
    for key, value in settings.items():
        reader.append("expressions", exp.EQ(this=exp.column(key), expression=exp.convert(value)))
    return made


def _settings(files: Sequence[Path], options: ReadOptions, encoding: str) -> dict[str, object]:
    chosen: dict[str, object] = {}
    if options.delimiter is not None:
        chosen["delim"] = options.delimiter
    if options.header is not None:
        chosen["header"] = options.header
    elif all(_is_one_line(f, encoding) for f in files):
        chosen["header"] = True  # a lone line would be taken for a row
    if encoding != "utf-8":
        chosen["encoding"] = encoding
    if sum(f.stat().st_size for f in files) <= _SMALL:
        chosen["sample_size"] = -1
    return chosen


def _is_one_line(file: Path, encoding: str) -> bool:
    if file.suffix == ".gz" or file.stat().st_size > _LONGEST_HEADER:
        return False
    lines = file.read_bytes().decode(encoding, errors="replace").splitlines()
    return sum(bool(line.strip()) for line in lines) == 1


def _has_mixed_line_ends(head: bytes) -> bool:
    """Whether some lines end in CR LF and others in LF, outside quotation marks."""
    if not (b"\r\n" in head and re.search(rb"(?<!\r)\n", head)):
        return False
    bare = re.sub(rb'"[^"]*"', b"", head)
    return b"\r\n" in bare and re.search(rb"(?<!\r)\n", bare) is not None


def _copied(file: Path, encoding: str, path: Path) -> Path:
    """Copy a file into UTF-8, each line ending in LF."""
    with (
        gzip.open(file) if file.suffix == ".gz" else file.open("rb") as packed,
        io.TextIOWrapper(packed, encoding=encoding) as text,
        path.open("w", encoding="utf-8", newline="\n") as copy,
    ):
        try:
            for part in iter(lambda: text.read(_COPIED_LETTERS), ""):
                copy.write(part)
        except UnicodeError:
            raise DataError(
                f"not {encoding}: it holds bytes that are no letters there",
                source=file,
                hint='say another: --encoding NAME, or encoding = "NAME" under [source] of the recipe',
            ) from None
    return path


def _encoding_note(head: bytes, encoding: str) -> ReadingNote:
    sample = sample_of(head, encoding)
    return ReadingNote(
        "encoding",
        "",
        0,
        f"The file is not UTF-8; read as {encoding}" + (f", such as {sample!r}" if sample else ""),
        'If these letters are wrong, say the encoding: --encoding NAME, or encoding = "NAME" under [source] of the recipe.',
    )
