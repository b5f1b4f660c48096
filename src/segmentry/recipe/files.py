"""Files that a recipe names: beside it or below, or below the folder that one works in."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from segmentry.errors import RecipeError

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""Begin of an address, such as ``s3:``; the drive of a Windows path has one letter."""
_ADVICE = "or, if you trust whoever named it, add --trust-recipe; see docs/safety.md"


def check_files(tables: Mapping[str, str], folder: Path, where: str) -> None:
    """Refuse files of ``[source.tables]`` that lie elsewhere: whoever wrote the recipe may not choose them.

    Links are followed, of every file that a pattern or a folder stands for. Names of tables of a database lie nowhere, and pass.

    Raises
    ------
    RecipeError
        A file is neither below `folder`, which holds the recipe or the model, nor below the working folder; or it is an address.
    """
    inside = [folder.resolve(), Path.cwd().resolve()]
    for name, file in tables.items():
        place = ("source", "tables", name)
        if "\0" in file:
            raise RecipeError("no name of a file holds a zero character", source=where, place=place)
        if _SCHEME.match(file):
            hint = f"name a file beside the recipe, {_ADVICE}"
            raise RecipeError(f"{file!r} is an address, and no file", source=where, place=place, hint=hint)
        for path in _meant(file):
            real = path.resolve()
            if not any(real.is_relative_to(known) for known in inside):
                said = f"{file!r}" if str(path) == file else f"{str(path)!r}, which {file!r} stands for,"
                raise RecipeError(
                    f"{said} lies neither below the folder of {where} nor below the working folder",
                    source=where,
                    place=place,
                    hint=f"put the file there, {_ADVICE}",
                )


def _meant(file: str) -> Iterator[Path]:
    """The file, or what a pattern or a folder stands for, links among them as they are."""
    path = Path(file)
    yield path
    found = [path] if path.is_dir() else []
    if not path.exists() and glob.has_magic(file):
        found = [Path(p) for p in glob.glob(file, recursive=True, include_hidden=True)]  # noqa: PTH207 - a whole pattern
    for one in found:
        yield one
        if one.is_dir():
            yield from one.glob("**/*")
