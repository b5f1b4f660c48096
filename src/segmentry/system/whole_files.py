"""Files and folders written whole or not at all: in a folder of their own beside their place, and moved there at the end."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from segmentry.errors import DataError, UnavailableError
from segmentry.system.ending import undisturbed
from segmentry.system.folder_swap import NEW, Swap, finish
from segmentry.system.locks import alone_in
from segmentry.system.manifest import Manifest
from segmentry.system.owned_folders import UNFINISHED, OwnedFolder, sweep, sweep_temporary
from segmentry.system.protection import Replacing
from segmentry.system.rights import take_rights

_OF_A_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FOR_NOW = _OF_A_DISK | {errno.EIO, errno.EBUSY}
"""Errors that another time may not come."""
_STREAMS = ("/dev/", "/proc/")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a path to write a file to, with the same name; the file moves to `path` at the end, or is deleted on an error.

    A file that is replaced keeps its mode, its group and the links that lead to it. A device or a pipe gets the bytes.

    Raises
    ------
    DataError
        There is no such folder, or no file can be written there; raised before the work, except where the disk is full.
    """
    if _is_stream(path):
        with _streamed(path) as unfinished:
            yield unfinished
        return
    with refusals(path):
        if path.is_dir():
            raise DataError("is a folder", source=path, hint="a file is needed")
        target = Path(os.path.realpath(path))
        _check_link(path, target)
        if not target.parent.is_dir():
            raise DataError(f"there is no folder {str(target.parent)!r}", source=path)
        sweep_temporary()
        sweep(target.parent, UNFINISHED, finish)
        stage = OwnedFolder(target.parent)
    with stage as folder, refusals(path, folder):
        unfinished = folder / target.name
        yield unfinished
        with undisturbed():
            take_rights(target, unfinished)
            unfinished.replace(target)


def write_text(text: str, path: Path) -> None:
    """Write a text file whole, in UTF-8.

    Raises
    ------
    DataError
        There is no such folder, or no file can be written there.
    """
    with whole_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")


def write_texts(texts: Mapping[str, str], folder: Path) -> None:
    """Write text files into a folder that others share, in UTF-8: all of them, or none.

    No list of them is left there. A name that is a link gets the text where it leads to.

    Raises
    ------
    DataError
        No file can be written there.
    """
    links = [name for name in texts if (folder / name).is_symlink()]
    for name in links:
        write_text(texts[name], folder / name)
    names = tuple(name for name in texts if name not in links)
    with refusals(folder):
        real = Path(os.path.realpath(folder))
        sweep_temporary()
        sweep(real, UNFINISHED, finish)
        stage = OwnedFolder(real)
    with stage as place, refusals(folder, place):
        (place / NEW).mkdir()
        for name in names:
            (place / NEW / name).write_text(texts[name], encoding="utf-8", newline="\n")
        with undisturbed(), alone_in(real):
            Swap(place, real, names, (), Manifest.read(real)).commit()


def check_place(path: Path) -> None:
    """Refuse, before any work, a place where no file can be written.

    Raises
    ------
    DataError
        As `whole_file`.
    """
    with suppress(_UntouchedError), whole_file(path):
        raise _UntouchedError


class _UntouchedError(Exception):
    """Leaves the file as it is."""


@contextmanager
def whole_folder(out: Path, kind: str, names: tuple[str, ...], replacing: Replacing) -> Iterator[Path]:
    """Yield a folder to write into; its content takes its place in `out` at the end, or is deleted on an error.

    `out` and its parents are made if they do not exist. Files of an earlier output of the same `kind` are replaced or
    removed, as the folder's manifest lists them; all others stay.

    Parameters
    ----------
    out
        Folder for results.
    kind
        Kind of output, of several that may share a folder.
    names
        Files and folders that may be written into it.
    replacing
        What may be replaced.

    Raises
    ------
    DataError
        `out` is a file, nothing can be written there, or something would be replaced that may not be; raised before the
        work, except where the disk is full.
    """
    with refusals(out):
        real = Path(os.path.realpath(out))
        _check_link(out, real)
        if real.exists() and not real.is_dir():
            raise DataError("is a file", source=out, hint="a folder is needed")
        made = [p for p in (real, *real.parents) if not p.exists()]
    try:
        with refusals(out):
            real.parent.mkdir(parents=True, exist_ok=True)
            sweep_temporary()
            for place in (real.parent, real):
                sweep(place, UNFINISHED, finish)
            replacing.check_folder(real, names, Manifest.read(real))
            stage = _stage(real)
        with stage as folder, refusals(out, folder):
            new = folder / NEW
            new.mkdir()
            take_rights(real, new)
            yield new
            with undisturbed(), alone_in(real.parent):
                swap = Swap.of(folder, real, kind)
                replacing.check_folder(real, swap.files, swap.written)
                swap.commit()
    except BaseException:
        for parent in made:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
        raise


@contextmanager
def refusals(path: Path, folder: Path | None = None) -> Iterator[None]:
    """Turn errors of the operating system into a DataError about the path; of the work in a `folder`, those of writing."""
    try:
        yield
    except OSError as error:
        if folder is not None and not _is_of_writing(error, folder):
            raise
        kind = UnavailableError if error.errno in _FOR_NOW else DataError
        raise kind(f"cannot write there: {error.strerror or error}", source=path) from None


def _is_of_writing(error: OSError, folder: Path) -> bool:
    names = [str(name) for name in (error.filename, error.filename2) if isinstance(name, (str, os.PathLike))]
    return error.errno in _OF_A_DISK or any(name.startswith(str(folder)) for name in names)


def _stage(out: Path) -> OwnedFolder:
    """Make the folder for what is not finished: beside `out`, or inside where only there is the same file system."""
    if out.is_dir() and os.path.ismount(out):
        return OwnedFolder(out)
    try:
        stage = OwnedFolder(out.parent)
    except OSError:
        if not out.is_dir():
            raise
        return OwnedFolder(out)
    if out.is_dir() and not os.access(out, os.W_OK):
        stage.remove()
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(out))
    return stage


def _check_link(path: Path, target: Path) -> None:
    if target.is_symlink():
        raise DataError("is a link that leads back to itself", source=path, hint="name another place")


def _is_stream(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) or str(path).startswith(_STREAMS)


@contextmanager
def _streamed(path: Path) -> Iterator[Path]:
    """Yield a temporary path, whose bytes are written to a device, a pipe or an open file at the end."""
    with OwnedFolder.temporary() as folder:
        unfinished = folder / (path.name or "output")
        yield unfinished
        with refusals(path), unfinished.open("rb") as whole, path.open("wb") as stream:
            shutil.copyfileobj(whole, stream)
