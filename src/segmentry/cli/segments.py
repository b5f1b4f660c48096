"""Commands that segment customers, or profile their segments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segmentry.cli.arguments import Data, Out, Recipe, Seed, app
from segmentry.cli.progress import Progress
from segmentry.errors import DataError

if TYPE_CHECKING:
    from segmentry.segmentation import Segmentation


@app.command()
def run(
    data: Data,
    recipe: Recipe,
    out: Out,
    segments: Annotated[str | None, typer.Option(metavar="N|auto", help="How many segments.")] = None,
    method: Annotated[str | None, typer.Option(help="latent-class, k-modes or k-means.")] = None,
    seed: Seed = None,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Every index of every number of segments; takes a minute.")
    ] = False,
    previous: Annotated[
        Path | None,
        typer.Option(
            metavar="segmentation.json", help="Keep the numbers and names of segments that survive."
        ),
    ] = None,
    min_cell: Annotated[
        int, typer.Option(help="The model file holds no count of customers below this.", min=1)
    ] = 5,
) -> None:
    """Segment a customer table and write the report, the model and all tables."""
    from segmentry.pipeline.segmenting import run as run_pipeline

    with Progress() as progress:
        result = run_pipeline(
            data, recipe, _segments(segments), method, seed,
            thorough=thorough, previous=previous, min_cell=min_cell, out=out, progress=progress,
        )  # fmt: skip
    summary(result, out)


@app.command()
def profile(
    data: Data,
    recipe: Recipe,
    segment_column: Annotated[str, typer.Option(metavar="C", help="The column that holds the segments.")],
    out: Out,
    join: Annotated[
        str | None, typer.Option(metavar="FILE", help="File with further columns, joined on the recipe's id.")
    ] = None,
) -> None:
    """Profile segments that somebody else made."""
    from segmentry.pipeline.given import profile as profile_given

    with Progress() as progress:
        result = profile_given(data, recipe, segment_column, join=join, out=out, progress=progress)
    summary(result, out)


def _segments(text: str | None) -> int | str | None:
    if text is None or text == "auto":
        return text
    if not text.isdecimal() or int(text) < 1:
        raise DataError(f"--segments {text!r}: must be a number from 1, or auto")
    return int(text)


def summary(result: Segmentation, out: Path) -> None:
    """Say what was found, what was left out, and where to look next."""
    from segmentry.withholding import without_small_counts

    cleaning = result.cleaning
    typer.echo(
        f"{cleaning.n_rows:,} rows read, {result.n_customers:,} customers in {len(result.segments)} segments"
    )
    for step in cleaning.steps:
        if step.n_rows:
            verb = {"dropped": "dropped by", "changed": "changed by"}.get(
                step.what, f"with {step.what} value in"
            )
            typer.echo(f"  {step.n_rows:,} {verb} {step.step}" + (f": {step.why}" if step.why else ""))
    typer.echo(result.choice.reason)
    if result.verdict is not None:
        typer.echo(f"Verdict: {result.verdict}. {result.verdict.reason}")
    for s in result.segments:
        typer.echo(f"  {s.id}  {s.name}: {s.size:,} customers, {s.share:.1%}")
    if result.recipe.source.id is None and result.core is not None:
        typer.echo("No assignments.parquet: the recipe names no id column ([source] id).")
    withheld = without_small_counts(result)[1]
    if withheld.n_patterns or withheld.n_cells:
        typer.echo(
            f"segmentation.json holds no count below {withheld.min_cell}: {withheld.n_patterns:,} patterns of "
            f"{withheld.n_customers:,} customers and {withheld.n_cells:,} cells of tables are withheld"
        )
    typer.echo(f"Report: {out / 'report.html'}")
