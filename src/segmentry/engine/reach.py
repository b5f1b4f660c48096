"""What DuckDB may reach: the files that were named and a folder of the engine's own, and nothing else."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlglot import exp

_SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}
"""No extension comes from the network or a folder, and no name in a query is looked up among Python's variables."""


@dataclass(frozen=True)
class Reach:
    """What queries may reach beside the tables that an engine is given.

    Attributes
    ----------
    is_trusted
        Whether they may do whatever the database can, as the user asked for with ``--trust-recipe``.
    writes
        File, or folder, that results are written to.
    """

    is_trusted: bool = False
    writes: Path | None = None


def connect(*, is_trusted: bool = False) -> Any:
    """Open a database in memory; unless it is trusted, without extensions that are not part of DuckDB."""
    import duckdb

    return duckdb.connect(config={} if is_trusted else dict(_SETTINGS))


def confine(connection: Any, files: Iterable[Path], folders: Iterable[Path]) -> None:
    """Let a connection read and write these files, and what is in these folders, and nothing more from now on.

    Its settings cannot be changed any more either, so that logs and profiles go nowhere.
    """
    names = sorted({name for file in files for name in _spellings(file)})
    inside = sorted({str(f) for folder in folders for f in (folder, folder.absolute(), folder.resolve())})
    connection.execute(f"SET allowed_paths = {_list(names)}")
    connection.execute(f"SET allowed_directories = {_list(inside)}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _spellings(file: Path) -> set[str]:
    """The names by which queries ask for a file: as given, from the root, without links; and with escaped wildcards."""
    names = {str(file), os.path.abspath(file), str(file.resolve())}  # noqa: PTH100 - links stay as they are
    return names | {glob.escape(name) for name in names}


def _list(texts: list[str]) -> str:
    return exp.Array(expressions=[exp.Literal.string(text) for text in texts]).sql("duckdb")
