"""What the studio leaves on the disk without being asked: the list of states, written whole after every move."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from segmentry.errors import DataError
from segmentry.system.whole_files import write_text
from segmentry.text.plain_json import json_text, value_of
from segmentry.workbench.state import History, State

SCHEMA = 1
MOST_BYTES = 200_000_000
"""Largest file of states that is read: 200 recipes of a megabyte."""
KEPT = "{path} holds no states of this recipe and data; it is kept as {kept}."
_DAMAGED = (
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    OSError,
)


@dataclass(frozen=True)
class Restored:
    """The states of an earlier session, or a new list; whether there are earlier ones, and what there is to say."""

    history: History
    is_restored: bool = False
    said: str = ""


def save_history(history: History, path: Path, origin: Mapping[str, str] | None = None) -> None:
    """Write the states to a file, whole, with the names of their data and recipe as `Opened.origin` has them.

    Raises
    ------
    DataError
        No file can be written there, or it is a link, which leads to a file of somebody else's choice.
    """
    if path.is_symlink():
        raise DataError("is a link", source=path, hint="remove it, and the states are kept there")
    write_text(json_text({"schema": SCHEMA, **(origin or {}), **history.to_dict()}, indent=1) + "\n", path)


def restored_history(path: Path | None, start: State) -> Restored:
    """Return the states of an earlier session with this recipe; else a new list.

    Where the recipe was changed since, elsewhere, the earlier states stay in the list, and the recipe comes after them.
    A file that cannot be read, or of whose states none reads the data in the same way, is kept under another name.
    """
    if path is None or path.is_symlink() or not path.is_file():
        return Restored(History((start,)))
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError("larger than any list of states")
        content = value_of(path.read_text(encoding="utf-8"))
        if content.pop("schema") != SCHEMA:
            raise ValueError("written by another segmentry")
        history = History.from_dict(content, start)
    except _DAMAGED:
        kept = _free(path)
        path.rename(kept)
        return Restored(History((start,)), said=KEPT.format(path=path, kept=kept))
    if any((state.text, state.off) == (start.text, start.off) for state in history.states):
        return Restored(history, len(history.states) > 1)
    return Restored(history.at(len(history.states) - 1).pushed(start), True)


def _free(path: Path) -> Path:
    """Return a name beside the file that no file has."""
    names = (path.with_name(f"{path.stem}.unreadable{n}{path.suffix}") for n in ("", *range(2, 10_000)))
    return next(name for name in names if not os.path.lexists(name))
