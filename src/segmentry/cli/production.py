"""Commands that take a segmentation to where customers live: scores, and the same as SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmentry.cli.arguments import Data, app
from segmentry.cli.progress import Progress

Model = Annotated[Path, typer.Argument(metavar="segmentation.json", help="What `run` wrote.")]


@app.command()
def score(
    model: Model,
    data: Data,
    out: Annotated[
        str, typer.Option("--out", "-o", metavar="FILE", help=".parquet, .csv, or duckdb:///FILE?table=T")
    ],
    replace: Annotated[bool, typer.Option("--replace", help="Replace the table if it is there.")] = False,
) -> None:
    """Assign new customers: segment, certainty, second-best segment, reason, and whether they fit."""
    from segmentry.pipeline.scored import score as score_data

    with Progress() as progress:
        found = score_data(model, data, out, replace=replace, progress=progress)
    typer.echo(f"{found.cleaning.n_rows:,} rows read, {found.n_customers:,} customers scored: {out}")
    for step in found.cleaning.steps:
        if step.n_rows:
            verb = {"dropped": "dropped by", "changed": "changed by"}.get(
                step.what, f"with {step.what} value in"
            )
            typer.echo(f"  {step.n_rows:,} {verb} {step.step}" + (f": {step.why}" if step.why else ""))
    for segment, size in found.sizes.items():
        typer.echo(f"  segment {segment}: {size:,} customers, {size / found.n_customers:.1%}")
    typer.echo(
        f"{found.n_unfit:,} customers ({found.n_unfit / found.n_customers:.1%}) are unlike those who made the segments "
        "(fits = false)"
    )
