"""The list of files in a folder of results that segmentry wrote: these alone it replaces and removes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Self

NAME = "segmentry-files.json"
_ABOUT = "The files here that segmentry wrote. It replaces and removes these, and no others."


@dataclass(frozen=True)
class Manifest:
    """Files of a folder, as paths inside it, by the kind of output that they belong to."""

    files: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest of a folder; one that is missing or damaged lists no file, and none lists what a link leads to."""
        try:
            plain = json.loads((folder / NAME).read_text(encoding="utf-8"))
            found = {
                str(kind): tuple(name for name in names if is_plainly_in(folder, name))
                for kind, names in plain["files"].items()
            }
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return cls()
        return cls(found)

    def with_(self, kind: str, files: Iterable[str]) -> Manifest:
        """Return the manifest with other files of one kind."""
        return Manifest({**self.files, kind: tuple(sorted(files))})

    def write(self, folder: Path) -> None:
        """Write the manifest into a folder."""
        plain = {"about": _ABOUT, "files": {kind: list(names) for kind, names in sorted(self.files.items())}}
        (folder / NAME).write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")

    @property
    def all(self) -> frozenset[str]:
        """Every file, the manifest among them where it lists any."""
        names = {name for files in self.files.values() for name in files}
        return frozenset(names | {NAME} if self.files else ())

    def has(self, name: str) -> bool:
        """Whether a file, or a folder with any file in it, is listed."""
        return any(file == name or file.startswith(f"{name}/") for file in self.all)


def files_in(folder: Path, most: int | None = None) -> list[str] | None:
    """List what a folder holds beside folders, as paths inside it; None where that is more than `most`."""
    found: list[str] = []
    for name in _walked(folder):
        found.append(name)
        if most is not None and len(found) > most:
            return None
    return found


def _walked(folder: Path) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        inside = Path(place).relative_to(folder)
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        empty = [] if files or folders or Path(place) == folder else [inside.as_posix()]
        yield from empty
        for name in (*files, *links):
            yield (inside / name).as_posix()


def is_plainly_in(folder: Path, name: Any) -> bool:
    """Whether a name is that of a file inside the folder, and no link leads from there to another place."""
    with suppress(TypeError, ValueError, OSError):
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not path.parts:
            return False
        return not any((folder / parent).is_symlink() for parent in path.parents if parent.parts)
    return False
