"""What an output may not replace: files that the same command reads, and files that segmentry did not write."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from segmentry.errors import DataError
from segmentry.system.manifest import NAME, Manifest

_ADVICE = "name another place, or say --overwrite (in Python: overwrite=True) to replace it"


@dataclass(frozen=True)
class Replacing:
    """What a command may replace where it writes."""

    inputs: tuple[Path, ...] = ()
    """Files that it reads."""
    overwrite: bool = False
    """Whether it may replace these, and files that segmentry did not write."""

    def check_file(self, path: Path, what: str, is_ours: Callable[[Path], bool] | None = None) -> None:
        """Refuse a file that may not be replaced, before any work.

        Parameters
        ----------
        path
            File to be written.
        what
            What it will be, such as "scores".
        is_ours
            Function that tells such a file from others; without one every file is another's.

        Raises
        ------
        DataError
            This command reads the file, or it holds something else than what is written.
        """
        if self.overwrite:
            return
        if any(_is_same(path, read) for read in self.inputs):
            raise DataError(
                "this command reads the file, so it does not replace it", source=path, hint=_ADVICE
            )
        if _has_content(path) and not (is_ours is not None and _holds(path, is_ours)):
            known = f", and holds no {what} of segmentry" if is_ours is not None else ""
            raise DataError(f"the file is there already{known}", source=path, hint=_ADVICE)

    def check_folder(self, out: Path, names: tuple[str, ...], written: Manifest) -> None:
        """Refuse a folder whose files would be replaced although this command reads them, or somebody else wrote them.

        Parameters
        ----------
        out
            Folder for results.
        names
            Files and folders in it that may be written.
        written
            What segmentry wrote there before.

        Raises
        ------
        DataError
            The text names the first such file.
        """
        for name in (*names, NAME):
            path = out / name
            if _is_foreign(path, name, written) and not self.overwrite:
                raise DataError("is there already, and segmentry did not write it", source=path, hint=_ADVICE)
        if self.overwrite:
            return
        for path in self.inputs:
            inside = _inside(path, out)
            if inside and (inside.split("/")[0] in names or inside in written.all):
                raise DataError(
                    "this command reads the file, so it does not replace it", source=path, hint=_ADVICE
                )


def _is_foreign(path: Path, name: str, written: Manifest) -> bool:
    if written.has(name) or not os.path.lexists(path):
        return False
    return not path.is_dir() or path.is_symlink() or any(path.iterdir())


def _has_content(path: Path) -> bool:
    try:
        found = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size > 0


def _holds(path: Path, is_ours: Callable[[Path], bool]) -> bool:
    try:
        return is_ours(path)
    except OSError:
        return False


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _inside(path: Path, folder: Path) -> str:
    """Return the path of a file inside a folder; empty where it is elsewhere."""
    real, root = Path(os.path.realpath(path)), Path(os.path.realpath(folder))
    return real.relative_to(root).as_posix() if real.is_relative_to(root) else ""
