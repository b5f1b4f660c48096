"""Commands that put a segmentation to use: scores of customers, and the assignment as SQL."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from segmentry.cli.arguments import Data, EngineOption, Overwrite, TrustRecipe, app
from segmentry.cli.output import hand_over, say, say_aside
from segmentry.cli.progress import ProgressLine
from segmentry.cli.scores import scores_as_json, scores_lines
from segmentry.cli.trust import given_model
from segmentry.errors import ModelError

DBT_MODEL = "customer_segments"

Model = Annotated[Path, typer.Argument(metavar="segmentation.json", help="Model that `run` wrote.")]


@app.command("score")
def score_command(
    model: Model,
    data: Data,
    out: Annotated[
        str,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="File (.parquet, .csv, .sav) or table to write: duckdb:///FILE?table=T, sqlite://, postgresql://, clickhouse://, spark:T",
        ),
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the rows of a table of scores.")
    ] = False,
    history: Annotated[
        bool,
        typer.Option(
            "--history",
            help="Keep earlier rows of the table: one current row per customer, with valid_from and valid_to.",
        ),
    ] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", help="Time (UTC) from which a history's new rows count; by default now."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Say the result as one JSON object in one line, for a scheduler's log."),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say warnings alone, on the error output.")
    ] = False,
    overwrite: Overwrite = False,
    engine: EngineOption = None,
    trust_recipe: TrustRecipe = False,
) -> None:
    """Assign new customers: segment, certainty, second-best segment, reason, and whether they fit."""
    from segmentry.engine import on_engine
    from segmentry.runs.score import score
    from segmentry.system.passwords import without_password

    if history and replace:
        raise ModelError(
            "goes without --replace", source="--history", hint="a history keeps its earlier rows"
        )
    if as_of is not None and not history:
        raise ModelError("goes with --history alone", source="--as-of")
    given = on_engine(data, engine)
    with ProgressLine() as progress:
        found = score(
            given_model(model, trust=trust_recipe),
            given,
            out,
            replace=replace,
            overwrite=overwrite,
            history=history,
            as_of=as_of,
            progress=progress,
        )
    target = without_password(out)
    if as_json:
        hand_over(scores_as_json(found, model, target))
        return
    if quiet:
        for text in found.warnings:
            say_aside(f"Warning: {text}")
        return
    for line in scores_lines(found, model, without_password(data), target):
        say(line)


@app.command("sql")
def sql_command(
    model: Model,
    dialect: Annotated[
        str | None,
        typer.Option(
            help="Dialect: duckdb (unless told), postgres, sqlite, spark (Databricks), clickhouse, mysql (MariaDB), redshift, bigquery, snowflake, trino, tsql."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="File to write; by default standard output."),
    ] = None,
    table: Annotated[
        str | None, typer.Option(help="Name of the table that the SQL reads; by default customers.")
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            help="Form of the SQL: arithmetic, ranked (a row per sum), or lookup (a join with all patterns)."
        ),
    ] = "arithmetic",
    reason: Annotated[
        bool, typer.Option("--reason", help="Add the levels that decided the segment.")
    ] = False,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="Execute the SQL on DuckDB for every pattern, and compare it with Python."
        ),
    ] = False,
    kit: Annotated[
        bool,
        typer.Option(
            "--kit", help="Write a query that checks, in your database, that it assigns as Python does."
        ),
    ] = False,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="DATA", help="With --kit: run it in the database of DATA, and write what it said."
        ),
    ] = None,
    python: Annotated[
        bool, typer.Option("--python", help="Write a Python function without dependencies instead.")
    ] = False,
    dbt: Annotated[
        Path | None, typer.Option("--dbt", metavar="DIR", help="Folder for a dbt model and its YAML file.")
    ] = None,
    dbt_name: Annotated[str, typer.Option(help="Name of the dbt model.")] = DBT_MODEL,
    dbt_source: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE", help="dbt source that holds the table; by default --table is a model."
        ),
    ] = None,
    overwrite: Overwrite = False,
    trust_recipe: TrustRecipe = False,
) -> None:
    """Write the assignment as SQL that needs no segmentry, as Python, or as a dbt model."""
    from segmentry.runs.sql import check_statement, dbt_names, receipt, statement, verified, write_dbt
    from segmentry.runs.sql import kit as kit_of
    from segmentry.system.whole_files import write_text

    is_handed_over = kit or python
    _check_one_form({"--dbt": dbt is not None, "--python": python, "--kit": kit}, has_out=out is not None)
    if on is not None and not kit:
        raise ModelError("goes with --kit alone", source="--on")
    if kit:
        _check_kit({"--table": table is not None, "--reason": reason})
    written, table = dialect or "duckdb", table or "customers"
    if dbt is None and (dbt_source is not None or dbt_name != DBT_MODEL):
        name = "--dbt-name" if dbt_source is None else "--dbt-source"
        raise ModelError("goes with --dbt alone", source=name, hint="name the models folder: --dbt DIR")
    if out is not None:
        check_statement(model, out, overwrite=overwrite)
    given = given_model(model, trust=trust_recipe)
    if verify:
        is_read_on = out is None and is_handed_over  # what is handed over is a file of its own
        (say_aside if is_read_on else say)(verified(given, form))
        if out is None and dbt is None and not is_handed_over:
            return
    if dbt is not None:
        names = dbt_names(table, dbt_source, dbt_name)
        for path in write_dbt(
            given, dbt, written, names=names, form=form, reason=reason, overwrite=overwrite
        ):
            say(f"{path}")
    else:
        text = (
            receipt(given, on, form, dialect)
            if on is not None
            else kit_of(given, written, form)
            if kit
            else statement(given, written, table=table, form=form, reason=reason, python=python)
        )
        if out is None:
            hand_over(text)
        else:
            write_text(text, out)
            say(f"{out}")


def _check_kit(others: dict[str, bool]) -> None:
    """Refuse options that a kit has no use for."""
    for name, is_on in others.items():
        if is_on:
            hint = "a kit reads no table, and checks the segment, second segment, certainty and fit alone"
            raise ModelError("goes without --kit", source=name, hint=hint)


def _check_one_form(forms: dict[str, bool], *, has_out: bool) -> None:
    """Refuse two forms of the assignment in one call, and a file beside the folder of a dbt model."""
    asked = [name for name, is_on in forms.items() if is_on]
    asked += ["--out"] if has_out and forms["--dbt"] else []
    if len(asked) > 1:
        raise ModelError(f"goes without {asked[1]}", source=asked[0], hint="give each a call of its own")
