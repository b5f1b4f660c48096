"""Files of SPSS, Stata and SAS, handed over as Arrow with the labels that they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from segmentry.engine.codebook import Codebook
from segmentry.engine.limits import check_cells
from segmentry.engine.notes import ReadingNote
from segmentry.errors import DataError

_READERS = {
    ".sav": "read_sav", ".zsav": "read_sav", ".dta": "read_dta", ".por": "read_por", ".sas7bdat": "read_sas7bdat",
}  # fmt: skip
SURVEYS = tuple(_READERS)
_WITHOUT_ENCODING = (".por",)
LARGEST_WHOLE = 2**53
_NAMED_CODES = 5


@dataclass(frozen=True)
class SurveyFile:
    """A statistics file as a pyarrow.Table, what was noted when it was read, and its labels."""

    table: Any
    notes: tuple[ReadingNote, ...]
    codebook: Codebook


@dataclass(frozen=True)
class _Column:
    """A column of codes.

    Attributes
    ----------
    codes
        Values as pandas Series; what the file declares missing is missing.
    labels
        Labels of values by their codes, in the order of the codes.
    declared
        Rows by the code that the file declares missing.
    said
        Labels of these codes.
    """

    name: str
    codes: Any
    labels: Mapping[Any, str]
    declared: Mapping[Any, int]
    said: Mapping[Any, str]

    @property
    def is_labelled(self) -> bool:
        """Whether every value has a label, so that the labels are the values."""
        return bool(self.labels) and bool(self.codes.dropna().isin(list(self.labels)).all())


def read_survey(path: Path, encoding: str | None = None) -> SurveyFile:
    """Read a file of SPSS (.sav, .zsav, .por), Stata (.dta) or SAS (.sas7bdat).

    Values with labels become these labels, codes that the file declares missing are missing and counted, and sets of tick-boxes
    are true and false.

    Raises
    ------
    DataError
        pyreadstat is not installed, or the file cannot be read.
    """
    frame, meta = _read(path, encoding)
    columns = {str(name): _column(str(name), frame[name], meta) for name in frame.columns}
    boxes = dict(_tick_boxes(columns, meta))
    ticked = {name: values for made in boxes.values() for name, values in made.items()}
    labels = {
        c: str(text).strip() for c, text in meta.column_names_to_labels.items() if str(text or "").strip()
    }
    levels = {
        name: tuple(c.labels.values()) for name, c in columns.items() if c.is_labelled and name not in ticked
    }
    measures = meta.variable_measure or {}
    notes = [note for c in columns.values() for note in _notes(c, is_ticked=c.name in ticked)]
    notes += [_boxes_note(label, made) for label, made in boxes.items()]
    arrays = {name: ticked.get(name, _values(path, c)) for name, c in columns.items()}
    return SurveyFile(
        _table(path, arrays),
        tuple(notes),
        Codebook(
            labels,
            levels,
            frozenset(name for name in levels if measures.get(name) == "ordinal"),
            {label: tuple(made) for label, made in boxes.items()},
        ),
    )


def library() -> Any:
    """Return pyreadstat.

    Raises
    ------
    ImportError
        It is not installed.
    """
    import pyreadstat

    return pyreadstat


def check_library(path: Path) -> None:
    """Refuse a file where pyreadstat is not installed.

    Raises
    ------
    DataError
        It is not.
    """
    if find_spec("pyreadstat") is None:
        raise DataError("needs the extra `survey`: pip install 'segmentry[survey]'", source=path)


def _read(path: Path, encoding: str | None) -> tuple[Any, Any]:
    check_library(path)
    pyreadstat = library()
    read = getattr(pyreadstat, _READERS[path.suffix.lower()])
    given = {} if encoding is None or path.suffix.lower() in _WITHOUT_ENCODING else {"encoding": encoding}
    try:
        _, head = read(str(path), metadataonly=True, **given)
        check_cells(path, (head.number_rows or 0) * (head.number_columns or 0))
        declared = {} if path.suffix.lower() == ".por" else {"user_missing": True}
        return read(str(path), **declared, **given)
    except (DataError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever the reader makes of a damaged file
        said = " ".join(str(error).split()) or type(error).__name__
        if "encoding" in said or "character set" in said or isinstance(error, UnicodeError):
            raise DataError(
                f"its letters cannot be read: {said}",
                source=path,
                hint="say how they are written: --encoding windows-1252",
            ) from None
        raise DataError(
            f"cannot be read as a {path.suffix.lower()} file: {said}",
            source=path,
            hint="is it whole? save it again, or as .csv",
        ) from None


def _column(name: str, values: Any, meta: Any) -> _Column:
    """Split a column into its codes and those that the file declares missing."""
    labels = dict(
        sorted((meta.variable_value_labels.get(name) or {}).items(), key=lambda item: _order(item[0]))
    )
    is_declared = values.isin(meta.missing_user_values.get(name) or [])
    for span in meta.missing_ranges.get(name) or ():
        low, high = span["lo"], span["hi"]
        is_declared |= values.eq(low) if low == high else values.between(low, high)
    declared = values[is_declared].value_counts().to_dict()
    codes = values.mask(is_declared)
    if codes.dtype == object:
        codes = codes.infer_objects()
    said = {code: text for code, text in labels.items() if code in declared}
    kept = {code: text for code, text in labels.items() if not _is_declared(code, name, meta)}
    return _Column(name, codes, _distinct(kept), declared, said)


def _order(code: Any) -> tuple[bool, Any]:
    return (isinstance(code, str), code)


def _is_declared(code: Any, name: str, meta: Any) -> bool:
    if code in (meta.missing_user_values.get(name) or ()):
        return True
    spans = meta.missing_ranges.get(name) or ()
    return any(isinstance(code, type(span["lo"])) and span["lo"] <= code <= span["hi"] for span in spans)


def _distinct(labels: Mapping[Any, str]) -> dict[Any, str]:
    """Labels of which no two are alike: of those that are, each says its code."""
    texts = {code: " ".join(str(text).split()) or _plain(code) for code, text in labels.items()}
    known = list(texts.values())
    return {
        code: text if known.count(text) == 1 else f"{text} [{_plain(code)}]" for code, text in texts.items()
    }


def _plain(code: Any) -> str:
    return f"{code:g}" if isinstance(code, float) else str(code)


def _values(path: Path, column: _Column) -> Any:
    """A column as Arrow: labels as text (any number of letters), whole numbers as such, empty texts as missing."""
    import pyarrow as pa

    codes = column.codes
    if column.is_labelled:
        return pa.array(codes.map(column.labels).astype(object).where(codes.notna(), None), pa.large_string())
    if codes.dtype.kind == "f":
        present = codes.dropna()
        is_whole = bool((present % 1 == 0).all() and (present.abs() < LARGEST_WHOLE).all())
        return pa.array(codes.astype("Int64") if is_whole else codes, from_pandas=True)
    if codes.dtype.kind in "iubM":
        return pa.array(codes, from_pandas=True)
    if all(isinstance(value, str) for value in codes.dropna()):
        texts = codes.astype(object).map(str.strip, na_action="ignore")
        return pa.array(texts.where(texts.notna() & texts.ne(""), None), pa.large_string())
    try:
        return pa.array(codes.astype(object).where(codes.notna(), None))
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise DataError(f"{column.name} holds values of several types", source=path) from None


def _table(path: Path, arrays: Mapping[str, Any]) -> Any:
    import pyarrow as pa

    if not arrays:
        raise DataError("the file has no columns", source=path)
    return pa.table(dict(arrays))


def _tick_boxes(columns: Mapping[str, _Column], meta: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Sets in which each column is one answer: ticked or not, and missing for who ticked or left none."""
    import pandas as pd
    import pyarrow as pa

    for name, found in (meta.mr_sets or {}).items():
        members = [columns[c] for c in found["variable_list"] if c in columns]
        if not found["is_dichotomy"] or found["counted_value"] is None or len(members) < 2:
            continue
        codes = pd.DataFrame({c.name: c.codes for c in members})
        answered = codes.notna().any(axis=1)
        counted = found["counted_value"]
        yield (
            found["label"] or name,
            {
                c.name: pa.array(codes[c.name].eq(counted).astype(object).where(answered, None), pa.bool_())
                for c in members
            },
        )


def _boxes_note(label: str, boxes: Mapping[str, Any]) -> ReadingNote:
    n_unanswered = next(iter(boxes.values())).null_count
    return ReadingNote(
        "tick_boxes",
        next(iter(boxes)),
        n_unanswered,
        f"{len(boxes)} tick-boxes of one question ({label}) are read as yes and no; {{rows}} with no answer to any are missing",
        "Nothing is to be done.",
    )


def _notes(column: _Column, *, is_ticked: bool) -> Iterator[ReadingNote]:
    if column.declared:
        codes = sorted(column.declared, key=_order)
        named = ", ".join(
            f"{_plain(code)}{f' ({column.said[code]})' if code in column.said else ''}: {column.declared[code]:,}"
            for code in codes[:_NAMED_CODES]
        )
        more = f" and {len(codes) - _NAMED_CODES} more" if len(codes) > _NAMED_CODES else ""
        yield ReadingNote(
            "declared_missing",
            column.name,
            sum(column.declared.values()),
            f"{column.name}: {{rows}} hold a code that the file declares missing ({named}{more}), and are read as missing",
            "Where such an answer says something, declare it valid in the file.",
        )
    if column.labels and not (column.is_labelled or is_ticked):
        held = column.codes[column.codes.isin(list(column.labels))].value_counts()
        if len(held):
            named = ", ".join(
                f"{_plain(code)} ({column.labels[code]})" for code in list(held.index)[:_NAMED_CODES]
            )
            what = "text" if isinstance(held.index[0], str) else "number"
            yield ReadingNote(
                "labels_among_numbers",
                column.name,
                int(held.sum()),
                f"{column.name}: {{rows}} hold a {what} with a label among {what}s without one, such as {named}; all stay {what}s",
                "Where a label says that there is no answer, declare the code missing in the file, or replace it in [[clean]].",
            )
