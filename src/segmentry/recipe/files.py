"""Files that a recipe names: beside it or below, or below the folder that one works in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from segmentry.errors import RecipeError


def check_files(tables: Mapping[str, str], folder: Path, where: str) -> None:
    """Refuse files of ``[source.tables]`` that lie elsewhere: whoever wrote the recipe may not choose them.

    Links are followed. Names of tables of a database lie nowhere, and pass.

    Raises
    ------
    RecipeError
        A file is neither below `folder`, which holds the recipe or the model, nor below the working folder.
    """
    inside = [folder.resolve(), Path.cwd().resolve()]
    for name, file in tables.items():
        path = Path(file).resolve()
        if not any(path.is_relative_to(place) for place in inside):
            raise RecipeError(
                f"{file!r} lies neither below the folder of {where} nor below the working folder",
                source=where,
                place=("source", "tables", name),
                hint="put the file there, or, if you trust whoever named it, add --trust-recipe; see docs/safety.md",
            )
