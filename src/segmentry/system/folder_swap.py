"""A folder of results put in the place of an earlier one: in one step, or by a journal that the next command completes."""

from __future__ import annotations

import errno
import json
import os
import shutil
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from segmentry.errors import SegmentryWarning
from segmentry.system.exchange import exchange
from segmentry.system.manifest import NAME, Manifest, files_in, is_plainly_in
from segmentry.system.owned_folders import JOURNAL
from segmentry.system.rights import take_rights
from segmentry.system.seal import is_sealed, seal_of

NEW, _OLD = "new", "old"
_MOST_KEPT = 200
"""Largest number of other files in a folder that is exchanged; they are linked into the new one."""


@dataclass(frozen=True)
class Swap:
    """New files in ``stage / NEW`` for a folder: `files` replace what is there, and `stale` ones are removed."""

    stage: Path
    out: Path
    files: tuple[str, ...]
    stale: tuple[str, ...]
    written: Manifest
    """What segmentry wrote into the folder before."""

    @classmethod
    def of(cls, stage: Path, out: Path, kind: str) -> Swap:
        """List what changes, and write the new manifest beside the new files."""
        written = Manifest.read(out)
        files = tuple(name for name in files_in(stage / NEW) or () if not (stage / NEW / name).is_dir())
        stale = tuple(name for name in written.files.get(kind, ()) if name not in files)
        written.with_(kind, files).write(stage / NEW)
        return cls(stage, out, (*files, NAME), stale, written)

    def commit(self) -> None:
        """Put the new files in their place.

        Raises
        ------
        OSError
            Nothing is changed.
        """
        new = self.stage / NEW
        for name in self.files:
            take_rights(self.out / name, new / name)
        if not os.path.lexists(self.out):
            with suppress(OSError):  # somebody made it at this moment
                new.rename(self.out)
                return
        if not self._is_exchanged():
            self._move()

    def _is_exchanged(self) -> bool:
        """Exchange the folder for the new one; return false where it has to keep its place or cannot be exchanged."""
        kept = self._kept()
        if kept is None or self.stage.parent == self.out or Path.cwd().is_relative_to(self.out):
            return False
        new = self.stage / NEW
        linked: list[Path] = []
        try:
            for name in kept:
                os.link(self.out / name, new / name, follow_symlinks=False)
                linked.append(new / name)
            exchange(new, self.out)
        except OSError:
            for path in linked:
                path.unlink()
            return False
        self._return_others(set(kept))
        return True

    def _kept(self) -> list[str] | None:
        """List the other files of the folder; None where they are many, or are no plain files beside new ones."""
        found = files_in(self.out, _MOST_KEPT + len(self.written.all))
        if found is None:
            return None
        kept = [name for name in found if name not in self.files and name not in self.stale]
        paths = [self.out / name for name in kept]
        places = {(self.stage / NEW / name).parent.is_dir() for name in kept}
        is_plain = all(path.is_file() and not path.is_symlink() for path in paths)
        return kept if is_plain and False not in places else None

    def _return_others(self, kept: set[str]) -> None:
        """Bring back what somebody wrote into the folder between its listing and the exchange."""
        old = self.stage / NEW
        for name in files_in(old) or ():
            is_known = name in kept or name in self.files or name in self.stale
            if not is_known and not os.path.lexists(self.out / name):
                (self.out / name).parent.mkdir(parents=True, exist_ok=True)
                (old / name).rename(self.out / name)

    def _move(self) -> None:
        """Move the files one by one, after a journal that says what is left to do is in its place."""
        place = "." if self.stage.parent == self.out else self.out.name
        journal = self.stage / JOURNAL
        draft = self.stage / f"{JOURNAL}.unfinished"
        left = json.dumps({"stage": str(self.stage.absolute()), "out": place, "stale": self.stale})
        draft.write_text(json.dumps({"left": left, "seal": seal_of(left)}), encoding="utf-8")
        self._keep_old()
        draft.replace(journal)
        try:
            _complete(self.stage, place, self.stale)
        except OSError:
            self._undo()
            journal.unlink()
            raise

    def _keep_old(self) -> None:
        """Link or copy the files that change, so that an error on the way can be undone."""
        for name in (*self.files, *self.stale):
            before, kept = self.out / name, self.stage / _OLD / name
            if before.is_file():
                kept.parent.mkdir(parents=True, exist_ok=True)
                try:
                    os.link(before, kept)
                except OSError:
                    shutil.copy2(before, kept)

    def _undo(self) -> None:
        for name in (*self.files, *self.stale):
            kept = self.stage / _OLD / name
            if kept.is_file():
                kept.replace(self.out / name)
            elif name in self.files and not (self.stage / NEW / name).exists():
                (self.out / name).unlink(missing_ok=True)


def finish(stage: Path) -> bool:
    """Complete the moves of a journal; without one, nothing has begun. Return whether the folder is done with.

    Warns
    -----
    SegmentryWarning
        The journal has not the seal of this user, because it came with the folder from elsewhere: it is left alone.

    Raises
    ------
    OSError
        A file cannot be moved.
    """
    try:
        text = (stage / JOURNAL).read_text(encoding="utf-8")
    except FileNotFoundError:
        return True
    found = _left(stage, text)
    if found is None:
        said = f"{stage}: holds files that another command was about to put in their place, on another machine or by another user"
        warnings.warn(f"{said}; it is left alone: look at it, and remove it", SegmentryWarning, stacklevel=2)
        return False
    _complete(stage, *found)
    return True


def _left(stage: Path, text: str) -> tuple[str, list[str]] | None:
    """What a journal says is left to do: the name of the folder, and stale files; None if this user did not write it."""
    with suppress(ValueError, TypeError, KeyError, RecursionError):
        journal = json.loads(text)
        if not is_sealed(journal["left"], journal["seal"]):
            return None
        left = json.loads(journal["left"])
        if left["stage"] == str(stage.absolute()):
            return str(left["out"]), [str(name) for name in left["stale"]]
    return None


def _complete(stage: Path, place: str, stale: Iterable[str]) -> None:
    out, new = stage.parent / place, stage / NEW
    out.mkdir(exist_ok=True)
    for name in files_in(new) or ():
        if (new / name).is_dir():
            continue
        if not is_plainly_in(out, name):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(out / name))
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (new / name).replace(out / name)
    inside = [name for name in stale if is_plainly_in(out, name)]
    with _folders_of(inside, out):
        for name in inside:
            (out / name).unlink(missing_ok=True)
    (stage / JOURNAL).unlink()


@contextmanager
def _folders_of(names: Iterable[str], out: Path) -> Iterator[None]:
    """Remove the folders of files that are removed, where nothing is left in them."""
    yield
    for folder in {parent for name in names for parent in (out / name).parents if parent.is_relative_to(out)}:
        if folder != out and folder.is_dir() and not any(folder.iterdir()):
            with suppress(OSError):
                folder.rmdir()
