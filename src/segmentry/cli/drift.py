"""The command that says whether a population has moved away from its segments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segmentry.cli.arguments import Data, EngineOption, Overwrite, Seed, TrustRecipe, app
from segmentry.cli.output import say
from segmentry.cli.progress import ProgressLine
from segmentry.cli.trust import given_model
from segmentry.text.locales import writing_in
from segmentry.text.numbers import count
from segmentry.text.words import counted

if TYPE_CHECKING:
    from segmentry.drift import Drift


_MAX_FINDINGS = 2


@app.command("drift")
def drift_command(
    segmentation: Annotated[
        Path, typer.Argument(metavar="segmentation.json", help="Model that `run` wrote.")
    ],
    data: Data,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder for drift.html and drift.json.")
    ] = None,
    outcomes: Annotated[
        bool, typer.Option("--outcomes/--no-outcomes", help="Compare outcomes, or leave them out.")
    ] = True,
    seed: Seed = None,
    overwrite: Overwrite = False,
    engine: EngineOption = None,
    trust_recipe: TrustRecipe = False,
) -> None:
    """Say whether the population has moved; exit code 0 stable, 3 shifting, 4 refit."""
    from segmentry.engine import on_engine
    from segmentry.runs.drift import drift
    from segmentry.segmentation import load

    given = on_engine(data, engine)
    with ProgressLine() as progress:
        model = load(given_model(segmentation, trust=trust_recipe))
        found = drift(
            model, given, out=out, outcomes=outcomes, seed=seed, overwrite=overwrite, progress=progress
        )
    with writing_in(model.recipe.locale):
        _print_drift(found, segmentation)
    if out is not None:
        say(f"Page: {out / 'drift.html'}")
    raise typer.Exit(found.exit_code)


def _print_drift(found: Drift, model: Path) -> None:
    from segmentry.drift.summary import most_moved, next_step

    say(f"{counted(found.new.n_customers, 'customer')} compared with {count(found.old.n_customers)}")
    say(f"Verdict: {found.verdict.kind}. {found.verdict.reason}")
    further = found.verdict.findings[1:]
    for finding in further[:_MAX_FINDINGS]:
        say(f"  {finding.text}")
    if len(further) > _MAX_FINDINGS:
        say(f"  and {counted(len(further) - _MAX_FINDINGS, 'further finding')}; --out DIR writes all of them")
    for sentence in most_moved(found):
        say(sentence)
    say(f"Next: {next_step(found, str(model))}")
