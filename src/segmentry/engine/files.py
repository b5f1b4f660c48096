"""Files as tables: which reader a path needs, and how its text is encoded."""

from __future__ import annotations

import codecs
import difflib
import glob
import gzip
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from segmentry.engine.base import Engine
from segmentry.errors import DataError

DELIMITED = (".csv", ".tsv", ".txt", ".tab", ".csv.gz", ".tsv.gz", ".txt.gz")
PARQUET = (".parquet", ".pq")
JSON = (".json", ".ndjson", ".jsonl", ".json.gz")
_DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_BYTES = 8_000_000
_LONGEST_HEADER = 100_000
_WHOLE_FILE_TYPES = 64_000_000
"""Largest size in bytes of delimited files whose column types are found from all rows."""


@dataclass(frozen=True)
class ReadOptions:
    """Options for delimited files that a recipe gives; None where DuckDB detects them."""

    delimiter: str | None = None
    encoding: str | None = None
    header: bool | None = None


def file_table(path: str, options: ReadOptions) -> exp.Expr:
    """Return the FROM item that reads a file, a folder of Parquet files, or a glob.

    Raises
    ------
    DataError
        No such file, an empty file, or a kind of file that is not read.
    """
    files = _found(path)
    suffix = _suffix(files[0])
    names: list[exp.Expr] = [exp.Literal.string(glob.escape(str(f))) for f in files]
    if suffix in PARQUET:
        return exp.Table(this=exp.ReadParquet(expressions=[_one_or_list(names)]))
    if suffix in JSON:
        return exp.Table(this=exp.Anonymous(this="read_json", expressions=[_one_or_list(names)]))
    return exp.Table(this=exp.ReadCSV(this=_one_or_list(names), expressions=_csv_options(files, options)))


def is_unsplit(columns: Sequence[str]) -> bool:
    """Whether a delimited file was read as one column, because its lines have different numbers of fields."""
    return len(columns) == 1 and any(delimiter in columns[0] for delimiter in _DELIMITERS)


def check_fields(engine: Engine, columns: Sequence[str]) -> None:
    """Refuse a delimited file that was read as one column, because its lines do not fit together.

    Raises
    ------
    DataError
        Its only column holds whole lines.
    """
    if is_unsplit(columns) and engine.tables["data"].find(exp.ReadCSV):
        raise DataError(
            f"read as one column, {columns[0][:80]!r}: lines with more or fewer fields than the "
            "first keep it from being split",
            source=engine.name,
            hint="`segmentry audit` counts and shows them",
        )


def _found(path: str) -> list[Path]:
    given = Path(path)
    if given.is_dir():
        found = sorted(given.glob("**/*.parquet"))
        missing = "has no .parquet files"
    elif given.is_file():
        found, missing = [given], ""
    else:
        found = sorted(Path(p) for p in glob.glob(path, recursive=True))  # noqa: PTH207 - a whole pattern
        missing = "matches no file" if glob.has_magic(path) else "no such file"
    if not found:
        raise DataError(missing, source=path, hint=_hint(given))
    for file in found:
        if _suffix(file) not in (*DELIMITED, *PARQUET, *JSON):
            known = ", ".join((*DELIMITED, *PARQUET, *JSON))
            raise DataError("cannot read this kind of file", source=file, hint=f"known: {known}")
        if file.stat().st_size == 0:
            raise DataError("the file is empty", source=file)
    return found


def _hint(path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no folder {str(path.parent)!r} either"
    names = {p.stem.casefold(): p.name for p in path.parent.iterdir() if p.is_file()}
    close = difflib.get_close_matches(path.stem.casefold(), list(names), n=1, cutoff=0.6)
    return f"did you mean {names[close[0]]!r}?" if close else ""


def _suffix(path: Path) -> str:
    suffixes = "".join(path.suffixes[-2:]).lower()
    return suffixes if suffixes in (*DELIMITED, *JSON) else path.suffix.lower()


def _one_or_list(names: list[exp.Expr]) -> exp.Expr:
    return names[0] if len(names) == 1 else exp.Array(expressions=names)


def _csv_options(files: Sequence[Path], options: ReadOptions) -> list[exp.Expr]:
    encoding = _spelled(options.encoding) if options.encoding else _encoding(files[0])
    chosen: dict[str, object] = {}
    if options.delimiter is not None:
        chosen["delim"] = options.delimiter
    if options.header is not None:
        chosen["header"] = options.header
    elif all(_is_one_line(f, encoding) for f in files):
        chosen["header"] = True  # a lone line would be taken for a row
    if encoding != "utf-8":
        chosen["encoding"] = encoding
    if sum(f.stat().st_size for f in files) <= _WHOLE_FILE_TYPES:
        chosen["sample_size"] = -1
    return [exp.EQ(this=exp.column(key), expression=exp.convert(value)) for key, value in chosen.items()]


def _spelled(encoding: str) -> str:
    """Return the encoding as DuckDB spells it, if it is one of the three that DuckDB reads without an extension."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return encoding
    return {"utf-8-sig": "utf-8", "iso8859-1": "latin-1"}.get(name, name)


def _is_one_line(file: Path, encoding: str) -> bool:
    if file.suffix == ".gz" or file.stat().st_size > _LONGEST_HEADER:
        return False
    try:
        lines = file.read_bytes().decode(encoding, errors="replace").splitlines()
    except LookupError:
        return False
    return sum(bool(line.strip()) for line in lines) == 1


def _encoding(file: Path) -> str:
    """Detect the encoding: utf-8, utf-16 (by its byte order mark), or latin-1 where the bytes are not UTF-8.

    Raises
    ------
    DataError
        The file is not text, or its encoding is not supported.
    """
    head = _head(file)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head:
        raise DataError(
            "not a text file (it holds zero bytes)",
            source=file,
            hint="give it the ending of its kind; UTF-16 needs a byte order mark",
        )
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return _eight_bits(file, head)
    return "utf-8"


def _eight_bits(file: Path, head: bytes) -> str:
    """Return latin-1; refuse bytes that stand for no letter in it."""
    foreign = re.search(rb"[\x80-\x9f]", head)
    if foreign is None:
        return "latin-1"
    line = head.count(b"\n", 0, foreign.start()) + 1
    raise DataError(
        f"neither UTF-8 nor Latin-1 (byte 0x{foreign.group().hex()} in line {line:,}), probably Windows-1252",
        source=file,
        hint="save it as UTF-8, for example with iconv -f windows-1252 -t utf-8",
    )


def _head(file: Path) -> bytes:
    """Read the first bytes of a file, unpacked."""
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            return stream.read(_SNIFFED_BYTES)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise DataError("not a gzip file, or only a part of one", source=file) from None
    except OSError as error:
        raise DataError(str(error.strerror), source=file) from None
