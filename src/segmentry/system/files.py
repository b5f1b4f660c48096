"""Files and folders written whole, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segmentry.errors import DataError


@contextmanager
def whole_or_nothing(out: Path) -> Iterator[Path]:
    """Give a folder to write into; its content moves to `out` when all went well, and vanishes otherwise."""
    if out.exists() and not out.is_dir():
        raise DataError("is a file", source=out, hint="--out needs a folder")
    made = [p for p in (out, *out.parents) if not p.exists()]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    except OSError as error:
        raise DataError(f"cannot write there: {error.strerror}", source=out) from None
    try:
        folder.chmod(0o755)
        yield folder
        out.mkdir(exist_ok=True)
        for item in sorted(folder.iterdir()):
            _put(item, out / item.name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        for parent in made:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
        raise
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path to write one file to; it moves to `path` when all went well, and vanishes otherwise."""
    if not path.parent.is_dir():
        raise DataError(f"there is no folder {str(path.parent)!r}", source=path)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _put(item: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    item.replace(target)
