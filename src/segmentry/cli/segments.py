"""Commands that segment customers, or profile segments that customers already have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segmentry.cli.arguments import (
    Data,
    EngineOption,
    Excel,
    Locale,
    MinCell,
    Out,
    Overwrite,
    Pdf,
    Pptx,
    RecipeOption,
    Seed,
    Template,
    TrustRecipe,
    app,
)
from segmentry.cli.checks import show_check
from segmentry.cli.cleaning import cleaning_lines
from segmentry.cli.output import say
from segmentry.cli.progress import ProgressLine, warned_in_words
from segmentry.cli.trust import given_recipe
from segmentry.errors import DataError
from segmentry.system.worker import begun
from segmentry.text.locales import writing_in
from segmentry.text.numbers import count, percent
from segmentry.text.words import counted

if TYPE_CHECKING:
    from segmentry.segmentation import Segmentation


_NULL_TABLES = ("segmentry.selection.null_tables", "scipy.optimize")
"""What the process of null tables imports, `null_table_worker`; it begins while this one imports what a run needs."""


@app.command("run")
def run_command(
    data: Data,
    recipe: RecipeOption,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder for the report and all files.")
    ] = None,
    segments: Annotated[str | None, typer.Option(metavar="N|auto", help="Number of segments.")] = None,
    method: Annotated[str | None, typer.Option(help="Method: latent-class, k-modes or k-means.")] = None,
    seed: Seed = None,
    locale: Locale = None,
    thorough: Annotated[
        bool,
        typer.Option("--thorough", help="Compute every index of every number of segments; takes a minute."),
    ] = False,
    analyses: Annotated[
        int,
        typer.Option(metavar="N", help="Other analyses that the segments are compared with; 0 for none."),
    ] = 30,
    previous: Annotated[
        Path | None,
        typer.Option(metavar="segmentation.json", help="Earlier model; its segments keep number and name."),
    ] = None,
    csv: Annotated[
        bool, typer.Option("--csv", help="Also write assignments.csv, a list for a spreadsheet.")
    ] = False,
    audit: Annotated[
        bool, typer.Option("--audit", help="Also audit the table; the report shows the findings.")
    ] = False,
    however_long: Annotated[
        bool,
        typer.Option(
            "--however-long",
            help="Do what would take over ten minutes, or much memory; otherwise it is refused.",
        ),
    ] = False,
    excel: Excel = False,
    pdf: Pdf = False,
    pptx: Pptx = False,
    template: Template = None,
    min_cell: MinCell = None,
    check: Annotated[
        bool, typer.Option("--check", help="Match recipe and data, print the result, and fit nothing.")
    ] = False,
    overwrite: Overwrite = False,
    engine: EngineOption = None,
    trust_recipe: TrustRecipe = False,
) -> None:
    """Segment a customer table and write the report, the model and all tables."""
    if check:
        from segmentry.engine import on_engine

        trusted = given_recipe(recipe, trust=trust_recipe)
        return show_check(
            on_engine(data, engine), trusted, _number_of_segments(segments), method, seed, locale
        )
    if out is None:
        raise DataError(
            "name a folder for the report and all files, or add --check to write nothing", source="--out"
        )

    with begun(*_NULL_TABLES), ProgressLine(lines=thorough) as progress, warned_in_words():
        from segmentry.engine import on_engine
        from segmentry.runs.segment import run

        result = run(
            on_engine(data, engine), given_recipe(recipe, trust=trust_recipe), _number_of_segments(segments), method, seed,
            locale=locale, thorough=thorough, analyses=analyses, previous=previous, min_cell=min_cell, audit=audit,
            however_long=however_long, out=out, csv=csv, excel=excel, pdf=pdf, pptx=pptx, template=template, overwrite=overwrite,
            progress=progress,
        )  # fmt: skip
    print_summary(result, out)
    name = "assignments.csv" if csv else "assignments.parquet"
    if (out / name).is_file():
        say(f"Every customer's segment: {out / name}{'' if csv else ' (for a spreadsheet add --csv)'}")
        if result.recipe.source.id is None:
            say("The recipe names no id, so customers are told by their row in DATA, counted from 1.")
    elif result.recipe.source.id is None:
        say(
            "No assignments.parquet: the recipe names no id column ([source] id), and only rows of one file are told by their number."
        )
    if result.verdict == "none" and len(result.segments) == 1:
        say(
            "Next: other columns may divide them: segmentry init DATA -o FILE --features COLUMN (may be repeated)"
        )
    return None


@app.command("profile")
def profile_command(
    data: Data,
    recipe: RecipeOption,
    segment_column: Annotated[str, typer.Option(metavar="C", help="Column that holds the segments.")],
    out: Out,
    join: Annotated[
        str | None, typer.Option(metavar="FILE", help="File with further columns, joined on the recipe's id.")
    ] = None,
    locale: Locale = None,
    min_cell: MinCell = None,
    engine: EngineOption = None,
    excel: Excel = False,
    pdf: Pdf = False,
    pptx: Pptx = False,
    template: Template = None,
    overwrite: Overwrite = False,
    trust_recipe: TrustRecipe = False,
) -> None:
    """Profile segments that somebody else made, held in a column of the table."""
    from segmentry.engine import on_engine
    from segmentry.runs.profile import profile

    given = on_engine(data, engine)
    with ProgressLine() as progress, warned_in_words():
        result = profile(
            given, given_recipe(recipe, trust=trust_recipe), segment_column, join=join, locale=locale,
            min_cell=min_cell, out=out, excel=excel, pdf=pdf, pptx=pptx, template=template, overwrite=overwrite,
            progress=progress,
        )  # fmt: skip
    print_summary(result, out)


def _number_of_segments(text: str | None) -> int | str | None:
    if text is None or text == "auto":
        return text
    if not text.isdecimal() or int(text) < 1:
        raise DataError("must be a number from 1, or auto", source=f"--segments {text!r}")
    return int(text)


def print_summary(result: Segmentation, out: Path) -> None:
    """Print the result, what was left out, and where the report is."""
    with writing_in(result.recipe.locale):
        _print_result(result)
    say(f"Report: {out / 'report.html'}")


def _print_result(result: Segmentation) -> None:
    _print_cleaning(result)
    say(result.choice.reason)
    for caution in result.choice.cautions:
        say(f"Caution: {caution}")
    if result.verdict is not None:
        say(f"Verdict: {result.verdict}. {result.verdict.reason}")
    for s in result.segments:
        say(f"  {s.id}  {s.name}: {count(s.size)} customers, {percent(s.share)}")
    if (pair := result.confusable) is not None:
        say(pair.sentence({f.name: f.title for f in result.recipe.features}))
    for note in result.notes:
        if note.kind in ("timing", "negative", "missing", "medians", "withheld"):
            say(note.text)
    _say_withheld(result)


def _print_cleaning(result: Segmentation) -> None:
    cleaning = result.cleaning
    say(
        f"{counted(cleaning.n_rows, 'row')} read, {counted(result.n_customers, 'customer')} in "
        f"{counted(len(result.segments), 'segment')}"
    )
    for line in cleaning_lines(cleaning):
        say(line)
    for note in result.notes:
        if note.kind == "ids":
            say(f"Warning: {note.text}")


def _say_withheld(result: Segmentation) -> None:
    from segmentry.disclosure import MODEL_FILE, disclosed
    from segmentry.segmentation.shown_patterns import with_shown_patterns

    withheld = disclosed(with_shown_patterns(result), MODEL_FILE).withheld
    if withheld is not None and (withheld.n_patterns or withheld.n_cells):
        say(
            f"segmentation.json holds no count below {withheld.least}: {count(withheld.n_patterns)} patterns of "
            f"{count(withheld.n_customers)} customers and {count(withheld.n_cells)} cells of tables are withheld"
        )
