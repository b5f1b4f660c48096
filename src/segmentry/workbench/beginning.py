"""Where a studio begins that was given no data: the files of the folder, and those of which states are kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from segmentry.recipe import Recipe
from segmentry.text.plain_json import value_of
from segmentry.text.words import counted

READ = (
    ".csv", ".tsv", ".txt", ".tab", ".parquet", ".pq", ".ndjson", ".jsonl", ".gz",
    ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".sav", ".zsav", ".por", ".dta", ".sas7bdat",
)  # fmt: skip
"""Endings of the files that are offered; any other may be typed."""
SEGMENTATION = "segmentation.json"
AUTOSAVE = ".studio.json"
MOST_FILES = 60
MOST_BYTES = 20_000_000
"""Largest file of states that is looked into."""


@dataclass(frozen=True)
class FoundFile:
    """A file that can be opened.

    Attributes
    ----------
    name
        Name in the folder.
    recipe
        Recipe that it would be opened with: that of its kept states, else the file beside it; empty to draft one.
    n_bytes, changed
        Size, and when it was last written, in seconds since 1970.
    n_states
        States that are kept of it.
    """

    name: str
    recipe: str
    n_bytes: int
    changed: float
    n_states: int = 0

    @property
    def said(self) -> str:
        """What it would be opened with, in a few words."""
        parts = [f"recipe {self.recipe}" if self.recipe else "a recipe is drafted"]
        return "; ".join([*parts, *([f"{counted(self.n_states, 'state')} kept"] if self.n_states else [])])


def files_in(folder: Path) -> tuple[FoundFile, ...]:
    """Return the files of a folder that can be opened: those with kept states first, then the newest."""
    kept = _kept_in(folder)
    found = [_found(path, *kept.get(path.name, ("", 0))) for path in _readable(folder)]
    return tuple(sorted(found, key=lambda f: (not f.n_states, -f.changed, f.name))[:MOST_FILES])


def _readable(folder: Path) -> list[Path]:
    files = (path for path in folder.iterdir() if not path.name.startswith((".", "~$")) and path.is_file())
    return [path for path in files if path.name == SEGMENTATION or path.suffix.lower() in READ]


def _found(path: Path, recipe: str, n_states: int) -> FoundFile:
    status = path.stat()
    beside = f"{path.stem or 'data'}.toml"
    if not recipe and path.name != SEGMENTATION and (path.parent / beside).is_file():
        recipe = beside
    return FoundFile(path.name, recipe, status.st_size, status.st_mtime, n_states)


def _kept_in(folder: Path) -> dict[str, tuple[str, int]]:
    """Return the recipe and the number of states that are kept of data, by the name of their file."""
    found = {}
    for path in sorted(folder.glob(f"*{AUTOSAVE}")):
        try:
            if path.is_symlink() or path.stat().st_size > MOST_BYTES:
                continue
            content = value_of(path.read_text(encoding="utf-8"))
            data, recipe, n = str(content["data"]), str(content["recipe"]), len(content["states"])
            is_recipe = _is_recipe(recipe, folder)  # a name may be one that no file can have
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
        if Path(data).name == data:  # a file of the folder, and no other place that such a file could name
            found[data] = (recipe if is_recipe else "", n)
    return found


def _is_recipe(name: str, folder: Path) -> bool:
    return Path(name).name == name and (name in Recipe.bundled() or (folder / name).is_file())
