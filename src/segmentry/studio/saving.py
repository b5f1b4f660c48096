"""What the studio leaves on the disk without being asked: the list of states, written whole after every move."""

from __future__ import annotations

import json
from pathlib import Path

from segmentry.studio.state import History, State
from segmentry.system.whole_files import write_text
from segmentry.text.plain_json import json_text

SCHEMA = 1


def save_history(history: History, path: Path) -> None:
    """Write the states to a file, whole.

    Raises
    ------
    DataError
        No file can be written there.
    """
    write_text(json_text({"schema": SCHEMA, **history.to_dict()}, indent=1) + "\n", path)


def restored_history(path: Path, start: State) -> tuple[History, bool]:
    """Return the states of an earlier session with this recipe, and whether there are any; else a new list.

    Where the recipe was changed since, elsewhere, the earlier states stay in the list, and the recipe comes after them.
    A file that cannot be read, or of whose states none reads the data in the same way, is kept under another name.
    """
    if not path.is_file():
        return History((start,)), False
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.pop("schema") != SCHEMA:
            raise ValueError("written by another segmentry")
        history = History.from_dict(content, start)
    except (ValueError, KeyError, TypeError, IndexError, OSError):
        path.replace(path.with_name(f"{path.stem}.unreadable{path.suffix}"))
        return History((start,)), False
    if any((state.text, state.off) == (start.text, start.off) for state in history.states):
        return history, len(history.states) > 1
    return history.at(len(history.states) - 1).pushed(start), True
