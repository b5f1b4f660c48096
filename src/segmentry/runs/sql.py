"""A saved segmentation as SQL, as a Python function, or as a dbt model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from segmentry.engine import open_engine
from segmentry.errors import DataError, ModelError
from segmentry.runs.replacing import replacing
from segmentry.scoring.dbt import DbtNames, dbt_files
from segmentry.scoring.digest import recipe_digest
from segmentry.scoring.kit import verification_kit
from segmentry.scoring.ours import is_statement
from segmentry.scoring.receipt import verify_on
from segmentry.scoring.statement import check_dialect
from segmentry.segmentation import Segmentation, load
from segmentry.system.whole_files import check_place, write_texts


def statement(
    model: str | Path | Segmentation,
    dialect: str,
    *,
    table: str,
    form: Any,
    reason: bool,
    python: bool = False,
) -> str:
    """Write a saved segmentation as SQL, or as a Python function."""
    segmentation = load(model)
    if python:
        return segmentation.to_python()
    return segmentation.to_sql(dialect, table=table, form=form, reason=reason)


def kit(model: str | Path | Segmentation, dialect: str, form: Any) -> str:
    """Write the verification kit of a saved segmentation: a query that returns no row where a database assigns alike."""
    return verification_kit(load(model), dialect, form=form)


def receipt(model: str | Path | Segmentation, data: str, form: Any, dialect: str | None = None) -> str:
    """Run the verification kit in the database of DATA, and write what it said.

    Raises
    ------
    ModelError
        The database assigns a pattern otherwise than Python, or its dialect is another than the one that was asked for.
    """
    segmentation = load(model)
    engine = open_engine(data)
    try:
        if dialect is not None and check_dialect(dialect) != check_dialect(engine.dialect):
            raise ModelError(
                f"the database's dialect is {engine.dialect}",
                source=f"--dialect {dialect}",
                hint="leave it out: a kit that is run is written for the database that runs it",
            )
        found = verify_on(segmentation, engine, form)
    finally:
        engine.close()
    if found.n_differing:
        raise ModelError(
            f"{found.n_differing:,} of {found.n_patterns:,} patterns are assigned otherwise on {found.server}",
            source=engine.name,
            hint=f"`segmentry sql --dialect {found.dialect} --form {form} --kit` writes the query that names them; please report it",
        )
    return found.text()


def check_statement(model: str | Path | Segmentation, path: Path, *, overwrite: bool) -> None:
    """Refuse a file that a statement may not replace.

    Raises
    ------
    DataError
        It is the model, or holds something else than a statement.
    """
    replacing(model, overwrite=overwrite).check_file(path, "statement", is_statement)
    check_place(path)


def verified(model: str | Path | Segmentation, form: Any) -> str:
    """Compare the SQL of a saved segmentation, executed on DuckDB, with Python, and say how many patterns are equal.

    Raises
    ------
    ModelError
        They differ; the text names patterns.
    """
    found = load(model).verify(form=form)
    if not found.is_equal:
        raise ModelError(f"SQL and Python differ, please report it: {found}", source=_name_of(model))
    return str(found)


def _name_of(model: str | Path | Segmentation) -> str:
    return "" if isinstance(model, Segmentation) else str(model)


def dbt_names(table: str, source: str | None, model: str) -> DbtNames:
    """What a dbt model is called, and what it reads."""
    return DbtNames(table, source, model)


def write_dbt(
    model: str | Path | Segmentation,
    folder: Path,
    dialect: str,
    *,
    names: DbtNames,
    form: Any,
    reason: bool,
    overwrite: bool,
) -> tuple[Path, ...]:
    """Write the files of a dbt model into a folder, and return their paths.

    Raises
    ------
    DataError
        There is no such folder, or a model of another recipe has the name.
    """
    segmentation = load(model)
    files = dbt_files(segmentation, dialect, names=names, form=form, reason=reason)
    if not folder.is_dir():
        raise DataError("no such folder", source=folder, hint="give the models folder of a dbt project")
    for name in files:
        check_statement(model, folder / name, overwrite=overwrite)
    if not overwrite:
        _check_recipe(segmentation, folder / f"{names.model}.yml")
    write_texts(files, folder)
    return tuple(folder / name for name in files)


def _check_recipe(segmentation: Segmentation, described: Path) -> None:
    """Refuse to replace the dbt model of another recipe."""
    found = (
        re.search(r'segmentry_recipe: "(\w+)"', described.read_text("utf-8")) if described.is_file() else None
    )
    if found is not None and found[1] != recipe_digest(segmentation):
        raise DataError(
            "holds a dbt model of another recipe",
            source=described,
            hint="give this one a name of its own with --dbt-name, or add --overwrite",
        )
