"""Arguments to pipeline to exit code: 0, 2 with one line on a user's mistake, 1 on a defect."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segmentry.errors import DataError, SegmentryError

if TYPE_CHECKING:
    from segmentry.segmentation import Segmentation

app = typer.Typer(
    help="Customer segmentation that can be defended: from a table in SQL to named segments and a report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Data = Annotated[
    str, typer.Argument(metavar="DATA", help="CSV, Parquet, JSON; a glob; duckdb:///FILE?table=T")
]
Recipe = Annotated[
    str, typer.Option("--recipe", "-r", metavar="R", help="Recipe file, or a bundled one's name.")
]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the report and all files.")]
Seed = Annotated[int | None, typer.Option(help="Of every random draw; by default the recipe's.", min=0)]


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
) -> None:
    """Segment a customer table and write the report, the model and all tables."""
    from segmentry import pipeline

    with _Progress() as progress:
        result = pipeline.run(
            data, recipe, _segments(segments), method, seed, thorough=thorough, out=out, progress=progress
        )
    _summary(result, out)


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
    from segmentry import pipeline

    with _Progress() as progress:
        result = pipeline.profile(data, recipe, segment_column, join=join, out=out, progress=progress)
    _summary(result, out)


@app.command()
def collect(
    data: Data,
    recipe: Recipe,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Parquet file to write.")],
) -> None:
    """Collect the pattern table alone; `run` takes it as DATA."""
    from segmentry import pipeline
    from segmentry.outputs import whole_file

    with _Progress() as progress:
        progress("Reading the table")
        patterns = pipeline.collect(data, recipe)
        with whole_file(out) as path:
            patterns.save(path)
    typer.echo(f"{patterns.n_customers:,} customers in {patterns.n_patterns:,} patterns: {out}")


@app.command()
def merge(
    tables: Annotated[list[Path], typer.Argument(metavar="A.parquet B.parquet ...", help="Pattern tables.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Parquet file to write.")],
) -> None:
    """Add pattern tables of the same recipe up."""
    from segmentry.outputs import whole_file
    from segmentry.patterns import PatternTable

    first, *others = (PatternTable.load(_existing(path)) for path in tables)
    merged = first.merge(*others)
    with whole_file(out) as path:
        merged.save(path)
    typer.echo(f"{merged.n_customers:,} customers in {merged.n_patterns:,} patterns: {out}")


@app.command()
def sample(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help=".parquet, .csv or .tsv.")],
    rows: Annotated[int, typer.Option(help="How many households.", min=1)] = 10_000,
    seed: Annotated[int, typer.Option(help="Of every random draw.", min=0)] = 0,
    truth: Annotated[bool, typer.Option("--truth", help="Add the planted segment as true_segment.")] = False,
    dirt: Annotated[
        bool, typer.Option("--dirt", help="Add missing values, typing errors and twins.")
    ] = False,
) -> None:
    """Write generated households with planted segments, any number of rows."""
    from segmentry.datasets import write_sample

    with _Progress() as progress:
        progress(f"Writing {rows:,} households")
        write_sample(out, rows, seed=seed, truth=truth, dirt=dirt)
    typer.echo(f"{rows:,} households: {out}")


@app.command()
def demo(
    out: Out, rows: Annotated[int, typer.Option(help="How many households.", min=1_000)] = 10_000
) -> None:
    """Run the main job on generated sample customers."""
    import tempfile

    from segmentry import pipeline
    from segmentry.datasets import write_sample

    with _Progress() as progress, tempfile.TemporaryDirectory() as folder:
        progress(f"Generating {rows:,} households")
        data = Path(folder) / "households.parquet"
        write_sample(data, rows, dirt=True)
        result = pipeline.run(data, "households", out=out, progress=progress)
    _summary(result, out)


def _segments(text: str | None) -> int | str | None:
    if text is None or text == "auto":
        return text
    if not text.isdecimal() or int(text) < 1:
        raise DataError(f"--segments {text!r}: must be a number from 1, or auto")
    return int(text)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    return path


def _summary(result: Segmentation, out: Path) -> None:
    """Say what was found, what was left out, and where to look next."""
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
    typer.echo(f"Report: {out / 'report.html'}")


class _Progress:
    """A line that says what is being done and for how long; silent where nobody watches."""

    def __enter__(self) -> Callable[[str], None]:
        self._bar: Any = None
        if not sys.stderr.isatty():
            return lambda _: None
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._bar.start()
        task = self._bar.add_task("Starting", total=None)
        return lambda text: self._bar.update(task, description=text)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def main() -> None:
    """Run the command line."""
    try:
        app()
    except SegmentryError as error:
        typer.echo(f"segmentry: {' '.join(str(error).split())}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
