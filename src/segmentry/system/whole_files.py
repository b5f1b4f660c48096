"""Files and folders written whole, or not at all: beside their place under a hidden name, and moved there at the end."""

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
    """Give a path to write one file to, with the same suffix; it becomes `path` at the end, and vanishes on an error.

    Raises
    ------
    DataError
        There is no such folder, or no file can be written there: said before anything is done, but where the disk is full.
    """
    if path.is_dir():
        raise DataError("is a folder", source=path, hint="a file is needed")
    if not path.parent.is_dir():
        raise DataError(f"there is no folder {str(path.parent)!r}", source=path)
    unfinished = path.with_name(f".{path.stem}.unfinished{path.suffix}")
    with _refusals(path):
        unfinished.touch()
        unfinished.unlink()  # some writers take no file that is there
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
    """Give a folder to write into; its content moves to `out` at the end, and vanishes on an error.

    `out` and its parents are made where they are not there; what else is in it stays.

    Raises
    ------
    DataError
        `out` is a file, or nothing can be written there; said before anything is done.
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
    """Errors of the operating system, of these numbers or all, as errors about what was to be written."""
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
