"""The one place where errors become a line and an exit code: mistakes, and what the machine, its drivers and servers refuse."""

from __future__ import annotations

import errno
import re
import sqlite3
from dataclasses import dataclass

from segmentry.errors import SegmentryError, UnavailableError

MISTAKE, TRY_AGAIN = 2, 75
"""Exit codes: running again does not help; running again later may."""
_FOR_NOW = {
    errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EAGAIN, errno.EBUSY, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOLCK,
    errno.ETIMEDOUT, errno.ECONNREFUSED, errno.ECONNRESET, errno.ECONNABORTED, errno.ENETUNREACH, errno.EHOSTUNREACH,
    errno.EDEADLK, errno.ESTALE, errno.EFBIG,
}  # fmt: skip
_DRIVERS = ("pyarrow", "duckdb", "_duckdb", "adbc_driver_manager", "py4j", "pyspark", "sqlglot", "resvg")
_PANIC = "PanicException"
"""Error of libraries that are written in Rust; it is none of Python's usual ones."""
_TOO_DEEP = (
    "something given is nested too deeply, such as an expression of a recipe; write it with fewer brackets"
)
_NO_MEMORY = "the memory does not suffice; close other programs, or give a machine with more of it"


@dataclass(frozen=True)
class Failure:
    """The sentence about an error, and the exit code."""

    text: str
    code: int


def failure_of(error: BaseException) -> Failure | None:
    """Say what is wrong; None of a defect of segmentry, which is shown with its traceback."""
    if isinstance(error, SegmentryError):
        return Failure(str(error), TRY_AGAIN if isinstance(error, UnavailableError) else MISTAKE)
    if isinstance(error, OSError):
        return _of_the_system(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException":
        return Failure(_NO_MEMORY, TRY_AGAIN)
    said = _of_data(error)
    return None if said is None else Failure(said, MISTAKE)


def _of_the_system(error: OSError) -> Failure:
    is_for_now = error.errno in _FOR_NOW or isinstance(error, (ConnectionError, TimeoutError))
    said = error.strerror or _without_values(error)
    text = f"{error.filename}: {said}" if error.filename else said
    return Failure(text, TRY_AGAIN if is_for_now else MISTAKE)


def _of_data(error: BaseException) -> str | None:
    """Say what a library cannot read."""
    if isinstance(error, RecursionError):
        return _TOO_DEEP
    if isinstance(error, (UnicodeDecodeError, UnicodeEncodeError)):
        return f"a text cannot be read or written as {error.encoding}: {error.reason}"
    if type(error).__name__ == _PANIC:
        return (
            "a library gave up on what it was given; save the table in another form, such as Parquet or CSV"
        )
    is_of_a_driver = type(error).__module__.split(".")[0] in _DRIVERS
    return _without_values(error) if is_of_a_driver or isinstance(error, sqlite3.Error) else None


def _without_values(error: BaseException) -> str:
    """Return the first line of a driver's message without quoted texts, which may be customers' values."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = re.sub(r"""(["'])(?:(?!\1).)*\1""", "…", lines[0]) if lines else "no message"
    library = type(error).__module__.split(".")[0].lstrip("_")
    return said if library == "builtins" else f"{library}: {said}"
