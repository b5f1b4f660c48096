"""What a run may replace where it writes: nothing that it reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from segmentry.engine.inputs import files_behind
from segmentry.recipe import Recipe
from segmentry.system.protection import Replacing


def replacing(*given: Any, overwrite: bool) -> Replacing:
    """Gather the files behind what a call was given: data, recipes with their tables, models."""
    paths: list[Path] = []
    for one in given:
        tables = one.source.tables.values() if isinstance(one, Recipe) else ()
        for data in (one, *tables):
            paths += files_behind(data)
    return Replacing(tuple(paths), overwrite)
