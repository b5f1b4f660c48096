"""Commands that draft recipes."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from segmentry.cli.arguments import Data, Encoding, EngineOption, app
from segmentry.cli.output import say
from segmentry.cli.progress import ProgressLine
from segmentry.errors import DataError
from segmentry.text.words import counted


@app.command("init")
def init_command(
    data: Data,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Recipe file to write.")] = Path(
        "recipe.toml"
    ),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
    target: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Headline outcome: compared first, and never a feature."),
    ] = None,
    features: Annotated[
        list[str] | None,
        typer.Option("--features", metavar="COLUMN", help="Is to form segments; may be repeated."),
    ] = None,
    outcomes: Annotated[
        list[str] | None,
        typer.Option("--outcomes", metavar="COLUMN", help="Is to be compared; may be repeated."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", metavar="COLUMN", help="Is to be left out; may be repeated."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="DAY", help="Day to which the days since the last purchase are counted."
        ),
    ] = None,
    ordered: Annotated[
        bool | None,
        typer.Option(
            "--ordered/--no-ordered",
            help="Take numbers with many values as numbers, which edges only show, or in bands; by default as numbers up to 5,000 customers.",
        ),
    ] = None,
    encoding: Encoding = None,
    engine: EngineOption = None,
) -> None:
    """Draft a commented recipe from the table, which runs unchanged."""
    from segmentry.drafting import draft
    from segmentry.engine import on_engine
    from segmentry.system.passwords import without_password
    from segmentry.system.whole_files import check_place, write_text

    if out.exists() and not overwrite:
        raise DataError(
            "exists already", source=out, hint="add --overwrite to replace it, or name another file with -o"
        )
    check_place(out)
    with ProgressLine() as progress:
        progress("Reading the table")
        recipe = draft(
            on_engine(data, engine),
            target,
            features=features or (),
            outcomes=outcomes or (),
            exclude=exclude or (),
            encoding=encoding,
            as_of=as_of,
            ordered=ordered,
        )
        write_text(recipe.text, out)
    n_outcomes = sum(len(group.columns) for group in recipe.outcomes)
    made = (len(recipe.features), "feature"), (n_outcomes, "outcome"), (len(recipe.clean), "cleaning step")
    say(f"{', '.join(counted(n, what) for n, what in made)}: {out}")
    say("  features: " + ", ".join(f.title for f in recipe.features))
    if target is None:
        say(f"  headline: {_headline(recipe.headline, recipe.candidates)}")
    command = shlex.join(["segmentry", "run", without_password(data), "--recipe", str(out), "--check"])
    say(f"Read it and change what you know better. Then: {command}")


def _headline(taken: str, candidates: Sequence[str]) -> str:
    """Say what the table is taken to be about, and what it could be instead."""
    said = taken or "none: nothing says what the table is about"
    if not candidates:
        return said
    flags = " or ".join(shlex.join(["--target", name]) for name in candidates)
    return f"{said}{', but that is not sure' if taken else ''}; {flags} would take another"
