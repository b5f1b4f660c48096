"""Program of the tests: replaces a folder or a file, and is killed at a step. Arguments: target, step, way."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import patch

from segmentry.system import folder_swap
from segmentry.system.protection import Replacing
from segmentry.system.whole_files import whole_file, whole_folder, write_texts
from steps import at_step, kill


def write(target: Path) -> None:
    """Write a second output."""
    if target.suffix:
        with whole_file(target) as file:
            file.write_text("new")
        return
    with whole_folder(target, "kind", ("a", "b", "c", "charts"), Replacing()) as folder:
        write_new(folder)


def write_new(folder: Path) -> None:
    """Write the second output of the tests into a folder."""
    (folder / "charts").mkdir()
    for name in ("a", "c", "charts/x", "charts/z"):
        (folder / name).write_text("new")


if __name__ == "__main__":
    target, step, way = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    refused = patch.object(folder_swap, "exchange", side_effect=OSError)
    if way == "texts":
        with at_step(step, kill):
            write_texts({"a": "new", "b": "new"}, target)
        sys.exit()
    with refused if way == "journal" else patch.object(folder_swap, "_MOST_KEPT", 200), at_step(step, kill):
        write(target)
