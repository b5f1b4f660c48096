"""Commands that generate customers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmentry.cli.arguments import Out, Overwrite, app
from segmentry.cli.output import say
from segmentry.cli.progress import ProgressLine
from segmentry.cli.segments import print_summary
from segmentry.text.numbers import count


@app.command("sample")
def sample_command(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="File to write: .parquet, .csv or .tsv.")
    ],
    rows: Annotated[int, typer.Option(help="Number of households.", min=1)] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of the random draws.", min=0)] = 0,
    truth: Annotated[bool, typer.Option("--truth", help="Add the planted segment as true_segment.")] = False,
    dirt: Annotated[
        bool, typer.Option("--dirt", help="Add missing values, typing errors and duplicates.")
    ] = False,
    overwrite: Overwrite = False,
) -> None:
    """Write generated households with planted segments."""
    from segmentry.datasets import write_sample

    with ProgressLine() as progress:
        progress(f"Writing {count(rows)} households")
        write_sample(out, rows, seed=seed, truth=truth, dirt=dirt, overwrite=overwrite)
    say(f"{count(rows)} households: {out}")


@app.command("demo")
def demo_command(
    out: Out,
    rows: Annotated[int, typer.Option(help="Number of households.", min=1_000)] = 10_000,
    overwrite: Overwrite = False,
) -> None:
    """Segment generated customers, to see what comes out."""
    from segmentry.datasets import write_sample
    from segmentry.runs.segment import run
    from segmentry.system.owned_folders import OwnedFolder

    with ProgressLine() as progress, OwnedFolder.temporary() as folder:
        progress(f"Generating {count(rows)} households")
        data = folder / "households.parquet"
        write_sample(data, rows, dirt=True)
        result = run(data, "households", audit=True, out=out, overwrite=overwrite, progress=progress)
    print_summary(result, out)
