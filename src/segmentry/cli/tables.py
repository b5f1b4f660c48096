"""Commands that collect and merge pattern tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segmentry.cli.arguments import Data, EngineOption, Overwrite, RecipeOption, TrustRecipe, app
from segmentry.cli.output import say
from segmentry.cli.progress import ProgressLine, warned_in_words
from segmentry.cli.trust import given_recipe
from segmentry.errors import DataError
from segmentry.text.numbers import count

if TYPE_CHECKING:
    from segmentry.patterns import PatternTable


@app.command("collect")
def collect_command(
    data: Data,
    recipe: RecipeOption,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Parquet file to write.")],
    min_count: Annotated[
        int,
        typer.Option(
            help="Smallest number of customers of a pattern; patterns of fewer are withheld, and counted.",
            min=1,
        ),
    ] = 1,
    fine: Annotated[
        bool,
        typer.Option("--fine", help="Collect levels as fine as the data allow, for later roll-ups."),
    ] = False,
    like: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Pattern table whose edges and fine levels are taken, so that both merge without a loss.",
        ),
    ] = None,
    overwrite: Overwrite = False,
    engine: EngineOption = None,
    trust_recipe: TrustRecipe = False,
) -> None:
    """Collect only the pattern table, which `run` takes as DATA."""
    from segmentry.engine import on_engine
    from segmentry.patterns.files import is_pattern_table
    from segmentry.recipe import Recipe
    from segmentry.runs.collect import collect
    from segmentry.runs.replacing import replacing
    from segmentry.system.whole_files import check_place

    given = on_engine(data, engine)
    loaded = Recipe.load(given_recipe(recipe, trust=trust_recipe))
    read = [given, recipe, loaded] if like is None else [given, recipe, loaded, _existing(like)]
    replacing(*read, overwrite=overwrite).check_file(out, "pattern table", is_pattern_table)
    check_place(out)
    with ProgressLine() as progress, warned_in_words():
        progress("Reading the table")
        collected = collect(given, loaded, fine=fine, like=like)
        patterns = collected.withhold(min_count)
        patterns.save(out)
    for step in patterns.cleaning.steps[len(collected.cleaning.steps) :]:
        say(f"{count(step.n_rows)} customers withheld: {step.why}")
    _print_patterns(patterns, out)


@app.command("merge")
def merge_command(
    tables: Annotated[list[Path], typer.Argument(metavar="A.parquet B.parquet ...", help="Pattern tables.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Parquet file to write.")],
    overwrite: Overwrite = False,
) -> None:
    """Add up pattern tables of the same recipe."""
    from segmentry.patterns import PatternTable
    from segmentry.patterns.files import is_pattern_table
    from segmentry.runs.replacing import replacing
    from segmentry.system.whole_files import check_place

    replacing(*tables, overwrite=overwrite).check_file(out, "pattern table", is_pattern_table)
    check_place(out)
    first, *others = (PatternTable.load(_existing(path)) for path in tables)
    merged = first.merge(*others)
    merged.save(out)
    _print_patterns(merged, out)


def _print_patterns(patterns: PatternTable, out: Path) -> None:
    for text in patterns.cleaning.said_of_ids():
        say(f"Warning: {text}")
    say(f"{count(patterns.n_customers)} customers in {count(patterns.n_patterns)} patterns: {out}")


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise DataError("no such file", source=path)
    return path
