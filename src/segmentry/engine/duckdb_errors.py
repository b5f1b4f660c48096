"""What DuckDB says of a file that it cannot read, as a sentence with line, value and next step."""

from __future__ import annotations

import re

from segmentry.engine.values_in_errors import without_values
from segmentry.errors import DataError

_REFUSED = re.compile(r'Cannot access (?:file|directory) "(.*?)" - file system operations are disabled')
_LINE = re.compile(r"CSV Error on Line: (\d+)")
_VALUE = re.compile(r'converting column "(.*?)"\. Could not convert string "(.*?)" to \'?(\w+)', re.DOTALL)
_COUNT = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")
_LONGEST = 40
"""Largest number of characters of a value in a message: more may be a whole row."""
_OF_VALUES = (
    "ConversionException",
    "InvalidInputException",
    "OutOfRangeException",
    "ConstraintException",
    "NotImplementedException",
)
"""Errors that come while rows are read: what they quote, and their numbers, are customers' values."""
_OF_A_FILE = re.compile(
    r"""Failed\ to\ read\ (?:Parquet\ )?file\ "[^"\n]*"
        (?::\ schema\ mismatch\ in\ glob:\ column\ "[^\n]*"\ was\ read\ from\ [^\n]*,\ but\ could\ not\ be\ found\ in\ file\ "[^"\n]*")?
      | File\ '[^\n]*'\ too\ small\ to\ be\ a\ Parquet\ file
      | No\ magic\ bytes\ found\ at\ end\ of\ file\ '[^\n]*'
      | (?:Malformed\ JSON|JSON\ transform\ error)\ in\ file\ "[^"\n]*",\ (?:at\ byte\ \d+\ )?in\ [a-z/]+\ \d+
      | Error\ while\ reading\ file\ "[^"\n]*":\ failed\ to\ cast\ column\ "[^"\n]*"\ from\ type\ \w+\ to\ \w+""",
    re.VERBOSE,
)
"""Beginnings of such errors that name a file, a column or a line, and quote nothing of a row."""
_CALLED = {
    "BIGINT": "a whole number", "HUGEINT": "a whole number", "DOUBLE": "a number", "BOOLEAN": "true or false", "DATE": "a date",
    "TIMESTAMP": "a date and time", "TIME": "a time of day",
}  # fmt: skip


def first_line(error: Exception) -> str:
    """Return DuckDB's message without the error's type, position, hints for authors of SQL, and customers' values.

    >>> import duckdb
    >>> first_line(duckdb.ConversionException('Conversion Error: Could not parse string "Ada, 36" according to "%d"'))
    'Could not parse string …'
    """
    text = re.sub(r"^[A-Za-z /-]*Error:\s*", "", str(error)).split("\nLINE ")[0]
    column = re.search(r"when casting from source column [^\n]*$", text)
    if type(error).__name__ in _OF_VALUES:
        of_file = _OF_A_FILE.match(text)
        kept = of_file[0] if of_file else ""
        text = kept + without_values(text[len(kept) :])
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    further = [part for part in lines[1:] if part.startswith("Column")]
    first = lines[0].rstrip(".") if lines else "no message"
    told = [column[0]] if column is not None and column[0] not in first else []
    return " ".join([first, *told, *further[:1]])


def explain_file_error(error: Exception, source: str) -> DataError | None:
    """Make the sentence about a delimited file; None of an error that is not about one."""
    text = str(error)
    refused = _REFUSED.search(text)
    if refused is not None:
        return DataError(
            f"a query or view reaches for {refused[1]!r}, which was not named",
            source=source,
            hint="make a table of the view; or, where you trust the recipe, add --trust-recipe; see docs/safety.md",
        )
    if "sniffing file" in text:
        return DataError(
            "neither the delimiter nor the number of columns can be told from its lines",
            source=source,
            hint="`segmentry audit` counts and shows lines with more or fewer fields than the others: correct these; or say delimiter "
            "and encoding under [source] of the recipe",
        )
    line = _LINE.search(text)
    if line is None:
        return None
    where = f"line {int(line[1]):,}"
    value = _VALUE.search(text)
    if value is not None:
        called = _CALLED.get(value[3], f"of type {value[3]}")
        return DataError(
            f"column {value[1]!r} holds {value[2][:_LONGEST]!r} in {where}, which is not {called} as the values before",
            source=source,
            hint="`segmentry audit` counts such lines; correct or empty the value, or save the table as Parquet with the column as text",
        )
    counted = _COUNT.search(text)
    if counted is not None:
        return DataError(
            f"{where} has {int(counted[2]):,} fields where the others have {int(counted[1]):,}",
            source=source,
            hint="`segmentry audit` counts and shows such lines; correct them, or put quotation marks around texts with delimiters",
        )
    return DataError(
        f"{where} cannot be read",
        source=source,
        hint="correct the line, or save the table anew as CSV or Parquet",
    )
