"""The encoding of a text file: told by its first bytes, guessed by its letters, or given."""

from __future__ import annotations

import codecs
import gzip
import itertools
import re
import zlib
from collections.abc import Sequence
from pathlib import Path

from segmentry.errors import DataError

NATIVE = ("utf-8", "utf-16", "latin-1")
"""Encodings that DuckDB reads by itself; files in others are copied into UTF-8."""
SNIFFED_BYTES = 8_000_000
_RUNS = ("windows-1251", "koi8-r", "iso8859-5", "cp866", "windows-1253")
_SINGLE = ("windows-1252", "windows-1250", "iso8859-2")
_OF_OTHER_THINGS = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
"""Codecs of Python for names of hosts, source code and mail: no file of customers is in them."""
_MOSTLY_RUNS = 0.6
"""Share of the letters beyond ASCII that stand side by side, from which on a text is of another alphabet."""


def spelled(encoding: str) -> str:
    """Write an encoding's name as DuckDB does, where it is one of those that DuckDB reads by itself.

    Raises
    ------
    DataError
        There is no such encoding.
    """
    try:
        found = codecs.lookup(encoding)
        name = found.name
        if not getattr(found, "_is_text_encoding", True) or name.replace("_", "-") in _OF_OTHER_THINGS:
            raise LookupError
    except (LookupError, ValueError):
        raise DataError(
            "there is no such encoding",
            source=f"encoding {encoding!r}",
            hint="known are utf-8, utf-16, latin-1, windows-1252, windows-1250, windows-1251, iso8859-2, koi8-r and others of Python",
        ) from None
    return {"utf-8-sig": "utf-8", "iso8859-1": "latin-1", "ascii": "utf-8"}.get(name, name)


def head_of(file: Path) -> bytes:
    """Return the first bytes of a file, unpacked.

    Raises
    ------
    DataError
        The file cannot be read.
    """
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            return stream.read(SNIFFED_BYTES)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise DataError("not a gzip file, or only a part of one", source=file) from None
    except OSError as error:
        raise DataError(str(error.strerror), source=file) from None


def encoding_of(file: Path, head: bytes) -> str:
    """Tell utf-8, and utf-16 by its byte order mark; guess another encoding by the letters.

    Raises
    ------
    DataError
        The file is no text, or no encoding gives letters alone.
    """
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
        return _guessed(file, head)
    return "utf-8"


def sample_of(head: bytes, encoding: str) -> str:
    r"""Return the first word with a letter beyond ASCII.

    Examples
    --------
    >>> sample_of("id,Ort\\n1,Köln\\n".encode("latin-1"), "latin-1")
    'Köln'
    """
    found = re.search(r"\w*[^\W\x00-\x7f]\w*", head.decode(encoding, errors="replace"))
    return found.group() if found else ""


def _guessed(file: Path, head: bytes) -> str:
    high = re.findall(rb"[\x80-\xff]+", head)
    n = sum(map(len, high))
    in_runs = sum(len(run) for run in high if len(run) > 1)
    is_other_alphabet = n >= 4 and in_runs >= _MOSTLY_RUNS * n
    part = b"\n".join(line for line in head.split(b"\n") if re.search(rb"[\x80-\xff]", line))[:200_000]
    found = _best(part, _RUNS if is_other_alphabet else _SINGLE)
    if found is None:
        foreign = re.search(rb"[\x80-\xff]", head)
        line = head.count(b"\n", 0, foreign.start() if foreign else 0) + 1
        raise DataError(
            f"neither UTF-8 nor an encoding that can be told by its letters (line {line:,})",
            source=file,
            hint='say which it is: --encoding NAME, or encoding = "NAME" under [source] of the recipe',
        )
    is_latin = found == "windows-1252" and re.search(rb"[\x80-\x9f]", head) is None
    return "latin-1" if is_latin else found


def _best(part: bytes, encodings: Sequence[str]) -> str | None:
    """The first of the encodings in which most letters look like those of words; None where none can be read."""
    scores = {}
    for name in encodings:
        try:
            scores[name] = _likeness(part.decode(name))
        except UnicodeDecodeError:
            continue
    return max(scores, key=lambda name: scores[name]) if scores else None


def _likeness(text: str) -> float:
    """How much the letters beyond ASCII look like words: letters beside letters, no capital after a small one."""
    foreign = sum(not c.isascii() for c in text) or 1
    letters = len(re.findall(r"[^\W\d_\x00-\x7f]", text))
    inner = sum(b.isupper() and a.islower() for a, b in itertools.pairwise(text) if not b.isascii())
    stray = len(re.findall(r"(?<=[^\W\d_])[^\w\s\x00-\x7f]|[\xb2\xb3\xb9](?=[^\W\d_])", text))
    return (letters - 2 * inner - 2 * stray) / foreign
