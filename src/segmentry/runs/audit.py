"""The audit of a table: from the user's data to the findings and their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts, describe_columns, list_columns
from segmentry.auditing.findings import Finding, find_findings
from segmentry.auditing.pairs import associate_columns
from segmentry.auditing.questions import answer_questions
from segmentry.auditing.result import Audit, audit_folder, write_audit
from segmentry.auditing.roles import declared_roles, guess_roles
from segmentry.auditing.script import audit_script
from segmentry.auditing.session import Session
from segmentry.auditing.suite import is_suite
from segmentry.engine import Engine, ReadOptions, ReadsViews, open_engine
from segmentry.engine.text_files import TextFile, read_text_file
from segmentry.errors import DataError
from segmentry.recipe import Recipe
from segmentry.runs.replacing import replacing
from segmentry.runs.sources import Source
from segmentry.scoring import open_data
from segmentry.sql.expressions import relation
from segmentry.system.progress import Progress, shown_progress
from segmentry.system.protection import Replacing
from segmentry.system.whole_files import check_place, write_text


def audit(
    data: Any,
    recipe: Recipe | str | Path | None = None,
    *,
    encoding: str | None = None,
    out: str | Path | None = None,
    checks: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Audit:
    """Look a table over, by SQL where it lies: columns, first questions, pairs, and what is wrong with it.

    Parameters
    ----------
    data
        Whatever `segmentry.collect` takes.
    recipe
        A recipe, its path, or a bundled recipe's name. The audit reads its source, and its outcomes say
        which columns are amounts, counts and campaigns. Without a recipe this is guessed from names and values.
        Cleaning steps are not applied: the audit shows the table as it is.
    encoding
        Encoding of a delimited file, such as ``"windows-1251"``; by default the recipe's, else told by the file's letters.
    out
        Folder for audit.html, audit.json and audit.sql.
    checks
        File for the checks of `Audit.to_checks`, of the columns that the recipe reads if there is one.
    overwrite
        Whether files may be replaced that segmentry did not write, or that this call reads.
    progress
        Function that is called with a line of text at the start of each stage.

    Returns
    -------
    Audit

    Raises
    ------
    RecipeError, DataError
        A mistake in the recipe or the data; the text says which and what to do.

    Examples
    --------
    >>> import segmentry as sg
    >>> from segmentry.datasets import sample_households
    >>> found = sg.audit(sample_households(rows=2_000, seed=1, dirt=True))
    >>> found.n_rows, len(found.columns)
    (2000, 29)
    >>> {f.kind for f in found.findings} >= {"constant", "missing"}
    True
    """
    settings = None if recipe is None else Recipe.load(recipe)
    may_replace = replacing(data, recipe, settings, overwrite=overwrite)
    if checks is not None:
        may_replace.check_file(Path(checks), "checks", is_suite)
        check_place(Path(checks))
    with shown_progress(progress) as say, _folder(out, may_replace) as folder:
        say("Reading the table")
        engine = _opened(data, settings, encoding)
        try:
            found = audit_engine(engine, settings, say)
        finally:
            engine.close()
        if folder is not None:
            say("Writing the files")
            write_audit(found, folder)
        if checks is not None:
            write_text(found.to_checks(settings), Path(checks))
    return found


def _folder(out: str | Path | None, may_replace: Replacing) -> AbstractContextManager[Path | None]:
    return nullcontext() if out is None else audit_folder(Path(out), may_replace)


def _opened(data: Any, recipe: Recipe | None, encoding: str | None) -> Engine:
    if recipe is None:
        return open_engine(data, options=ReadOptions(encoding=encoding))
    if encoding is not None:
        recipe = recipe.model_copy(update={"source": recipe.source.model_copy(update={"encoding": encoding})})
    return open_data(data, recipe)


def findings_of(source: Source, recipe: Recipe, say: Progress) -> tuple[Finding, ...]:
    """Return what an audit finds in the table of a run; its queries stay out of the engine's log.

    Raises
    ------
    DataError
        The data are a pattern table.
    """
    engine = source.engine
    if engine is None:
        raise DataError(
            "an audit reads customers, and the data are a pattern table",
            hint="audit the table that it was collected from",
        )
    n_logged = len(engine.log)
    try:
        return audit_engine(engine, recipe, say).findings
    finally:
        del engine.log[n_logged:]


def audit_engine(engine: Engine, recipe: Recipe | None, say: Progress) -> Audit:
    """Look over the table of an engine; a text file is read once, into the engine's temporary folder."""
    with read_text_file(engine) as file:
        return _audited(engine, recipe, file, say)


def _audited(engine: Engine, recipe: Recipe | None, file: TextFile | None, say: Progress) -> Audit:
    session = Session(engine)
    if recipe is not None and recipe.source.sql is not None:
        session.relation = relation(recipe, dict(engine.tables)).select_all()
    if file is not None:
        session.source = _shown_source(recipe, {**engine.tables, "data": file.origin})
    elif isinstance(engine, ReadsViews):
        session.source = _shown_source(recipe, engine.origins)
    say("Measuring the columns")
    columns = list_columns(session)
    facts = describe_columns(session)
    if not facts:
        raise DataError("the table has no columns", source=engine.name)
    roles = guess_roles(facts) if recipe is None else declared_roles(recipe, facts)
    say("Comparing the columns")
    pairs = associate_columns(session, columns, facts)
    say("Looking for what is wrong")
    findings = find_findings(session, columns, facts, roles, pairs, file)
    answers = answer_questions(session, columns, facts, roles)
    return Audit(
        name=engine.name,
        n_rows=facts[0].n_rows,
        findings=findings,
        columns=_withheld(facts, findings),
        pairs=pairs,
        answers=answers,
        roles=roles,
        sql=audit_script(
            engine.name, engine.dialect, session.source_query(), file is not None, session.steps
        ),
        n_queries=len(session.steps),
        dialect=engine.dialect,
    )


def _withheld(facts: Sequence[ColumnFacts], findings: Sequence[Finding]) -> tuple[ColumnFacts, ...]:
    """Return the facts without the values of columns that look like personal data."""
    personal = {f.column for f in findings if f.kind == "personal_data"}
    nothing = {"minimum": None, "maximum": None, "top_values": (), "is_withheld": True}
    return tuple(replace(f, **nothing) if f.name in personal else f for f in facts)  # type: ignore[arg-type]


def _shown_source(recipe: Recipe | None, tables: Mapping[str, exp.Expr]) -> exp.Query:
    """Return the query of the user's own file or table, not of the copy or view that was made of it."""
    if recipe is not None and recipe.source.sql is not None:
        return relation(recipe, dict(tables)).select_all()
    return exp.select("*").from_(tables["data"].copy())
