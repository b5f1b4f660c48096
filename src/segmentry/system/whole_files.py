"""Files and folders written whole or not at all: under a hidden name beside their place, and moved there at the end."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from segmentry.errors import DataError

_OF_WRITING = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EIO}


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a path to write a file to, with the same suffix; the file moves to `path` at the end, or is deleted on an error.

    Raises
    ------
    DataError
        There is no such folder, or no file can be written there; raised before the work, except where the disk is full.
    """
    if path.is_dir():
        raise DataError("is a folder", source=path, hint="a file is needed")
    if not path.parent.is_dir():
        raise DataError(f"there is no folder {str(path.parent)!r}", source=path)
    unfinished = path.with_name(f".{path.stem}.unfinished{path.suffix}")
    with _refusals(path):
        unfinished.touch()
        unfinished.unlink()  # some writers refuse a file that exists
    try:
        with _refusals(path, _OF_WRITING):
            yield unfinished
            unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_text(text: str, path: Path) -> None:
    """Write a text file whole, in UTF-8.

    Raises
    ------
    DataError
        There is no such folder, or no file can be written there.
    """
    with whole_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Yield a folder to write into; its content moves to `out` at the end, or is deleted on an error.

    `out` and its parents are made if they do not exist; other files in `out` stay.

    Raises
    ------
    DataError
        `out` is a file, or nothing can be written there; raised before the work, except where the disk is full.
    """
    if out.exists() and not out.is_dir():
        raise DataError("is a file", source=out, hint="a folder is needed")
    made = [p for p in (out, *out.parents) if not p.exists()]
    with _refusals(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
        unfinished.chmod(0o755)
    try:
        with _refusals(out, _OF_WRITING):
            yield unfinished
            out.mkdir(exist_ok=True)
            for item in sorted(unfinished.iterdir()):
                _put(item, out / item.name)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        for parent in made:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
        raise
    shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def _refusals(path: Path, numbers: Collection[int] | None = None) -> Iterator[None]:
    """Turn errors of the operating system, with these numbers or all, into a DataError about the path."""
    try:
        yield
    except OSError as error:
        if numbers is not None and error.errno not in numbers:
            raise
        raise DataError(f"cannot write there: {error.strerror}", source=path) from None


def _put(item: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    item.replace(target)
