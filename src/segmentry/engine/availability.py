"""What a database or a disk refuses for now, told from what is wrong: in the first case running again may help."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

from segmentry.errors import DataError, UnavailableError

_STATES = ("08", "53", "57P01", "57P02", "57P03", "40001", "40P01", "55P03", "58")
"""Beginnings of the SQL states of connections, resources, shutdowns and locks."""
_OF_A_WRITE = re.compile(r'Could not write (?:file|to file) \\?"(.*?)\\?": ([\w /]+)', re.DOTALL)
_FOR_NOW = re.compile(
    r"no space left|file too large|disk quota|disk is full|disk I/O error|could not set lock|is locked|input/output error|out of memory"
    r"|connection refused|connection reset|connection broke off|timeout expired|timed out|unreachable|temporary failure"
    r"|server closed|no connection to the server|too many (clients|connections|simultaneous queries)|memory limit .*exceeded|starting up|shutting down",
    re.IGNORECASE,
)


def refusal(problem: str, state: str | None = None, **fields: Any) -> DataError:
    """Make the error of a problem that a database or its driver reports, with its SQL state where it has one.

    Examples
    --------
    >>> refusal('Could not write to file "/srv/.segmentry-1a2b/scores": No space left on device').problem
    'a file cannot be written in /srv: No space left on device'
    """
    written = _OF_A_WRITE.search(problem)
    if written is not None:
        folder = PurePath(written[1]).parent
        shown = folder.parent if folder.name.startswith(".segmentry-") else folder
        problem = f"a file cannot be written in {shown}: {written[2]}"
    is_for_now = _FOR_NOW.search(problem) or (state or "").startswith(_STATES)
    return UnavailableError(problem, **fields) if is_for_now else DataError(problem, **fields)
