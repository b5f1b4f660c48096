"""The command that audits a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmentry.cli.arguments import Data, Encoding, EngineOption, Overwrite, TrustRecipe, app
from segmentry.cli.output import say
from segmentry.cli.progress import ProgressLine
from segmentry.cli.trust import given_recipe
from segmentry.text.numbers import count
from segmentry.text.words import counted

_MAX_FINDINGS = 12


@app.command("audit")
def audit_command(
    data: Data,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="DIR", help="Folder for audit.html, audit.json and audit.sql."),
    ],
    recipe: Annotated[
        str | None,
        typer.Option(
            "--recipe", "-r", metavar="R", help="Recipe that declares amounts, counts and campaigns."
        ),
    ] = None,
    checks: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="YAML file of checks for pointblank: what holds of the table, and what was found.",
        ),
    ] = None,
    encoding: Encoding = None,
    overwrite: Overwrite = False,
    engine: EngineOption = None,
    trust_recipe: TrustRecipe = False,
) -> None:
    """Audit a table in SQL: its columns, first questions, pairs of columns, and what is wrong with it."""
    from segmentry.engine import on_engine
    from segmentry.runs.audit import audit

    given = on_engine(data, engine)
    with ProgressLine() as progress:
        declared = None if recipe is None else given_recipe(recipe, trust=trust_recipe)
        found = audit(
            given,
            declared,
            encoding=encoding,
            out=out,
            checks=checks,
            overwrite=overwrite,
            progress=progress,
        )
    n = len(found.findings)
    size = ", ".join(
        (counted(found.n_rows, "row"), counted(len(found.columns), "column"), counted(n, "finding"))
    )
    say(size)
    for finding in found.findings[:_MAX_FINDINGS]:
        say(f"  {' '.join(finding.title.split())}")
    if n > _MAX_FINDINGS:
        say(f"  and {count(n - _MAX_FINDINGS)} more")
    say(f"Audit: {out / 'audit.html'}")
    if checks is not None:
        say(f"Checks: {checks}")
