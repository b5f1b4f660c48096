"""The files that a run leaves: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from segmentry.engine import LoggedQuery
from segmentry.engine.targets import write_csv
from segmentry.runs.options import DECK, Formats
from segmentry.runs.partition import Partition
from segmentry.runs.reading import assign_customers_to_file
from segmentry.runs.sources import Customers
from segmentry.segmentation import Segmentation, tables_of
from segmentry.system.progress import Progress
from segmentry.system.protection import Replacing
from segmentry.system.whole_files import whole_folder
from segmentry.system.worker import WorkerProcess
from segmentry.text.inert import for_spreadsheet

NAMES = (
    "report.html", "report.json", "report.md", "report.xlsx", "report.pdf", DECK, "segmentation.json", "queries.sql", "charts",
    "assignments.csv", "assignments.parquet", "segments.csv", "features.csv", "outcomes.csv", "selection.csv", "targeting.csv",
    "strata.csv", "design.csv", "missing.csv", "migration.csv", "associations.csv", "rules.csv", "questions.csv", "comparison.csv",
    "ranking.csv", "gains.csv", "choices.csv",
)  # fmt: skip
"""Files and folders that a run may write."""


@contextmanager
def new_folder(out: Path | None, replacing: Replacing) -> Iterator[Path | None]:
    """Yield a folder to write into, whose content takes its place in `out` at the end; None where no files are asked for.

    Files of an earlier run in `out` are replaced, and those that this run does not write are removed, because they
    describe other segments.

    Raises
    ------
    DataError
        The folder cannot be written, or something would be replaced that may not be.
    """
    if out is None:
        yield None
        return
    with whole_folder(out, "segmentation", NAMES, replacing) as folder:
        yield folder


def write_assignments(folder: Path, customers: Customers, partition: Partition, formats: Formats) -> None:
    """Write the segment of every customer."""
    assign_customers_to_file(customers, partition, folder / "assignments.parquet")
    if formats.csv:
        write_csv(folder / "assignments.parquet", folder / "assignments.csv")


def write_files(
    result: Segmentation, folder: Path, formats: Formats, worker: WorkerProcess | None, say: Progress
) -> None:
    """Write the model, the tables and the report of a segmentation into a folder.

    Parameters
    ----------
    result
        Segmentation as it may be shown.
    folder
        Empty folder, or one with the assignments.
    formats
        Further forms that are asked for.
    worker
        Process that draws charts while the page is written; None to draw all of them here.
    say
        Function that is called at the start of each stage.
    """
    from segmentry.report import compose

    write_tables(result, folder)
    result.save(folder / "segmentation.json")
    (folder / "queries.sql").write_text(queries_text(result.queries), encoding="utf-8")
    say("Writing the report")
    report = compose(result)
    drawn = report.begin_charts(folder / "charts", worker)
    report.write_page(folder / "report.html")
    report.write_json(folder / "report.json")
    report.write_markdown(folder / "report.md")
    if formats.excel:
        report.write_excel(folder / "report.xlsx")
    if formats.slides is not None:
        say("Making the slides")
        report.write_slides(folder / DECK, formats.slides)
    if formats.pdf:
        say("Printing the report")
        report.write_pdf(folder / "report.pdf")
    say("Drawing the charts")
    report.write_charts(folder / "charts", drawn)


def write_tables(result: Segmentation, folder: Path) -> None:
    """Write the tables as CSV."""
    for name, table in tables_of(result).items():
        _for_people(table).to_csv(folder / f"{name}.csv", index=False)


def _for_people(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with texts that no spreadsheet takes for formulas."""

    def cell(value: object) -> object:
        return for_spreadsheet(value) if isinstance(value, str) else value

    texts = [n for n, kind in table.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
    plain = table.assign(**{str(n): table[n].map(cell) for n in texts})
    return plain.rename(columns=lambda name: cell(str(name)))


def queries_text(queries: tuple[LoggedQuery, ...]) -> str:
    """Write all queries that ran, numbered, each with the question that it answered."""
    parts = [f"-- {i}. {_one_line(q.purpose)}{_rows(q.rows)}\n{q.sql};\n" for i, q in enumerate(queries, 1)]
    return "\n".join(parts) or "-- No query ran: the patterns were given.\n"


def _rows(n: int | None) -> str:
    return "" if n is None else f" ({n:,} row{'s' if n != 1 else ''})"


def _one_line(text: str) -> str:
    return " ".join(text.split())
