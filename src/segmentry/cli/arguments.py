"""The application that commands register with, and the arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Customer segmentation that can be defended: from a table in SQL to named segments and a report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # takes longer to load than the rest of the help

        typer.echo(f"segmentry {version('segmentry')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="CSV, Parquet, JSON, Excel, SPSS, Stata, SAS; a glob; duckdb:///FILE?table=T; sqlite://; postgresql://...?table=T; clickhouse://; snowflake://; bigquery://; databricks://",
    ),
]
EngineOption = Annotated[
    str | None,
    typer.Option(metavar="spark", help="Engine that reads DATA: Parquet files, or a table of the session."),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Encoding of a delimited file, or of one of SPSS, Stata or SAS: windows-1251, latin-1, ...; by default told by its letters.",
    ),
]
RecipeOption = Annotated[
    str, typer.Option("--recipe", "-r", metavar="R", help="Recipe file, or the name of a bundled recipe.")
]
TrustRecipe = Annotated[
    bool,
    typer.Option(
        "--trust-recipe",
        help="Let the recipe's SQL do whatever the database can: read and write any file, connect to servers.",
    ),
]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the report and all files.")]
MinCell = Annotated[
    int | None,
    typer.Option(
        "--min-cell", metavar="N", help="Withhold figures of fewer than N customers; below 5 it counts as 5."
    ),
]
Locale = Annotated[
    str | None,
    typer.Option(
        metavar="L", help="Locale of numbers in texts: de, fr, en-IN, ...; by default the recipe's, else en."
    ),
]
Seed = Annotated[int | None, typer.Option(help="Seed of the random draws; by default the recipe's.", min=0)]
Overwrite = Annotated[
    bool,
    typer.Option(
        "--overwrite", help="Replace files that segmentry did not write, or that this command reads."
    ),
]
Excel = Annotated[bool, typer.Option("--excel", help="Also write report.xlsx; needs the extra excel.")]
Pdf = Annotated[bool, typer.Option("--pdf", help="Also write report.pdf, printed by Chromium.")]
Pptx = Annotated[
    bool, typer.Option("--pptx", help="Also write report.pptx, or renew it; needs the extra slides.")
]
Template = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="PowerPoint file whose masters, fonts and colours new slides have."),
]
