"""The desk that a server serves: open from the start, or opened by the first page, which is given the choice."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

from segmentry.errors import DataError
from segmentry.workbench.beginning import FoundFile, files_in
from segmentry.workbench.desk import Desk
from segmentry.workbench.opening import open_for_studio


class Reception:
    """Holds the desk once there is one.

    Parameters
    ----------
    desk
        Desk that is open; None to have the first page choose what is opened.
    folder
        Folder whose files are offered, and in which names that are typed are looked for.
    """

    def __init__(self, desk: Desk | None = None, folder: Path | None = None) -> None:
        self._desk, self._folder = desk, folder or Path()
        self._opening = Lock()

    @property
    def is_open(self) -> bool:
        """Whether there is a desk."""
        return self._desk is not None

    @property
    def desk(self) -> Desk:
        """The desk.

        Raises
        ------
        DataError
            There is none yet.
        """
        if self._desk is None:
            raise DataError("nothing is open yet", source="studio", hint="load the page again, and choose")
        return self._desk

    @property
    def place(self) -> str:
        """The folder, as it is shown."""
        return str(self._folder.resolve())

    def files(self) -> tuple[FoundFile, ...]:
        """Return what is offered."""
        return files_in(self._folder)

    def open(self, content: Any) -> None:
        """Open what a page asks for: ``data`` (a path or a URL; empty for generated customers) and ``recipe`` (may be empty).

        Raises
        ------
        SegmentryError
            It cannot be read, or something else is open or being opened.
        """
        data, recipe = (_text(content, key) for key in ("data", "recipe"))
        if self.is_open or not self._opening.acquire(blocking=False):
            raise DataError("something else is being opened", source="studio", hint="load the page again")
        try:
            desk = Desk(open_for_studio(self._found(data) or None, self._found(recipe) or None))
            try:
                desk.open()
            except BaseException:
                desk.close()
                raise
            self._desk = desk
        finally:
            self._opening.release()

    def close(self) -> bool:
        """End all work, and return whether it has ended."""
        return self._desk is None or self._desk.close()

    def _found(self, name: str) -> str:
        """Return the path of a file in the folder; any other text as it is."""
        path = self._folder / name
        return str(path) if name and path.is_file() else name


def _text(content: Any, key: str) -> str:
    value = content.get(key, "")
    if not isinstance(value, str) or len(value) > 2_000:
        raise DataError("must be a text", source=key)
    return value.strip()
