"""The files that DATA names, found without opening them: an output must not take their place, and a studio reads them again when they change."""

from __future__ import annotations

import glob
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from segmentry.engine.opening import file_of


def files_behind(data: Any) -> tuple[Path, ...]:
    """Return the files of a path, a glob, a folder or a URL; none of a server's table or of a table in memory."""
    if not isinstance(data, (str, Path)) or not str(data):
        return ()
    text = str(data).removeprefix("spark:")
    try:
        if "://" in text:
            return tuple(p for p in [file_of(urlsplit(text).path)] if p.is_file())
        path = Path(text)
        if path.is_dir():
            return tuple(path.glob("**/*.parquet"))
        return (path,) if path.is_file() else tuple(map(Path, glob.glob(text, recursive=True)))  # noqa: PTH207
    except (OSError, ValueError):
        return ()  # said where the data are opened


def stamps_of(data: Any) -> dict[Path, tuple[int, int]]:
    """Return when each file behind some data was last written, and its size."""
    found = {}
    for path in files_behind(data):
        with suppress(OSError):
            status = path.stat()
            found[path] = status.st_mtime_ns, status.st_size
    return found
