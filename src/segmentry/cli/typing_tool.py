"""The command that makes a typing tool."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmentry.cli.arguments import Data, Overwrite, TrustRecipe, app
from segmentry.cli.output import say
from segmentry.cli.production import Model
from segmentry.cli.progress import ProgressLine, warned_in_words
from segmentry.cli.trust import given_model
from segmentry.text.numbers import percent


@app.command("type")
def type_command(
    model: Model,
    data: Data,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the files.")],
    by: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Column or feature that may be asked for; say it several times."),
    ] = None,
    questions: Annotated[int | None, typer.Option(metavar="N", help="Largest number of questions.")] = None,
    agreement: Annotated[
        float, typer.Option(metavar="SHARE", help="Share of the customers who are to be told their segment.")
    ] = 0.9,
    dialect: Annotated[str, typer.Option(help="Dialect of the SQL, as in the command sql.")] = "duckdb",
    table: Annotated[str, typer.Option(help="Name of the table that the SQL reads.")] = "customers",
    overwrite: Overwrite = False,
    trust_recipe: TrustRecipe = False,
) -> None:
    """Find the fewest questions that tell a customer's segment; write them as a workbook, SQL and Python."""
    from segmentry.runs.type_customers import type_customers

    with ProgressLine() as progress, warned_in_words():
        tool = type_customers(
            given_model(model, trust=trust_recipe), data, by or (), questions=questions, agreement=agreement, out=out,
            dialect=dialect, table=table, overwrite=overwrite, progress=progress,
        )  # fmt: skip
    for number, question in enumerate(tool.questions, 1):
        say(f"  {number}. {question.label}")
    say(
        f"They tell {percent(tool.trust.agreement)} of the customers right, held out ({percent(tool.wanted)} were wanted)"
    )
    say(f"Summary: {out / 'typing.md'}; form: {out / 'typing.xlsx'}")
