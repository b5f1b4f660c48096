"""Files as tables: which reader a path needs, and how its text is encoded."""

from __future__ import annotations

import difflib
import glob
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sqlglot import exp

from segmentry.engine.base import Engine
from segmentry.engine.limits import check_packed
from segmentry.engine.survey import SURVEYS
from segmentry.errors import DataError

DELIMITED = (".csv", ".tsv", ".txt", ".tab", ".csv.gz", ".tsv.gz", ".txt.gz")
PARQUET = (".parquet", ".pq")
JSON = (".json", ".ndjson", ".jsonl", ".json.gz")
MOST_OTHERS = 500_000
"""Folders and other files that are gone through in search of Parquet files: some seconds."""
_DELIMITERS = (",", ";", "\t", "|")


def columnar_table(files: Sequence[Path]) -> exp.Expr | None:
    """Return the item after FROM that reads Parquet or JSON files; None of delimited files."""
    suffix = _suffix(files[0])
    names: list[exp.Expr] = [exp.Literal.string(glob.escape(str(f))) for f in files]
    these = names[0] if len(names) == 1 else exp.Array(expressions=names)
    if suffix in PARQUET:
        return exp.Table(this=exp.ReadParquet(expressions=[these]))
    if suffix in JSON:
        return exp.Table(this=exp.Anonymous(this="read_json", expressions=[these]))
    return None


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


def files_of(path: str) -> list[Path]:
    """Return the files of a path, a folder of Parquet files, or a glob.

    Raises
    ------
    DataError
        No such file, an empty file, or a kind of file that is not read.
    """
    given = Path(path)
    _check_name(given)
    if given.is_dir():
        found = _parquet_files(given)
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
            known = ", ".join((*DELIMITED, *PARQUET, *JSON, *SURVEYS))
            raise DataError("cannot read this kind of file", source=file, hint=f"known: {known}")
        if _size_of(file) == 0:
            raise DataError("the file is empty", source=file)
        if file.suffix.lower() == ".gz":
            check_packed(file)
    return found


def _size_of(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:  # it went away since it was found, or is a link to nothing
        raise DataError(f"cannot be read: {error.strerror}", source=file) from None


def _parquet_files(folder: Path) -> list[Path]:
    """Return the Parquet files below a folder; one with very much else in it, such as a whole disk, is refused after seconds."""
    found, n_others = list[Path](), 0
    for place, folders, names in os.walk(folder):  # what may not be looked into is left out
        own = [Path(place, name) for name in names if name.endswith(".parquet")]
        found += own
        n_others += len(folders) + len(names) - len(own)
        if n_others > MOST_OTHERS:
            raise DataError(
                f"holds more than {MOST_OTHERS:,} folders and other files",
                source=folder,
                hint="give the folder that holds the files of the table alone",
            )
    return sorted(found)


def _check_name(path: Path) -> None:
    """Refuse a name that no file can have, and one in a folder that may not be looked into."""
    try:
        path.is_dir()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", source=path) from None
    if "\0" in str(path):
        raise DataError("no such file: its name holds a zero character", source=path)


def _hint(path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no folder {str(path.parent)!r} either"
    names: dict[str, str] = {}
    with suppress(OSError):  # the folder may be closed to us
        for p in path.parent.iterdir():
            with suppress(OSError):  # and so may be where a link leads
                names |= {p.stem.casefold(): p.name} if p.is_file() else {}
    close = difflib.get_close_matches(path.stem.casefold(), list(names), n=1, cutoff=0.6)
    return f"did you mean {names[close[0]]!r}?" if close else ""


def _suffix(path: Path) -> str:
    suffixes = "".join(path.suffixes[-2:]).lower()
    return suffixes if suffixes in (*DELIMITED, *JSON) else path.suffix.lower()
