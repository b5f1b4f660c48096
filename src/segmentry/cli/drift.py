"""The command that asks whether a population has moved away from its segments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segmentry.cli.arguments import Data, Engine, Seed, app
from segmentry.cli.progress import Progress

if TYPE_CHECKING:
    from segmentry.drift import Drift


@app.command()
def drift(
    segmentation: Annotated[Path, typer.Argument(metavar="segmentation.json", help="The model of a run.")],
    data: Data,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder for drift.html and drift.json.")
    ] = None,
    outcomes: Annotated[
        bool, typer.Option("--outcomes/--no-outcomes", help="Whether to compare outcomes.")
    ] = True,
    seed: Seed = None,
    engine: Engine = None,
) -> None:
    """Has the population moved: exit code 0 stable, 3 shifting, 4 refit."""
    from segmentry.pipeline.drifting import drift as measure_drift
    from segmentry.pipeline.opened import on_engine
    from segmentry.segmentation import load

    given = on_engine(data, engine)
    with Progress() as progress:
        model = load(segmentation)
        found = measure_drift(model, given, out=out, outcomes=outcomes, seed=seed, progress=progress)
    _say(found)
    if out is not None:
        typer.echo(f"Page: {out / 'drift.html'}")
    raise typer.Exit(found.exit_code)


def _say(found: Drift) -> None:
    typer.echo(f"{found.new.n_customers:,} customers compared with {found.old.n_customers:,}")
    typer.echo(f"Verdict: {found.verdict.kind}. {found.verdict.reason}")
    for finding in found.verdict.findings[1:6]:
        typer.echo(f"  {finding.text}")
    if len(found.verdict.findings) > 6:
        typer.echo(f"  and {len(found.verdict.findings) - 6} further findings")
    moved = found.segments.total_variation
    typer.echo(
        f"In other segments than before: {moved.value:.1%} of the customers; "
        f"chance alone gives up to {moved.chance:.1%} (95 %)"
    )
